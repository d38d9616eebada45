#include "recsys/dense_layer.h"
#include "recsys/heater_network.h"
#include "recsys/ials.h"
#include "recsys/kinds.h"
#include "recsys/standardise.h"
#include "recsys/state.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace apiary::recsys {

namespace {

at::Tensor denseOf(const PaddedMatrix &matrix, std::int64_t columns)
{
    return at::from_blob(const_cast<float *>(matrix.row(0)), {matrix.rows(), columns}, {matrix.stride(), 1}, at::kFloat)
        .contiguous();
}

std::span<float> valuesOf(at::Tensor &tensor)
{
    return {tensor.mutable_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// Recommendation of new items by randomised training and a mixture of experts (Zhu et al., SIGIR 2020). The vectors of
/// users and items that it starts from come from iALS here (the publication takes BPR's). An item that had interactions
/// is known by its vector, another by its transformed embedding. Scores are ln(1 + exp(user · item)).
class Heater final : public Recommender {
public:
    Heater(HeaterParameters parameters, SharedEmbeddings content)
        : m_parameters(parameters)
        , m_content(std::move(content))
    {
    }

    std::string name() const override { return "heater"; }
    std::string kind() const override { return "heater"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        if (!m_content || m_content->rows() != interactions.cols)
            throw Error("Heater needs an embedding for each of " + std::to_string(interactions.cols) + " items",
                        "recommender heater", "make it anew with the embeddings of this dataset");
        const TorchThreads threads(context.threads);
        const at::Device device(context.device);
        const SeenItems seen = seenItems(interactions);
        UserSolver solver = trainIals(interactions, cf(), context);
        const std::int64_t rank = m_parameters.rank;
        at::Tensor users = usersOf(solver, interactions, context), items = denseOf(solver.items(), rank).clone();
        at::Tensor content =
            at::from_blob(const_cast<float *>(m_content->data()), {m_content->rows(), m_content->cols()}).clone();
        // The authors cut off items at 1, which is as far as a transformed embedding reaches, and content at 5. (Users at
        // 5, too; here their scaling becomes part of a layer, and hardly a value lies beyond.)
        const Standard userScale = standardise(valuesOf(users), rank, {}, std::numeric_limits<float>::infinity());
        standardise(valuesOf(items), rank, seen.items, 1);
        standardise(valuesOf(content), m_content->cols(), seen.items, 5);

        HeaterNetwork network = HeaterNetwork::initial(m_parameters, m_content->cols());
        for (at::Tensor *tensor : network.all())
            *tensor = tensor->to(device);
        items = items.to(device);
        content = content.to(device);
        trainHeater(network, m_parameters, {users.to(device), items, content}, interactions, seen, context);

        const at::NoGradGuard noGrad;
        at::Tensor vectors = network.transformed(content);
        const at::Tensor known = at::tensor(seen.items).to(device, at::kLong);
        vectors.index_copy_(0, known, items.index_select(0, known));
        vectors = network.item(vectors, false).cpu();
        if (!at::isfinite(vectors).all().item<bool>())
            throw Error("training Heater diverged", "recommender heater", "choose a smaller lr");
        for (at::Tensor *tensor : network.all())
            *tensor = tensor->detach().cpu();
        fold(network.user, userScale);
        m_items = padded(vectors);
        m_solver.emplace(std::move(solver));
        buildLayers();
    }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), m_solver ? m_items.rows() : 0, sources);
        PaddedMatrix vectors(usersABlock, m_parameters.rank), hidden(usersABlock, m_parameters.rank);
        for (Eigen::Index begin = 0; begin < scores.rows(); begin += usersABlock) {
            const std::int64_t count = std::min<std::int64_t>(usersABlock, scores.rows() - begin);
            for (std::int64_t i = 0; i < count; ++i)
                m_solver->solve(sources.row(firstUser + begin + i), vectors.row(i));
            m_inner.apply(vectors, count, hidden);
            applyTanh(hidden, count);
            m_outer.apply(hidden, count, vectors);
            dots(vectors, count, m_items, candidates, scores.row(begin).data(), scores.outerStride());
            for (std::int64_t i = 0; i < count; ++i) {
                const bool empty = sources.row(firstUser + begin + i).empty();
                for (Eigen::Index c = 0; c < scores.cols(); ++c)
                    scores(begin + i, c) = empty ? 0.0F : softplus(scores(begin + i, c));
            }
        }
    }

