#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/state.h"

#include "base/cancel.h"
#include "data/interactions.h"

#include <algorithm>
#include <cmath>

namespace apiary::recsys {

namespace {

struct ItemKnnParameters {
    std::int64_t neighbours = 200;
    double shrink = 0;
    bool normalizeX = false;
    bool normalizeSim = false;

    static std::vector<Parameter<ItemKnnParameters>> table()
    {
        using P = ItemKnnParameters;
        return {
            whole("K", &P::neighbours, 1, 1e6, "Neighbours kept of each item, itself not counted."),
            number("shrink", &P::shrink, 0, 1e9,
                   "Added to the product of two items' norms: lowers the similarity of rare items."),
            flag("normalize_X", &P::normalizeX, "Let a user count for less the more items they have (rows of sum 1)."),
            flag("normalize_sim", &P::normalizeSim, "Scale each item's similarities to a sum of 1.")};
    }
};

struct Neighbour {
    std::int32_t item;
    float similarity;
};

/// Larger similarities first, ties by the smaller item.
bool nearer(const Neighbour &a, const Neighbour &b)
{
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.item < b.item;
}

/// Cosine similarity of the items' columns (Sarwar et al. 2001), the K nearest of each; scores are the sums of the
/// source items' similarities.
class ItemKnn final : public Recommender {
public:
    explicit ItemKnn(ItemKnnParameters parameters) : m_parameters(parameters) {}

    std::string name() const override { return "item-knn"; }
    std::string kind() const override { return "item-knn"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        const std::int64_t items = interactions.cols;
        const Csr users = data::transposed(interactions);
        std::vector<float> weights(static_cast<std::size_t>(interactions.rows), 1.0F); // squared weight of a user
        if (m_parameters.normalizeX)
            for (std::int64_t u = 0; u < interactions.rows; ++u) {
                const auto count = static_cast<float>(std::max<std::size_t>(1, interactions.row(u).size()));
                weights[static_cast<std::size_t>(u)] = 1.0F / (count * count);
            }
        std::vector<double> norms(static_cast<std::size_t>(items));
        for (std::int64_t j = 0; j < items; ++j) {
            double square = 0;
            for (const std::int32_t user : users.view().row(j))
                square += weights[static_cast<std::size_t>(user)];
            norms[static_cast<std::size_t>(j)] = std::sqrt(square);
        }

        std::vector<std::vector<Neighbour>> nearest(static_cast<std::size_t>(items));
        constexpr std::int64_t itemsATask = 64;
        const std::int64_t tasks = (items + itemsATask - 1) / itemsATask;
        ProgressMeter meter("comparing items", "items", tasks * itemsATask, context.progress);
        parallelTasks(
            tasks, threadCount(context.threads, tasks),
            [&](std::int64_t task) {
                throwIfStopped(context.stop);
                std::vector<float> sums(static_cast<std::size_t>(items), 0.0F);
                std::vector<Neighbour> found;
                for (std::int64_t j = task * itemsATask; j < std::min(items, (task + 1) * itemsATask); ++j) {
                    similarities(interactions, users, weights, norms, j, sums, found);
                    nearest[static_cast<std::size_t>(j)] = found;
                }
            },
            [&](std::int64_t done) { meter.advance(done * itemsATask); });

        m_items = items;
        m_offsets.assign(1, 0);
        m_neighbours.clear();
        m_similarities.clear();
        for (const auto &row : nearest) {
            for (const Neighbour &each : row) {
                m_neighbours.push_back(each.item);
                m_similarities.push_back(each.similarity);
            }
            m_offsets.push_back(static_cast<std::int64_t>(m_neighbours.size()));
        }
    }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), m_items, sources);
        sumItemWeights({m_offsets, m_neighbours, m_similarities}, sources, firstUser, candidates, scores);
    }

    void saveState(StateWriter &state) const override
    {
        state.put("offsets", m_offsets);
        state.put("neighbours", m_neighbours);
        state.put("similarities", m_similarities);
    }

    void loadState(const StateReader &state) override
    {
        m_similarities = state.floatVector("similarities");
        const auto count = static_cast<std::int64_t>(m_similarities.size());
        m_offsets = state.offsets("offsets", count);
        m_items = static_cast<std::int64_t>(m_offsets.size()) - 1;
        m_neighbours = state.indices("neighbours", 0, m_items - 1, count);
    }

private:
    /// The K nearest of item j, by item. `sums` is all zeros before and after.
    void similarities(const CsrView &interactions, const Csr &users, const std::vector<float> &weights,
                      const std::vector<double> &norms, std::int64_t j, std::vector<float> &sums,
                      std::vector<Neighbour> &found) const
    {
        found.clear();
        for (const std::int32_t user : users.view().row(j)) {
            const float weight = weights[static_cast<std::size_t>(user)];
            for (const std::int32_t item : interactions.row(user)) {
                float &sum = sums[static_cast<std::size_t>(item)];
                if (sum == 0.0F)
                    found.push_back({item, 0.0F});
                sum += weight;
            }
        }
        const double norm = norms[static_cast<std::size_t>(j)];
        std::size_t kept = 0;
        for (const Neighbour &each : found) {
            float &sum = sums[static_cast<std::size_t>(each.item)];
            const double other = norms[static_cast<std::size_t>(each.item)];
            if (each.item != j)
                found[kept++] = {each.item, static_cast<float>(sum / (norm * other + m_parameters.shrink))};
            sum = 0.0F;
        }
        found.resize(kept);
        if (static_cast<std::int64_t>(kept) > m_parameters.neighbours) {
            std::nth_element(found.begin(), found.begin() + m_parameters.neighbours, found.end(), nearer);
            found.resize(static_cast<std::size_t>(m_parameters.neighbours));
        }
        std::sort(found.begin(), found.end(), [](const Neighbour &a, const Neighbour &b) { return a.item < b.item; });
        if (!m_parameters.normalizeSim)
            return;
        double total = 0;
        for (const Neighbour &each : found)
            total += each.similarity;
        for (Neighbour &each : found)
            each.similarity = static_cast<float>(each.similarity / total);
    }

    ItemKnnParameters m_parameters;
    std::int64_t m_items = 0;
    std::vector<std::int64_t> m_offsets; ///< rows of items, their neighbours ascending
    std::vector<std::int32_t> m_neighbours;
    std::vector<float> m_similarities;
};

} // namespace

Kind itemKnnKind()
{
    return kindOf<ItemKnnParameters>(
        {.kind = "item-knn",
         .label = "Item-KNN",
         .help = "Items similar to those that the user had, by the cosine of who had them.",
         .source = "Sarwar et al., WWW 2001; names and defaults of RecPack 0.3.6, shrink of Ferrari Dacrema et al., "
                   "RecSys 2019"},
        [](const ItemKnnParameters &p) { return std::make_unique<ItemKnn>(p); });
}

} // namespace apiary::recsys
