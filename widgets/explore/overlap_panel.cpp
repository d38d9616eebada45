#include "widgets/explore/overlap_panel.h"

#include "widgets/theme/theme.h"

#include <QGridLayout>
#include <QLabel>

namespace apiary::widgets {

OverlapPanel::OverlapPanel(QWidget *parent) : QWidget(parent)
{
    const Theme &theme = Theme::instance();
    setAccessibleName(tr("overlap@%1 with interaction neighbours").arg(overlapLength));
    setToolTip(tr("How many of the %1 nearest items an encoder shares with the %1 nearest by interactions. "
                  "Items that were held out show what the tuned encoder learned rather than remembered.")
                   .arg(overlapLength));
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(space::section);
    grid->setVerticalSpacing(2);
    const auto label = [&](const QString &text, bool muted, Qt::Alignment alignment, int row, int column) {
        auto *made = new QLabel(text);
        made->setFont(theme.smallFont());
        made->setAlignment(alignment | Qt::AlignVCenter);
        if (muted)
            theme.makeMuted(made);
        grid->addWidget(made, row, column);
        return made;
    };
    auto *corner = label(tr("overlap@%1").arg(overlapLength), false, Qt::AlignLeft, 0, 0);
    QFont strong = corner->font();
    strong.setWeight(QFont::DemiBold);
    corner->setFont(strong);
    label(tr("base – interactions"), true, Qt::AlignLeft, 1, 0);
    label(tr("tuned – interactions"), true, Qt::AlignLeft, 2, 0);
    const std::array<QString, columns> heads{tr("this item"), roleName(data::ItemRole::Train),
                                             roleName(data::ItemRole::Validation), roleName(data::ItemRole::Test)};
    const int width = QFontMetrics(theme.smallFont()).horizontalAdvance(QStringLiteral("10.00/%1").arg(overlapLength));
    for (int column = 0; column < columns; ++column) {
        m_head[column] = label(heads[static_cast<std::size_t>(column)], true, Qt::AlignRight, 0, column + 1);
        for (int row = 0; row < rows; ++row) {
            m_cells[row][column] = label(QStringLiteral("–"), false, Qt::AlignRight, row + 1, column + 1);
            m_cells[row][column]->setMinimumWidth(width);
        }
    }
    present(nullptr, nullptr);
}

QString OverlapPanel::text(int row, int column) const
{
    return m_cells[row][column]->text();
}

void OverlapPanel::present(const run::ExploreSession *session, const Neighbourhood *neighbourhood)
{
    const int own[rows] = {neighbourhood ? neighbourhood->baseShared : -1, neighbourhood ? neighbourhood->tunedShared : -1};
    const explore::RoleOverlap *means[rows] = {session && session->base ? &session->baseOverlap : nullptr,
                                               session && session->tuned ? &session->tunedOverlap : nullptr};
    static const char *const encoders[rows] = {QT_TR_NOOP("base encoder"), QT_TR_NOOP("tuned encoder")};
    for (int row = 0; row < rows; ++row) {
        m_cells[row][0]->setText(own[row] < 0 ? QStringLiteral("–")
                                              : QStringLiteral("%1/%2").arg(own[row]).arg(overlapLength));
        m_cells[row][0]->setAccessibleName(tr("%1, this item: %2").arg(tr(encoders[row]), m_cells[row][0]->text()));
        for (int role = 0; role < columns - 1; ++role) {
            auto *cell = m_cells[row][role + 1];
            const bool known = means[row] && means[row]->items[role] > 0;
            const QString shared = known ? QString::number(means[row]->mean[role] * overlapLength, 'f', 2) : QString();
            cell->setText(known ? QStringLiteral("%1/%2").arg(shared).arg(overlapLength) : QStringLiteral("–"));
            const QString name = roleName(static_cast<data::ItemRole>(role));
            cell->setAccessibleName(tr("%1, mean of items %2: %3").arg(tr(encoders[row]), name, cell->text()));
            cell->setToolTip(known ? tr("Mean over %1 items: %2 of %3 shared")
                                         .arg(format::count(means[row]->items[role]), shared)
                                         .arg(overlapLength)
                                   : QString());
        }
    }
}

} // namespace apiary::widgets