    void saveState(StateWriter &state) const override
    {
        state.put("factors", denseOf(m_solver->items(), m_parameters.rank));
        state.put("items", denseOf(m_items, m_parameters.rank));
        for (std::size_t i = 0; i < m_userLayers.size(); ++i)
            state.put(layerNames[i], m_userLayers[i]);
    }

    void loadState(const StateReader &state) override
    {
        const std::int64_t rank = m_parameters.rank;
        const at::Tensor factors = state.floats("factors", {-1, rank});
        m_solver.emplace(padded(factors), cf());
        m_items = padded(state.floats("items", {factors.size(0), rank}));
        for (std::size_t i = 0; i < m_userLayers.size(); ++i)
            m_userLayers[i] = state.floats(layerNames[i], i % 2 == 0 ? std::vector{rank, rank} : std::vector{rank});
        buildLayers();
    }

private:
    static constexpr std::array layerNames{"user.inner.weight", "user.inner.bias", "user.outer.weight",
                                           "user.outer.bias"};

    IalsParameters cf() const
    {
        IalsParameters p;
        p.factors = m_parameters.rank;
        p.alpha = m_parameters.cfAlpha;
        p.regularization = m_parameters.cfRegularization;
        p.seed = m_parameters.seed;
        return p;
    }

    at::Tensor usersOf(const UserSolver &solver, const CsrView &interactions, const FitContext &context) const
    {
        at::Tensor users = at::zeros({interactions.rows, m_parameters.rank});
        float *rows = users.mutable_data_ptr<float>();
        ProgressMeter meter("solving for users", "users", interactions.rows, context.progress);
        parallelTasks(
            interactions.rows, threadCount(context.threads, interactions.rows),
            [&](std::int64_t user) {
                throwIfStopped(context.stop);
                solver.solve(interactions.row(user), rows + user * m_parameters.rank);
            },
            [&](std::int64_t done) { meter.advance(done); });
        return users;
    }

    /// The users' scaling and normalisation become part of their first layer.
    void fold(const HeaterTower &tower, const Standard &scaling)
    {
        const at::Tensor mean = at::tensor(scaling.mean), deviation = at::tensor(scaling.deviation);
        const at::Tensor factor = tower.scale / (tower.variance + 1e-3).sqrt();
        const at::Tensor weight = tower.inner / deviation.unsqueeze(0);
        const at::Tensor bias = tower.innerBias - at::mv(weight, mean);
        m_userLayers = {weight * factor.unsqueeze(1), (bias - tower.mean) * factor + tower.shift, tower.outer,
                        tower.outerBias};
    }

    void buildLayers()
    {
        m_inner = DenseLayer(m_userLayers[0], m_userLayers[1]);
        m_outer = DenseLayer(m_userLayers[2], m_userLayers[3]);
    }

    HeaterParameters m_parameters;
    SharedEmbeddings m_content;
    std::optional<UserSolver> m_solver;
    PaddedMatrix m_items{1, 1};
    std::array<at::Tensor, 4> m_userLayers;
    DenseLayer m_inner;
    DenseLayer m_outer;
};

} // namespace

Kind heaterKind()
{
    return kindOf<HeaterParameters>(
        {.kind = "heater",
         .label = "Heater",
         .help =
             "Learns from interactions how an item's embedding becomes a vector of collaborative filtering: for items "
             "that nobody had yet.",
         .source = "Zhu, Sefati, Saadatpanah, Caverlee, Recommendation for New Users and New Items via Randomized "
                   "Training and Mixture-of-Experts Transformation, SIGIR 2020; first vectors from iALS",
         .needsEmbeddings = true,
         .coldItems = true},
        [](const HeaterParameters &p, const SharedEmbeddings &items) { return std::make_unique<Heater>(p, items); });
}

} // namespace apiary::recsys
