#include "widgets/data/rank_plot.h"

#include "widgets/plot/plot_style.h"
#include "widgets/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace apiary::widgets {

namespace {

/// The share of interactions that the first tenth of the ranks has.
double topTenth(const data::Curve &curve)
{
    if (curve.rank.empty())
        return 0;
    const std::int64_t tenth = std::max<std::int64_t>(1, curve.rank.back() / 10);
    const auto at = std::lower_bound(curve.rank.begin(), curve.rank.end(), tenth);
    return curve.share[std::min(static_cast<std::size_t>(at - curve.rank.begin()), curve.share.size() - 1)];
}

QString percent(double share)
{
    return RankPlot::tr("%1 %").arg(100 * share, 0, 'f', share < 0.1 ? 1 : 0);
}

/// Powers of ten as whole numbers.
class DecadeTicker : public QCPAxisTickerLog {
public:
    DecadeTicker() { setSubTickCount(8); }

protected:
    QString getTickLabel(double tick, const QLocale &, QChar, int) override
    {
        return tick < 1 ? QString() : format::count(std::llround(tick));
    }
};

} // namespace

RankPlot::RankPlot(QWidget *parent) : FactPlot(tr("Popularity of items and activity of users"), parent)
{
    setMinimumSize(320, 150);
}

void RankPlot::present(FactsPtr facts)
{
    m_facts = std::move(facts);
    QString summary;
    if (m_facts && !m_facts->items.count.empty())
        summary =
            tr("The most popular of %1 items has %2 users; the first tenth of items has %3 of the interactions. The "
               "most active of %4 users has %5 items; the first tenth of users has %6.")
                .arg(format::count(m_facts->items.rank.back()), format::count(m_facts->items.count.front()),
                     percent(topTenth(m_facts->items)), format::count(m_facts->users.rank.back()),
                     format::count(m_facts->users.count.front()), percent(topTenth(m_facts->users)));
    setAccessibleDescription(summary);
    redraw();
}

void RankPlot::drawCurve(QCPAxisRect *rect, const data::Curve &curve, const QString &across, const QString &up)
{
    const Theme &theme = Theme::instance();
    auto *x = rect->axis(QCPAxis::atBottom);
    auto *y = rect->axis(QCPAxis::atLeft);
    for (auto *axis : {x, y}) {
        axis->setScaleType(QCPAxis::stLogarithmic);
        axis->setTicker(QSharedPointer<DecadeTicker>::create());
        axis->setSubTicks(true);
    }
    x->setLabel(across);
    y->setLabel(up);
    QVector<double> ranks, counts;
    for (std::size_t i = 0; i < curve.rank.size(); ++i) {
        if (curve.count[i] < 1)
            break; // a logarithm knows no zero: items that nobody chose end the curve
        ranks.append(static_cast<double>(curve.rank[i]));
        counts.append(static_cast<double>(curve.count[i]));
    }
    auto *graph = addGraph(x, y);
    graph->setData(ranks, counts, true);
    graph->setPen(QPen(theme.interactions(), 1.5));
    if (ranks.size() < 3)
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, 5));
    constexpr double margin = 1.25;
    x->setRange(1 / margin, std::max(10.0, ranks.isEmpty() ? 10.0 : ranks.last()) * margin);
    y->setRange(1 / margin, std::max(10.0, counts.isEmpty() ? 10.0 : counts.first()) * margin * 1.6);
    addNote(rect, tr("Gini %1 · first tenth: %2").arg(format::number(curve.gini, 3), percent(topTenth(curve))),
            Qt::AlignRight | Qt::AlignTop);
}

void RankPlot::drawPanels()
{
    if (!m_facts)
        return;
    drawCurve(addPanel(0), m_facts->items, tr("item, by popularity"), tr("users of the item"));
    drawCurve(addPanel(1), m_facts->users, tr("user, by activity"), tr("items of the user"));
    plotLayout()->setColumnSpacing(space::group);
}

QString RankPlot::readOut(const QPointF &point) const
{
    for (int panel = 0; m_facts && panel < axisRectCount(); ++panel) {
        const auto *rect = axisRect(panel);
        if (!rect->rect().contains(point.toPoint()))
            continue;
        const data::Curve &curve = panel == 0 ? m_facts->items : m_facts->users;
        const double rank = rect->axis(QCPAxis::atBottom)->pixelToCoord(point.x());
        const auto at = std::lower_bound(curve.rank.begin(), curve.rank.end(),
                                         static_cast<std::int64_t>(std::max(1.0, std::round(rank))));
        if (at == curve.rank.end())
            return {};
        const auto i = static_cast<std::size_t>(at - curve.rank.begin());
        const QString text = panel == 0 ? tr("item %1 of %2: %3 users\nup to here: %4 of all interactions")
                                        : tr("user %1 of %2: %3 items\nup to here: %4 of all interactions");
        return text.arg(format::count(curve.rank[i]), format::count(curve.rank.back()), format::count(curve.count[i]),
                        percent(curve.share[i]));
    }
    return {};
}

QString RankPlot::csv() const
{
    QString text = QStringLiteral("of,rank,interactions,share\n");
    if (!m_facts)
        return text;
    const auto add = [&](const QString &of, const data::Curve &curve) {
        for (std::size_t i = 0; i < curve.rank.size(); ++i)
            text += QStringLiteral("%1,%2,%3,%4\n")
                        .arg(of)
                        .arg(curve.rank[i])
                        .arg(curve.count[i])
                        .arg(QString::number(curve.share[i], 'g', 17));
    };
    add(QStringLiteral("items"), m_facts->everyItem);
    add(QStringLiteral("users"), m_facts->everyUser);
    return text;
}

} // namespace apiary::widgets
