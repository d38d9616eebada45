#include "widgets/theme/parts.h"

#include <QFrame>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QToolButton>

namespace apiary::widgets {

QLabel *strongLabel(const QString &text)
{
    auto *label = new QLabel(text);
    label->setFont(Theme::instance().strongFont());
    label->setForegroundRole(QPalette::WindowText);
    return label;
}

QLabel *mutedLabel(const QString &text)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    Theme::instance().makeMuted(label);
    label->setForegroundRole(QPalette::WindowText);
    return label;
}

QFrame *hairline()
{
    auto *line = new QFrame;
    line->setFrameShape(QFrame::HLine);
    line->setFrameShadow(QFrame::Plain);
    line->setFixedHeight(1);
    const auto colour = [line] {
        QPalette p;
        p.setColor(QPalette::WindowText, Theme::instance().border());
        line->setPalette(p);
    };
    colour();
    QObject::connect(&Theme::instance(), &Theme::changed, line, colour);
    return line;
}

QToolButton *makeToolButton(const QString &icon, const QString &text, const QString &toolTip)
{
    auto *button = new QToolButton;
    button->setIcon(Theme::instance().icon(icon));
    button->setText(text);
    button->setAccessibleName(text);
    button->setToolTip(toolTip);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

QTableView *makeRowList(QAbstractItemModel *model, const QString &accessibleName, int air)
{
    auto *view = new QTableView;
    view->setModel(model);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setSelectionMode(QAbstractItemView::SingleSelection);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setTabKeyNavigation(false);
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(QFontMetrics(view->font()).height() + air);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setMinimumSectionSize(40);
    view->setAccessibleName(accessibleName);
    return view;
}

} // namespace apiary::widgets
