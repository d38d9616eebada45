#include "recsys/dense_layer.h"
#include "recsys/fitting.h"
#include "recsys/ials.h"
#include "recsys/kinds.h"
#include "recsys/standardise.h"
#include "recsys/state.h"
#include "recsys/training.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace apiary::recsys {

namespace {

struct HeaterParameters {
    std::int64_t rank = 200;
    std::int64_t experts = 5;
    double dropout = 0.5;
    std::int64_t negatives = 5;
    double learningRate = 0.005;
    double alpha = 1e-4;
    double reg = 1e-4;
    std::int64_t batchSize = 1024;
    std::int64_t epochs = 100;
    double cfAlpha = 10;
    double cfRegularization = 1;
    std::int64_t seed = 42;

    static std::vector<Parameter<HeaterParameters>> table()
    {
        using P = HeaterParameters;
        return {whole("rank", &P::rank, 1, 4096, "Length of users' and items' vectors."),
                whole("dim", &P::experts, 1, 256, "Experts that turn an item's embedding into its vector."),
                number("dropout", &P::dropout, 0, 1,
                       "Share of training pairs whose item is known by its embedding, not by its interactions."),
                whole("neg", &P::negatives, 1, 1000, "Pairs without interaction for each one with."),
                number("lr", &P::learningRate, 1e-9, 1,
                       "How far each step moves the weights; a fifth less every 10 epochs."),
                number("alpha", &P::alpha, 0, 1e3, "Weight of the distance between an item's two vectors."),
                number("reg", &P::reg, 0, 1e3, "Weight of the L2 penalty."),
                whole("batch_size", &P::batchSize, 2, 1e6, "Pairs a step."),
                whole("epochs", &P::epochs, 1, 100000, "How often training goes through all interactions."),
                number("cf_alpha", &P::cfAlpha, 1, 1e6, "alpha of the iALS that gives the first vectors."),
                number("cf_regularization", &P::cfRegularization, 1e-9, 1e6, "regularization of that iALS."),
                seedParameter(&P::seed)};
    }
};

/// A layer with batch normalisation and tanh, then a linear one: what a user's and an item's vector pass through.
struct Tower {
    at::Tensor inner, innerBias, scale, shift, outer, outerBias;
    at::Tensor mean, variance; ///< of the batches; no leaves

    static Tower initial(std::int64_t rank, std::uint64_t key)
    {
        return {
            normalTensor({rank, rank}, 0.01, mixKey(key, 0)), at::zeros({rank}), at::ones({rank}),  at::zeros({rank}),
            normalTensor({rank, rank}, 0.01, mixKey(key, 1)), at::zeros({rank}), at::zeros({rank}), at::ones({rank})};
    }
    std::vector<at::Tensor *> leaves() { return {&inner, &innerBias, &scale, &shift, &outer, &outerBias}; }
    at::Tensor penalty() const
    {
        return inner.square().sum() + innerBias.square().sum() + outer.square().sum() + outerBias.square().sum();
    }
    at::Tensor operator()(const at::Tensor &x, bool training) const
    {
        const at::Tensor middle =
            at::batch_norm(at::linear(x, inner, innerBias), scale, shift, mean, variance, training, 0.1, 1e-3, false);
        return at::linear(middle.tanh(), outer, outerBias);
    }
};

struct Network {
    at::Tensor gate, gateBias;       ///< [experts, content], [experts]
    at::Tensor experts, expertsBias; ///< [experts · rank, content], [experts · rank]
    Tower user, item;

    std::vector<at::Tensor *> leaves()
    {
        std::vector<at::Tensor *> all{&gate, &gateBias, &experts, &expertsBias};
        for (Tower *tower : {&user, &item})
            for (at::Tensor *leaf : tower->leaves())
                all.push_back(leaf);
        return all;
    }
    std::vector<at::Tensor *> all()
    {
        std::vector<at::Tensor *> result = leaves();
        for (Tower *tower : {&user, &item})
            for (at::Tensor *each : {&tower->mean, &tower->variance})
                result.push_back(each);
        return result;
    }
    /// An item's embedding as its vector: a mixture of experts.
    at::Tensor transformed(const at::Tensor &content) const
    {
        const std::int64_t count = gate.size(0);
        const at::Tensor shares = at::linear(content, gate, gateBias).tanh().unsqueeze(1);
        const at::Tensor answers = at::linear(content, experts, expertsBias).tanh().view({content.size(0), count, -1});
        return shares.bmm(answers).squeeze(1).tanh();
    }
    at::Tensor penalty() const
    {
        return gate.square().sum() + gateBias.square().sum() + experts.square().sum() + expertsBias.square().sum() +
               user.penalty() + item.penalty();
    }
};

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

