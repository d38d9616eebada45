#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/state.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/interactions.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace apiary::recsys {

namespace {

struct SansaParameters {
    double l2 = 500;
    double density = 0.01;

    static std::vector<Parameter<SansaParameters>> table()
    {
        using P = SansaParameters;
        return {number("l2", &P::l2, 1e-3, 1e9, "Weight of the L2 penalty on the item-to-item weights."),
                number("weight_matrix_density", &P::density, 1e-6, 1,
                       "Share of all pairs of items that may have a weight: memory and time grow with it.")};
    }
};

/// XᵀX in compressed rows: who shares users with whom, and how many.
struct Shared {
    std::vector<std::int64_t> offsets{0};
    std::vector<std::int32_t> items;
    std::vector<float> counts;
};

Shared sharedUsers(const CsrView &interactions, const FitContext &context)
{
    const Csr users = data::transposed(interactions);
    const std::int64_t n = interactions.cols;
    struct Row {
        std::vector<std::int32_t> items;
        std::vector<float> counts;
    };
    std::vector<Row> rows(static_cast<std::size_t>(n));
    constexpr std::int64_t rowsATask = 64;
    const std::int64_t tasks = (n + rowsATask - 1) / rowsATask;
    parallelTasks(tasks, threadCount(context.threads, tasks), [&](std::int64_t task) {
        throwIfStopped(context.stop);
        std::vector<float> sums(static_cast<std::size_t>(n), 0.0F);
        for (std::int64_t j = task * rowsATask; j < std::min(n, (task + 1) * rowsATask); ++j) {
            Row &row = rows[static_cast<std::size_t>(j)];
            for (const std::int32_t user : users.view().row(j))
                for (const std::int32_t item : interactions.row(user))
                    if (sums[static_cast<std::size_t>(item)]++ == 0)
                        row.items.push_back(item);
            std::sort(row.items.begin(), row.items.end());
            for (const std::int32_t item : row.items)
                row.counts.push_back(std::exchange(sums[static_cast<std::size_t>(item)], 0.0F));
        }
    });
    Shared result;
    for (Row &row : rows) {
        result.items.insert(result.items.end(), row.items.begin(), row.items.end());
        result.counts.insert(result.counts.end(), row.counts.begin(), row.counts.end());
        result.offsets.push_back(static_cast<std::int64_t>(result.items.size()));
        row = {};
    }
    return result;
}

/// EASE with few weights. Where SANSA (Spišák et al., RecSys 2023) factorises XᵀX + λI incompletely and inverts the
/// factor approximately, here each item's column has the places of the items most similar to it (by cosine), and the
/// weights there minimise EASE's loss exactly: an approximate inverse over a pattern given beforehand (Benson 1973;
/// Steck, NeurIPS 2019, for recommenders). With places for all it is EASE, if every
/// two items share a user.
class Sansa final : public Recommender {
public:
    explicit Sansa(SansaParameters parameters) : m_parameters(parameters) {}

    std::string name() const override { return "sansa"; }
    std::string kind() const override { return "sansa"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        const Shared shared = sharedUsers(interactions, context);
        const std::int64_t n = interactions.cols;
        const auto places = std::clamp<std::int64_t>(
            static_cast<std::int64_t>(std::llround(m_parameters.density * static_cast<double>(n))), 1, n);
        std::vector<Column> columns(static_cast<std::size_t>(n));
        constexpr std::int64_t columnsATask = 16;
        const std::int64_t tasks = (n + columnsATask - 1) / columnsATask;
        ProgressMeter meter("solving for item weights", "items", tasks * columnsATask, context.progress);
        parallelTasks(
            tasks, threadCount(context.threads, tasks),
            [&](std::int64_t task) {
                std::vector<std::int32_t> place(static_cast<std::size_t>(n), -1);
                for (std::int64_t j = task * columnsATask; j < std::min(n, (task + 1) * columnsATask); ++j) {
                    throwIfStopped(context.stop);
                    columns[static_cast<std::size_t>(j)] = solve(shared, j, places, place);
                }
            },
            [&](std::int64_t done) { meter.advance(done * columnsATask); });
        store(columns);
    }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), m_items, sources);
        sumItemWeights({m_offsets, m_targets, m_weights}, sources, firstUser, candidates, scores);
    }

    void saveState(StateWriter &state) const override
    {
        state.put("offsets", m_offsets);
        state.put("targets", m_targets);
        state.put("weights", m_weights);
    }

    void loadState(const StateReader &state) override
    {
        m_weights = state.floatVector("weights");
        const auto count = static_cast<std::int64_t>(m_weights.size());
        m_offsets = state.offsets("offsets", count);
        m_items = static_cast<std::int64_t>(m_offsets.size()) - 1;
        m_targets = state.indices("targets", 0, m_items - 1, count);
    }

