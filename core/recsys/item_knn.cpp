#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/state.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/interactions.h"

#include <algorithm>
#include <cmath>

namespace apiary::recsys {

namespace {

struct ItemKnnParameters {
    std::int64_t neighbours = 200;
    std::string similarity = "cosine";
    double k1 = 1.2;
    double b = 0.75;
    double shrink = 0;
    bool normalizeX = false;
    bool normalizeSim = false;

    static std::vector<Parameter<ItemKnnParameters>> table()
    {
        using P = ItemKnnParameters;
        return {
            whole("K", &P::neighbours, 1, 1e6, "Neighbours kept of each item, itself not counted."),
            choice(
                "similarity", &P::similarity, {"cosine", "tfidf", "bm25"},
                "Of the columns of two items: their cosine; that of columns weighted by TF-IDF, where a user counts "
                "for less the more items they have; or the product of columns weighted by BM25, where an item counts "
                "for less the more users it has, too."),
            number("K1", &P::k1, 0, 1e6, "bm25 only: the larger, the more an item's number of users counts."),
            number("B", &P::b, 0, 1, "bm25 only: how far items are told apart by their numbers of users."),
            number(
                "shrink", &P::shrink, 0, 1e9,
                "Added to the product of two items' norms: lowers the similarity of rare items. Not with bm25, which "
                "has no norms."),
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

/// Similarity of the items' columns, the K nearest of each; scores are the sums of the source items' similarities. Cosine:
/// Sarwar et al. 2001. TF-IDF and BM25 take users for terms and items for documents, as the package `implicit` does: a user
/// with n of N items has the weight ln N − ln(1 + n); BM25 multiplies an item's column by (K1 + 1) ÷ (K1·L + 1), where L is
/// 1 − B + B · the item's users ÷ their mean over items, and takes no norms.
class ItemKnn final : public Recommender {
public:
    explicit ItemKnn(ItemKnnParameters parameters) : m_parameters(std::move(parameters)) {}

    std::string name() const override { return "item-knn"; }
    std::string kind() const override { return "item-knn"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        const std::int64_t items = interactions.cols;
        const Csr users = data::transposed(interactions);
        const std::vector<float> weights = userWeights(interactions);
        const std::vector<double> norms = itemNorms(users, weights);

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
    /// The square of what each user's entries weigh.
    std::vector<float> userWeights(const CsrView &interactions) const
    {
        std::vector<float> weights(static_cast<std::size_t>(interactions.rows), 1.0F);
        for (std::int64_t u = 0; u < interactions.rows; ++u) {
            const auto count = static_cast<double>(interactions.row(u).size());
            double weight = m_parameters.normalizeX && count > 0 ? 1 / count : 1;
            if (m_parameters.similarity != "cosine")
                weight *= std::log(static_cast<double>(interactions.cols)) - std::log1p(count);
            weights[static_cast<std::size_t>(u)] = static_cast<float>(weight * weight);
        }
        return weights;
    }

    /// What the products of an item's column are divided by: its norm, or with BM25 the inverse of the item's own weight.
    std::vector<double> itemNorms(const Csr &users, const std::vector<float> &weights) const
    {
        const CsrView rows = users.view();
        std::vector<double> norms(static_cast<std::size_t>(rows.rows));
        const double mean = static_cast<double>(rows.columns.size()) / static_cast<double>(rows.rows);
        for (std::int64_t j = 0; j < rows.rows; ++j) {
            double square = 0;
            for (const std::int32_t user : rows.row(j))
                square += weights[static_cast<std::size_t>(user)];
            double norm = std::sqrt(square);
            if (m_parameters.similarity == "bm25") {
                const double length =
                    1 - m_parameters.b + m_parameters.b * static_cast<double>(rows.row(j).size()) / mean;
                norm = (m_parameters.k1 * length + 1) / (m_parameters.k1 + 1);
            }
            norms[static_cast<std::size_t>(j)] = norm;
        }
        return norms;
    }

    /// The K nearest of item j, by item. `sums` is all zeros before and after.
    void similarities(const CsrView &interactions, const Csr &users, const std::vector<float> &weights,
                      const std::vector<double> &norms, std::int64_t j, std::vector<float> &sums,
                      std::vector<Neighbour> &found) const
    {
        found.clear();
        for (const std::int32_t user : users.view().row(j)) {
            const float weight = weights[static_cast<std::size_t>(user)];
            if (weight == 0.0F) // a user of all items but one, under TF-IDF and BM25
                continue;
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
         .help = "Items similar to those that the user had, by who had them.",
         .source = "Sarwar et al., WWW 2001; names and defaults of RecPack 0.3.6, shrink of Ferrari Dacrema et al., "
                   "RecSys 2019; tfidf, bm25, K1 and B of implicit 0.7.3"},
        [](const ItemKnnParameters &p, const SharedEmbeddings &, const std::string &where) {
            if (p.similarity == "bm25" && p.shrink > 0)
                throw InputError("has no effect with the similarity bm25", where + ", shrink",
                                 "leave it out, or take cosine or tfidf");
            return std::make_unique<ItemKnn>(p);
        });
}

} // namespace apiary::recsys
