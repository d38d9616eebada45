#include "widgets/explore/overlap_panel.h"

#include "widgets/theme/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int mostRows = 10; ///< without scrolling
constexpr int widestName = 190;

/// A small square in the colour of its column.
class Swatch : public QWidget {
public:
    Swatch() { setFixedSize(10, 10); }
    void setColumn(const ExploreColumn &column)
    {
        m_column = column;
        update();
    }

protected:
    void paintEvent(QPaintEvent *) override { QPainter(this).fillRect(rect(), columnColour(m_column)); }

private:
    ExploreColumn m_column;
};

} // namespace

OverlapPanel::OverlapPanel(QWidget *parent) : QWidget(parent), m_body(new QWidget)
{
    const Theme &theme = Theme::instance();
    setAccessibleName(tr("overlap@%1 with interaction neighbours").arg(overlapLength));
    setToolTip(tr("How many of the %1 nearest items an encoder shares with the %1 nearest by interactions. "
                  "Items that were held out show what the tuned encoder learned rather than remembered.")
                   .arg(overlapLength));
    m_grid = new QGridLayout(m_body);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(space::section);
    m_grid->setVerticalSpacing(2);
    auto *corner = label(tr("overlap@%1 with interactions").arg(overlapLength), false, Qt::AlignLeft);
    QFont strong = corner->font();
    strong.setWeight(QFont::DemiBold);
    corner->setFont(strong);
    m_grid->addWidget(corner, 0, 0, 1, 2);
    const std::array<QString, columns> heads{tr("this item"), roleName(data::ItemRole::Train),
                                             roleName(data::ItemRole::Validation), roleName(data::ItemRole::Test)};
    m_cellWidth = QFontMetrics(theme.smallFont()).horizontalAdvance(QStringLiteral("10.00/%1").arg(overlapLength));
    for (int column = 0; column < columns; ++column)
        m_grid->addWidget(label(heads[static_cast<std::size_t>(column)], true, Qt::AlignRight), 0, column + 2);
    m_grid->setColumnMinimumWidth(0, 10);

    auto *scroll = new QScrollArea;
    scroll->setWidget(m_body);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->viewport()->setAutoFillBackground(false);
    m_body->setAutoFillBackground(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    present({}, nullptr);
}

QLabel *OverlapPanel::label(const QString &text, bool muted, Qt::Alignment alignment) const
{
    auto *made = new QLabel(text);
    made->setFont(Theme::instance().smallFont());
    made->setAlignment(alignment | Qt::AlignVCenter);
    if (muted)
        Theme::instance().makeMuted(made);
    return made;
}

QString OverlapPanel::text(int row, int column) const
{
    return m_rows[static_cast<std::size_t>(row)].cells[static_cast<std::size_t>(column)]->text();
}

void OverlapPanel::addRow()
{
    const int place = static_cast<int>(m_rows.size()) + 1;
    Row row{label({}, true, Qt::AlignLeft), new Swatch, {}};
    m_grid->addWidget(row.swatch, place, 0, Qt::AlignVCenter);
    m_grid->addWidget(row.name, place, 1);
    for (int column = 0; column < columns; ++column) {
        auto *cell = label({}, false, Qt::AlignRight);
        cell->setMinimumWidth(m_cellWidth);
        m_grid->addWidget(cell, place, column + 2);
        row.cells[static_cast<std::size_t>(column)] = cell;
    }
    // Shown at once: the layout leaves hidden widgets out when it is asked for its size.
    row.swatch->show();
    row.name->show();
    for (auto *cell : row.cells)
        cell->show();
    m_rows.push_back(row);
}

void OverlapPanel::removeRow()
{
    const Row row = m_rows.back();
    m_rows.pop_back();
    delete row.name;
    delete row.swatch;
    for (auto *cell : row.cells)
        delete cell;
}

void OverlapPanel::fill(Row &row, const ExploreColumn &column, const Neighbourhood *neighbourhood)
{
    const QString name = columnName(column);
    row.name->setText(QFontMetrics(row.name->font()).elidedText(name, Qt::ElideMiddle, widestName));
    row.name->setToolTip(name);
    static_cast<Swatch *>(row.swatch)->setColumn(column);
    const auto *list = neighbourhood ? neighbourhood->find(column.key) : nullptr;
    const bool known = column.encoder && list && list->shared >= 0;
    row.cells[0]->setText(known ? QStringLiteral("%1/%2").arg(list->shared).arg(overlapLength) : QStringLiteral("–"));
    row.cells[0]->setAccessibleName(tr("%1, this item: %2").arg(name, row.cells[0]->text()));
    for (std::size_t role = 0; role < columns - 1; ++role) {
        auto *cell = row.cells[role + 1];
        const auto *mean =
            column.encoder && column.encoder->overlap.items[role] > 0 ? &column.encoder->overlap : nullptr;
        const QString shared = mean ? QString::number(mean->mean[role] * overlapLength, 'f', 2) : QString();
        cell->setText(mean ? QStringLiteral("%1/%2").arg(shared).arg(overlapLength) : QStringLiteral("–"));
        cell->setAccessibleName(
            tr("%1, mean of items %2: %3").arg(name, roleName(static_cast<data::ItemRole>(role)), cell->text()));
        cell->setToolTip(mean ? tr("Mean over %1 items: %2 of %3 shared")
                                    .arg(format::count(mean->items[role]), shared)
                                    .arg(overlapLength)
                              : QString());
    }
}

void OverlapPanel::present(const ExploreColumns &shown, const Neighbourhood *neighbourhood)
{
    const auto wanted = static_cast<std::size_t>(std::count_if(
        shown.begin(), shown.end(), [](const auto &column) { return column.kind != ColumnKind::Interactions; }));
    const bool resized = wanted != m_rows.size();
    while (m_rows.size() > wanted)
        removeRow();
    while (m_rows.size() < wanted)
        addRow();
    std::size_t row = 0;
    for (const auto &column : shown)
        if (column.kind != ColumnKind::Interactions)
            fill(m_rows[row++], column, neighbourhood);
    if (!resized && minimumWidth() >= m_body->sizeHint().width())
        return;
    // As high as its rows, up to the most; the bar gets its own room beyond that.
    m_grid->invalidate();
    const QSize all = m_body->sizeHint();
    const int line = QFontMetrics(Theme::instance().smallFont()).height() + m_grid->verticalSpacing();
    const bool scrolls = static_cast<int>(wanted) > mostRows;
    setFixedHeight(scrolls ? line * (mostRows + 1) + line / 2 : all.height());
    setMinimumWidth(all.width() + (scrolls ? QScrollBar(Qt::Vertical).sizeHint().width() + space::group : 0));
}

} // namespace apiary::widgets
