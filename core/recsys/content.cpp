#include "recsys/dots.h"
#include "recsys/kinds.h"
#include "recsys/row_kernels.h"
#include "recsys/state.h"

#include "base/error.h"
#include "base/parallel.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

namespace apiary::recsys {

namespace {

constexpr std::int64_t blockUsers = 192; // a block's x·A stays in the second-level cache
constexpr std::int64_t rowsATask = 1024;

/// Copies rows scaled to length 1; a row of zeros stays (it scores 0 everywhere).
PaddedMatrix normalised(const std::string &name, const Embeddings &items)
{
    PaddedMatrix result(items.rows(), items.cols(), PaddedMatrix::Unset{});
    const auto copyRow = [&](Eigen::Index j) {
        float *row = result.row(j);
        if (!toUnit(items.row(j).data(), items.cols(), row))
            throw Error("an embedding of " + name + " holds a value that is not finite", "item " + std::to_string(j),
                        "encode the item again with an encoder whose weights are finite");
        std::fill(row + items.cols(), row + result.stride(), 0.0F);
    };
    const std::int64_t tasks = (items.rows() + rowsATask - 1) / rowsATask;
    parallelTasks(tasks, threadCount(0, tasks), [&](std::int64_t task) {
        for (Eigen::Index j = task * rowsATask; j < std::min((task + 1) * rowsATask, items.rows()); ++j)
            copyRow(j);
    });
    return result;
}

struct ContentParameters {
    static std::vector<Parameter<ContentParameters>> table() { return {}; }
};

class ContentRecommender final : public Recommender {
public:
    ContentRecommender(std::string name, const Embeddings &items)
        : m_name(std::move(name))
        , m_items(normalised(m_name, items))
        , m_columns(items.cols())
    {
    }

    std::string name() const override { return m_name; }
    std::string kind() const override { return "content"; }

    void fit(const CsrView &, const FitContext &) override {}

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        if (sources.cols != m_items.rows())
            throw Error(m_name + " has embeddings of " + std::to_string(m_items.rows()) + " items, the users' rows " +
                            std::to_string(sources.cols) + " columns",
                        "recommender " + m_name, "use embeddings and interactions of the same dataset");
        assert(scores.cols() == static_cast<Eigen::Index>(candidates.size()));

        std::vector<std::int32_t> place(static_cast<std::size_t>(sources.cols), -1);
        for (std::size_t c = 0; c < candidates.size(); ++c)
            place[static_cast<std::size_t>(candidates[c])] = static_cast<std::int32_t>(c);

        PaddedMatrix profiles(std::min<std::int64_t>(blockUsers, scores.rows()), m_items.stride());
        for (Eigen::Index begin = 0; begin < scores.rows(); begin += blockUsers) {
            const std::int64_t users = std::min<std::int64_t>(blockUsers, scores.rows() - begin);
            profiles.setZero();
            for (std::int64_t i = 0; i < users; ++i)
                addItems(sources.row(firstUser + begin + i), profiles.row(i));
            dots(profiles, users, m_items, candidates, scores.row(begin).data(), scores.outerStride(), 0.0F);
            for (std::int64_t i = 0; i < users; ++i)
                for (const std::int32_t item : sources.row(firstUser + begin + i))
                    if (const std::int32_t c = place[static_cast<std::size_t>(item)]; c >= 0)
                        scores(begin + i, c) = std::max(scores(begin + i, c) - 1.0F, 0.0F);
        }
    }

    void saveState(StateWriter &state) const override
    {
        state.put("items", at::from_blob(const_cast<float *>(m_items.row(0)), {m_items.rows(), m_columns},
                                         {m_items.stride(), 1}, at::kFloat));
    }

    void loadState(const StateReader &state) override
    {
        const at::Tensor items = state.floats("items", {-1, -1});
        m_columns = items.size(1);
        m_items = PaddedMatrix(items.size(0), m_columns);
        for (std::int64_t j = 0; j < m_items.rows(); ++j)
            std::copy_n(items.const_data_ptr<float>() + j * m_columns, m_columns, m_items.row(j));
    }

private:
    /// Rows lie anywhere: the next is on its way while this one is added.
    static void askFor(const float *row, std::int64_t count)
    {
        for (std::int64_t k = 0; k < count; k += 16)
            __builtin_prefetch(row + k);
    }

    /// x·A of one user, summed in the order of the row.
    void addItems(std::span<const std::int32_t> source, float *profile) const
    {
        for (std::size_t n = 0; n < source.size(); ++n) {
            if (n + 1 < source.size())
                askFor(m_items.row(source[n + 1]), m_items.stride());
            addTo(profile, m_items.row(source[n]), m_items.stride());
        }
    }

    std::string m_name;
    PaddedMatrix m_items; ///< rows of length 1
    std::int64_t m_columns;
};

} // namespace

std::unique_ptr<Recommender> contentRecommender(std::string name, const Embeddings &items)
{
    return std::make_unique<ContentRecommender>(std::move(name), items);
}

Kind contentKind()
{
    return kindOf<ContentParameters>(
        {.kind = "content",
         .label = "Content",
         .help = "Items whose texts an encoder puts near those of the user's items. Learns nothing from interactions.",
         .source = "Vančura, Kordík, Straka, beeFormer, RecSys 2024",
         .needsEmbeddings = true,
         .coldItems = true},
        [](const ContentParameters &, const SharedEmbeddings &items) {
            return std::make_unique<ContentRecommender>("content", items ? *items : Embeddings());
        });
}

} // namespace apiary::recsys