private:
    /// The weights that predict one item.
    struct Column {
        std::vector<std::int32_t> items; ///< ascending
        std::vector<float> weights;
    };

    /// (G_SS + λI)·w = G_Sj over the pattern S. `place` holds −1 everywhere before and after.
    Column solve(const Shared &shared, std::int64_t j, std::int64_t places, std::vector<std::int32_t> &place) const
    {
        const auto rowOf = [&](std::int64_t item) {
            const auto begin = static_cast<std::size_t>(shared.offsets[static_cast<std::size_t>(item)]);
            const auto end = static_cast<std::size_t>(shared.offsets[static_cast<std::size_t>(item) + 1]);
            return std::pair(std::span(shared.items).subspan(begin, end - begin),
                             std::span(shared.counts).subspan(begin, end - begin));
        };
        Column column;
        column.items = pattern(shared, j, places);
        const auto size = static_cast<Eigen::Index>(column.items.size());
        if (size == 0)
            return column;
        for (std::size_t k = 0; k < column.items.size(); ++k)
            place[static_cast<std::size_t>(column.items[k])] = static_cast<std::int32_t>(k);
        Eigen::MatrixXf matrix = Eigen::MatrixXf::Zero(size, size);
        Eigen::VectorXf right = Eigen::VectorXf::Zero(size);
        for (Eigen::Index k = 0; k < size; ++k) {
            const auto [items, counts] = rowOf(column.items[static_cast<std::size_t>(k)]);
            for (std::size_t e = 0; e < items.size(); ++e) {
                if (items[e] == j)
                    right(k) = counts[e];
                if (const std::int32_t at = place[static_cast<std::size_t>(items[e])]; at >= 0)
                    matrix(at, k) = counts[e];
            }
            matrix(k, k) += static_cast<float>(m_parameters.l2);
        }
        for (const std::int32_t item : column.items)
            place[static_cast<std::size_t>(item)] = -1;
        const Eigen::LLT<Eigen::Ref<Eigen::MatrixXf>> factor(matrix);
        if (factor.info() != Eigen::Success)
            throw Error("the weights of an item have no single solution",
                        "recommender sansa, item " + std::to_string(j), "choose a larger l2");
        factor.solveInPlace(right);
        column.weights.assign(right.data(), right.data() + size);
        return column;
    }

    /// The items most similar to j, ascending; ties by the smaller item.
    static std::vector<std::int32_t> pattern(const Shared &shared, std::int64_t j, std::int64_t places)
    {
        const auto degree = [&](std::int64_t item) {
            const auto begin = shared.items.begin() + shared.offsets[static_cast<std::size_t>(item)];
            const auto end = shared.items.begin() + shared.offsets[static_cast<std::size_t>(item) + 1];
            const auto self = std::lower_bound(begin, end, static_cast<std::int32_t>(item));
            return shared.counts[static_cast<std::size_t>(self - shared.items.begin())];
        };
        struct Near {
            float similarity;
            std::int32_t item;
        };
        std::vector<Near> near;
        for (auto at = shared.offsets[static_cast<std::size_t>(j)];
             at < shared.offsets[static_cast<std::size_t>(j) + 1]; ++at) {
            const std::int32_t item = shared.items[static_cast<std::size_t>(at)];
            if (item != j)
                near.push_back({shared.counts[static_cast<std::size_t>(at)] / std::sqrt(degree(item)), item});
        }
        if (static_cast<std::int64_t>(near.size()) > places) {
            std::nth_element(near.begin(), near.begin() + places, near.end(), [](const Near &a, const Near &b) {
                return a.similarity != b.similarity ? a.similarity > b.similarity : a.item < b.item;
            });
            near.resize(static_cast<std::size_t>(places));
        }
        std::vector<std::int32_t> items;
        for (const Near &each : near)
            items.push_back(each.item);
        std::sort(items.begin(), items.end());
        return items;
    }

    /// Columns by rows, as score() reads them.
    void store(const std::vector<Column> &columns)
    {
        m_items = static_cast<std::int64_t>(columns.size());
        m_offsets.assign(columns.size() + 1, 0);
        for (const Column &column : columns)
            for (const std::int32_t item : column.items)
                ++m_offsets[static_cast<std::size_t>(item) + 1];
        for (std::size_t j = 1; j < m_offsets.size(); ++j)
            m_offsets[j] += m_offsets[j - 1];
        m_targets.resize(static_cast<std::size_t>(m_offsets.back()));
        m_weights.resize(m_targets.size());
        std::vector<std::int64_t> next(m_offsets.begin(), m_offsets.end() - 1);
        for (std::size_t j = 0; j < columns.size(); ++j)
            for (std::size_t k = 0; k < columns[j].items.size(); ++k) {
                const auto at = static_cast<std::size_t>(next[static_cast<std::size_t>(columns[j].items[k])]++);
                m_targets[at] = static_cast<std::int32_t>(j);
                m_weights[at] = columns[j].weights[k];
            }
    }

    SansaParameters m_parameters;
    std::int64_t m_items = 0;
    std::vector<std::int64_t> m_offsets; ///< rows of source items
    std::vector<std::int32_t> m_targets;
    std::vector<float> m_weights;
};

} // namespace

Kind sansaKind()
{
    return kindOf<SansaParameters>(
        {.kind = "sansa",
         .label = "SANSA-like",
         .help = "EASE with few weights: for catalogues whose square does not fit into memory. The weights are solved "
                 "for item by item over its nearest items, not by SANSA's factorisation.",
         .source =
             "After Spišák et al., Scalable Approximate NonSymmetric Autoencoder, RecSys 2023; weights as in Steck, "
             "Markov Random Fields for Collaborative Filtering, NeurIPS 2019"},
        [](const SansaParameters &p) { return std::make_unique<Sansa>(p); });
}

} // namespace apiary::recsys
