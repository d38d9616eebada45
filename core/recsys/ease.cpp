#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/spd_inverse.h"
#include "recsys/state.h"

#include "base/cancel.h"
#include "data/interactions.h"

namespace apiary::recsys {

namespace {

struct EaseParameters {
    double lambda = 500;

    static std::vector<Parameter<EaseParameters>> table()
    {
        return {number("lambda", &EaseParameters::lambda, 1e-3, 1e9,
                       "Weight of the L2 penalty on the item-to-item weights; larger for fewer interactions.")};
    }
};

/// XᵀX of the seen items, both triangles.
at::Tensor gram(const CsrView &interactions, const SeenItems &seen, int threads, const std::stop_token &stop)
{
    const auto n = static_cast<std::int64_t>(seen.items.size());
    at::Tensor result = at::zeros({n, n});
    auto *values = result.mutable_data_ptr<float>();
    const Csr users = data::transposed(interactions);
    constexpr std::int64_t rowsATask = 64;
    const std::int64_t tasks = (n + rowsATask - 1) / rowsATask;
    parallelTasks(tasks, threadCount(threads, tasks), [&](std::int64_t task) {
        throwIfStopped(stop);
        for (std::int64_t j = task * rowsATask; j < std::min(n, (task + 1) * rowsATask); ++j) {
            float *row = values + j * n;
            for (const std::int32_t user : users.view().row(seen.items[static_cast<std::size_t>(j)]))
                for (const std::int32_t item : interactions.row(user))
                    row[seen.place[static_cast<std::size_t>(item)]] += 1.0F;
        }
    });
    return result;
}

/// Embarrassingly shallow autoencoder (Steck 2019): B = I − P · diag(1 / diag P) with P = (XᵀX + λI)⁻¹, so that the
/// diagonal is zero; scores x·B. In float32: with λ well above the counts' rounding the condition number is small.
class Ease final : public Recommender {
public:
    explicit Ease(EaseParameters parameters) : m_parameters(parameters) {}

    std::string name() const override { return "ease"; }
    std::string kind() const override { return "ease"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        const TorchThreads threads(context.threads);
        SeenItems seen = seenItems(interactions);
        const auto n = static_cast<double>(seen.items.size());
        checkMemory(n * n * sizeof(float) * 1.15, "EASE over " + std::to_string(seen.items.size()) + " items");
        at::Tensor weights = gram(interactions, seen, context.threads, context.stop);
        weights.diagonal().add_(m_parameters.lambda);
        invertInPlace(weights, context.progress, context.stop);
        weights.div_(weights.diagonal().neg().unsqueeze(0));
        weights.diagonal().zero_();
        m_weights = weights;
        m_seen = std::move(seen);
    }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), static_cast<std::int64_t>(m_seen.place.size()), sources);
        addRows(m_weights.const_data_ptr<float>(), m_seen, sources, firstUser, candidates, scores);
    }

    void saveState(StateWriter &state) const override
    {
        state.put("weights", m_weights);
        state.put("place", m_seen.place);
    }

    void loadState(const StateReader &state) override
    {
        m_seen = readSeen(state);
        const auto n = static_cast<std::int64_t>(m_seen.items.size());
        m_weights = state.floats("weights", {n, n});
    }

private:
    EaseParameters m_parameters;
    SeenItems m_seen;
    at::Tensor m_weights; ///< seen × seen: column j predicts item j
};

} // namespace

Kind easeKind()
{
    return kindOf<EaseParameters>(
        {.kind = "ease",
         .label = "EASE",
         .help = "Every item predicted from all others by one linear model with a closed form. Memory grows with the "
                 "square of the items.",
         .source = "Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019; lambda of its MovieLens-20M"},
        [](const EaseParameters &p) { return std::make_unique<Ease>(p); });
}

} // namespace apiary::recsys
