// How the left side of the Encoders page is put together.
#include "widgets/encoders/encoder_settings.h"
#include "widgets/encoders/encoders_page.h"
#include "widgets/theme/parts.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace apiary::widgets {

QWidget *EncodersPage::makeList()
{
    m_list = makeRowList(m_model, tr("Encoders of this machine"), 10);
    const int widths[] = {30, 16, 14, 14, 14, 13};
    const int unit = QFontMetrics(font()).averageCharWidth();
    for (int i = 0; i < EncoderListModel::ColumnCount; ++i)
        m_list->setColumnWidth(i, unit * widths[i]);
    m_list->horizontalHeader()->setSectionResizeMode(EncoderListModel::Name, QHeaderView::Stretch);
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] { present(); });
    connect(m_list, &QTableView::activated, this, [this] {
        if (const ListedEncoder *encoder = selected(); encoder && encoder->card.error.empty())
            Q_EMIT useRequested(QString::fromStdString(encoder->known.folder.string()));
    });
    auto *remove = new QAction(tr("Remove"), m_list);
    remove->setShortcut(QKeySequence(Qt::Key_Delete));
    remove->setShortcutContext(Qt::WidgetShortcut);
    connect(remove, &QAction::triggered, this, &EncodersPage::removeSelected);
    m_list->addAction(remove);

    m_settings = new EncoderSettings;
    auto *panel = new QWidget;
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, space::group, 0);
    layout->setSpacing(space::group);
    m_place = new QStackedWidget;
    m_place->addWidget(m_list);
    layout->addWidget(m_place, 1);
    layout->addWidget(makeFetchStrip());
    layout->addWidget(hairline());
    layout->addWidget(m_settings);
    return panel;
}

QWidget *EncodersPage::makeFetchStrip()
{
    m_strip = new QWidget;
    m_strip->setAccessibleName(tr("Fetching"));
    m_stage = new QLabel;
    m_stage->setTextFormat(Qt::PlainText);
    m_amount = new QLabel;
    m_amount->setFont(Theme::instance().numberFont());
    m_amount->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_amount->setMinimumWidth(QFontMetrics(font()).horizontalAdvance(
        QStringLiteral("999.9 MiB of 999.9 MiB · 999.9 MiB/s · 59 min 59 s left")));
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(8);
    m_bar->setAccessibleName(tr("Part that has been fetched"));
    m_cancel = makeToolButton(QStringLiteral("stop"), tr("Cancel"),
                              tr("Stop fetching; what has arrived is kept for the next time"));
    m_cancel->setObjectName(QStringLiteral("cancelFetch"));
    connect(m_cancel, &QToolButton::clicked, this, &EncodersPage::cancelFetch);
    auto *texts = new QHBoxLayout;
    texts->addWidget(m_stage, 1);
    texts->addWidget(m_amount);
    auto *left = new QVBoxLayout;
    left->setSpacing(space::tight);
    left->addLayout(texts);
    left->addWidget(m_bar);
    auto *layout = new QHBoxLayout(m_strip);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addLayout(left, 1);
    layout->addWidget(m_cancel);
    m_strip->hide();
    return m_strip;
}

} // namespace apiary::widgets