        Network network = initial(m_content->cols());
        for (at::Tensor *tensor : network.all())
            *tensor = tensor->to(device);
        items = items.to(device);
        content = content.to(device);
        train(interactions, seen, network, {users.to(device), items, content}, context);

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
        constexpr std::int64_t blockUsers = 32;
        PaddedMatrix vectors(blockUsers, m_parameters.rank), hidden(blockUsers, m_parameters.rank);
        for (Eigen::Index begin = 0; begin < scores.rows(); begin += blockUsers) {
            const std::int64_t count = std::min<std::int64_t>(blockUsers, scores.rows() - begin);
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

    struct Inputs {
        at::Tensor users, items, content; ///< scaled
    };

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

    Network initial(std::int64_t content) const
    {
        const auto seed = static_cast<std::uint64_t>(m_parameters.seed);
        const std::int64_t wide = m_parameters.experts * m_parameters.rank;
        return {normalTensor({m_parameters.experts, content}, 0.01, mixKey(seed, 10)),
                at::zeros({m_parameters.experts}),
                normalTensor({wide, content}, 0.01, mixKey(seed, 11)),
                at::zeros({wide}),
                Tower::initial(m_parameters.rank, mixKey(seed, 12)),
                Tower::initial(m_parameters.rank, mixKey(seed, 13))};
    }

    void train(const CsrView &interactions, const SeenItems &seen, Network &network, const Inputs &inputs,
               const FitContext &context) const
    {
        std::vector<at::Tensor> leaves;
        for (at::Tensor *leaf : network.leaves())
            leaves.push_back(leaf->set_requires_grad(true));
        Momentum optimizer(std::move(leaves));
        const auto seed = static_cast<std::uint64_t>(m_parameters.seed);
        double rate = m_parameters.learningRate;
        const auto pairsAStep = static_cast<std::size_t>(m_parameters.batchSize);
        const auto total = static_cast<std::int64_t>(interactions.columns.size()) * (1 + m_parameters.negatives);
        ProgressMeter meter("training Heater", "pairs", total * m_parameters.epochs, context.progress);
        for (std::int64_t epoch = 0; epoch < m_parameters.epochs; ++epoch) {
            const auto pairs = drawPairs(interactions, seen, mixKey(seed, 14, epoch), context.stop);
            // A last step of one pair would have no variance to normalise by.
            for (std::size_t first = 0; first + 1 < pairs.size(); first += pairsAStep) {
                throwIfStopped(context.stop);
                const auto batch = std::span(pairs).subspan(first, std::min(pairsAStep, pairs.size() - first));
                loss(network, inputs, batch, mixKey(seed, 16, epoch, first)).backward();
                optimizer.step(rate);
                meter.advance(static_cast<std::int64_t>(batch.size()));
            }
            if ((epoch + 1) % 10 == 0)
                rate *= 0.8;
        }
    }

    struct Pair {
        std::int32_t user;
        std::int32_t item;
        float target;
    };

    /// Every interaction, and for each some items of others that the user never had; in an order that is drawn.
    std::vector<Pair> drawPairs(const CsrView &interactions, const SeenItems &seen, std::uint64_t key,
                                const std::stop_token &stop) const
    {
        std::vector<Pair> pairs;
        pairs.reserve(interactions.columns.size() * static_cast<std::size_t>(1 + m_parameters.negatives));
        for (std::int64_t user = 0; user < interactions.rows; ++user) {
            throwIfStopped(stop);
            const auto items = interactions.row(user);
            CounterRng random(mixKey(key, user));
            for (const std::int32_t item : items) {
                pairs.push_back({static_cast<std::int32_t>(user), item, 1});
                if (items.size() >= seen.items.size())
                    continue;
                for (std::int64_t n = 0; n < m_parameters.negatives; ++n) {
                    std::int32_t other = item;
                    while (std::binary_search(items.begin(), items.end(), other))
                        other = seen.items[random.below(seen.items.size())];
                    pairs.push_back({static_cast<std::int32_t>(user), other, 0});
                }
            }
        }
        constexpr std::size_t drawsAPoll = 1 << 16;
        CounterRng random(mixKey(key, interactions.rows));
        for (std::size_t i = 0; i + 1 < pairs.size(); ++i) {
            if (i % drawsAPoll == 0)
                throwIfStopped(stop);
            std::swap(pairs[i], pairs[i + random.below(pairs.size() - i)]);
        }
        return pairs;
    }

    at::Tensor loss(const Network &network, const Inputs &inputs, std::span<const Pair> pairs, std::uint64_t key) const
    {
        const auto count = static_cast<std::int64_t>(pairs.size());
        const at::Device device = inputs.items.device();
        at::Tensor users = at::empty({count}, at::kLong), items = at::empty({count}, at::kLong);
        at::Tensor targets = at::empty({count}), byContent = at::empty({count, 1});
        CounterRng random(key);
        for (std::int64_t i = 0; i < count; ++i) {
            const Pair &pair = pairs[static_cast<std::size_t>(i)];
            users.mutable_data_ptr<std::int64_t>()[i] = pair.user;
            items.mutable_data_ptr<std::int64_t>()[i] = pair.item;
            targets.mutable_data_ptr<float>()[i] = pair.target;
            byContent.mutable_data_ptr<float>()[i] = random.uniform() < m_parameters.dropout ? 1.0F : 0.0F;
        }
        items = items.to(device);
        byContent = byContent.to(device);
        const at::Tensor vectors = inputs.items.index_select(0, items);
        const at::Tensor transformed = network.transformed(inputs.content.index_select(0, items));
        const at::Tensor mixed = vectors * (1 - byContent) + transformed * byContent;
        const at::Tensor scores =
            (network.user(inputs.users.index_select(0, users.to(device)), true) * network.item(mixed, true)).sum(1);
        return (scores - targets.to(device)).square().mean() + m_parameters.reg * network.penalty() +
               m_parameters.alpha * (transformed - vectors).square().sum();
    }

    /// The users' scaling and normalisation become part of their first layer.
    void fold(const Tower &tower, const Standard &scaling)
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
