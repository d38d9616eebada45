#include "widgets/data/parts.h"

#include "widgets/data/rows_model.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QFrame>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <cmath>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("apiary::widgets::DataPage", text);
}

} // namespace

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
    const auto colour = [line] {
        QPalette p;
        p.setColor(QPalette::WindowText, Theme::instance().border());
        line->setPalette(p);
    };
    colour();
    QObject::connect(&Theme::instance(), &Theme::changed, line, colour);
    return line;
}

QTableView *rowsView(RowsModel *model, const QString &accessibleName)
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
    view->verticalHeader()->setDefaultSectionSize(QFontMetrics(view->font()).height() + 8);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setMinimumSectionSize(40);
    view->setAccessibleName(accessibleName);
    return view;
}

void setColumnWidths(QTableView *view, const std::vector<int> &characters, int stretch)
{
    const int unit = QFontMetrics(view->font()).averageCharWidth();
    for (std::size_t i = 0; i < characters.size(); ++i)
        view->setColumnWidth(static_cast<int>(i), unit * characters[i]);
    if (stretch >= 0 && stretch < view->model()->columnCount())
        view->horizontalHeader()->setSectionResizeMode(stretch, QHeaderView::Stretch);
}

QString progressText(const Progress &progress)
{
    const bool bytes = progress.unit == "bytes";
    const auto amount = [&](double value) {
        return bytes ? format::memory(static_cast<qint64>(value)) : format::count(static_cast<qint64>(value));
    };
    const QString unit = bytes ? QString() : u' ' + QString::fromStdString(progress.unit);
    QString text = progress.total > 0 ? tr("%1 of %2")
                                                .arg(amount(static_cast<double>(progress.done)),
                                                     amount(static_cast<double>(progress.total))) +
                                            unit
                                      : amount(static_cast<double>(progress.done)) + unit;
    if (progress.rate > 0)
        text += bytes ? tr(" · %1/s").arg(amount(progress.rate)) : tr(" · %1 a second").arg(amount(progress.rate));
    if (progress.secondsLeft >= 0 && progress.total > 0 && progress.done < progress.total)
        text += tr(" · %1 left")
                    .arg(progress.secondsLeft < 59 ? tr("%1 s").arg(std::ceil(progress.secondsLeft))
                                                   : format::duration(std::ceil(progress.secondsLeft)));
    return text;
}

QString delimiterText(const std::string &delimiter)
{
    return delimiter == ","                          ? tr("comma")
           : delimiter == ";"                        ? tr("semicolon")
           : delimiter == "\t" || delimiter == "\\t" ? tr("tab")
           : delimiter == " "                        ? tr("space")
                                                     : QString::fromStdString(delimiter);
}

} // namespace apiary::widgets
