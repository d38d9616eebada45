#include "recsys/heater_network.h"

#include "recsys/training.h"

#include "base/cancel.h"
#include "base/random.h"

#include <algorithm>
#include <span>

namespace apiary::recsys {

namespace {

struct Pair {
    std::int32_t user;
    std::int32_t item;
    float target;
};

/// Every interaction, and for each some items of others that the user never had; in an order that is drawn.
std::vector<Pair> drawPairs(const CsrView &interactions, const SeenItems &seen, std::int64_t negatives,
                            std::uint64_t key, const std::stop_token &stop)
{
    std::vector<Pair> pairs;
    pairs.reserve(interactions.columns.size() * static_cast<std::size_t>(1 + negatives));
    for (std::int64_t user = 0; user < interactions.rows; ++user) {
        throwIfStopped(stop);
        const auto items = interactions.row(user);
        CounterRng random(mixKey(key, user));
        for (const std::int32_t item : items) {
            pairs.push_back({static_cast<std::int32_t>(user), item, 1});
            if (items.size() >= seen.items.size())
                continue;
            for (std::int64_t n = 0; n < negatives; ++n) {
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

at::Tensor loss(const HeaterNetwork &network, const HeaterParameters &parameters, const HeaterInputs &inputs,
                std::span<const Pair> pairs, std::uint64_t key)
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
        byContent.mutable_data_ptr<float>()[i] = random.uniform() < parameters.dropout ? 1.0F : 0.0F;
    }
    items = items.to(device);
    byContent = byContent.to(device);
    const at::Tensor vectors = inputs.items.index_select(0, items);
    const at::Tensor transformed = network.transformed(inputs.content.index_select(0, items));
    const at::Tensor mixed = vectors * (1 - byContent) + transformed * byContent;
    const at::Tensor scores =
        (network.user(inputs.users.index_select(0, users.to(device)), true) * network.item(mixed, true)).sum(1);
    return (scores - targets.to(device)).square().mean() + parameters.reg * network.penalty() +
           parameters.alpha * (transformed - vectors).square().sum();
}

} // namespace

std::vector<Parameter<HeaterParameters>> HeaterParameters::table()
{
    using P = HeaterParameters;
    return {
        whole("rank", &P::rank, 1, 4096, "Length of users' and items' vectors."),
        whole("dim", &P::experts, 1, 256, "Experts that turn an item's embedding into its vector."),
        number("dropout", &P::dropout, 0, 1,
               "Share of training pairs whose item is known by its embedding, not by its interactions."),
        whole("neg", &P::negatives, 1, 1000, "Pairs without interaction for each one with."),
        number("lr", &P::learningRate, 1e-9, 1, "How far each step moves the weights; a fifth less every 10 epochs."),
        number("alpha", &P::alpha, 0, 1e3, "Weight of the distance between an item's two vectors."),
        number("reg", &P::reg, 0, 1e3, "Weight of the L2 penalty."),
        whole("batch_size", &P::batchSize, 2, 1e6, "Pairs a step."),
        whole("epochs", &P::epochs, 1, 100000, "How often training goes through all interactions."),
        number("cf_alpha", &P::cfAlpha, 1, 1e6, "alpha of the iALS that gives the first vectors."),
        number("cf_regularization", &P::cfRegularization, 1e-9, 1e6, "regularization of that iALS."),
        seedParameter(&P::seed)};
}

HeaterTower HeaterTower::initial(std::int64_t rank, std::uint64_t key)
{
    return {normalTensor({rank, rank}, 0.01, mixKey(key, 0)), at::zeros({rank}), at::ones({rank}),  at::zeros({rank}),
            normalTensor({rank, rank}, 0.01, mixKey(key, 1)), at::zeros({rank}), at::zeros({rank}), at::ones({rank})};
}

at::Tensor HeaterTower::penalty() const
{
    return inner.square().sum() + innerBias.square().sum() + outer.square().sum() + outerBias.square().sum();
}

at::Tensor HeaterTower::operator()(const at::Tensor &x, bool training) const
{
    const at::Tensor middle =
        at::batch_norm(at::linear(x, inner, innerBias), scale, shift, mean, variance, training, 0.1, 1e-3, false);
    return at::linear(middle.tanh(), outer, outerBias);
}

HeaterNetwork HeaterNetwork::initial(const HeaterParameters &parameters, std::int64_t content)
{
    const auto seed = static_cast<std::uint64_t>(parameters.seed);
    const std::int64_t wide = parameters.experts * parameters.rank;
    return {normalTensor({parameters.experts, content}, 0.01, mixKey(seed, 10)),
            at::zeros({parameters.experts}),
            normalTensor({wide, content}, 0.01, mixKey(seed, 11)),
            at::zeros({wide}),
            HeaterTower::initial(parameters.rank, mixKey(seed, 12)),
            HeaterTower::initial(parameters.rank, mixKey(seed, 13))};
}

std::vector<at::Tensor *> HeaterNetwork::leaves()
{
    std::vector<at::Tensor *> all{&gate, &gateBias, &experts, &expertsBias};
    for (HeaterTower *tower : {&user, &item})
        for (at::Tensor *leaf : tower->leaves())
            all.push_back(leaf);
    return all;
}

std::vector<at::Tensor *> HeaterNetwork::all()
{
    std::vector<at::Tensor *> result = leaves();
    for (HeaterTower *tower : {&user, &item})
        for (at::Tensor *each : {&tower->mean, &tower->variance})
            result.push_back(each);
    return result;
}

at::Tensor HeaterNetwork::transformed(const at::Tensor &content) const
{
    const std::int64_t count = gate.size(0);
    const at::Tensor shares = at::linear(content, gate, gateBias).tanh().unsqueeze(1);
    const at::Tensor answers = at::linear(content, experts, expertsBias).tanh().view({content.size(0), count, -1});
    return shares.bmm(answers).squeeze(1).tanh();
}

at::Tensor HeaterNetwork::penalty() const
{
    return gate.square().sum() + gateBias.square().sum() + experts.square().sum() + expertsBias.square().sum() +
           user.penalty() + item.penalty();
}

void trainHeater(HeaterNetwork &network, const HeaterParameters &parameters, const HeaterInputs &inputs,
                 const CsrView &interactions, const SeenItems &seen, const FitContext &context)
{
    std::vector<at::Tensor> leaves;
    for (at::Tensor *leaf : network.leaves())
        leaves.push_back(leaf->set_requires_grad(true));
    Momentum optimizer(std::move(leaves));
    const auto seed = static_cast<std::uint64_t>(parameters.seed);
    double rate = parameters.learningRate;
    const auto pairsAStep = static_cast<std::size_t>(parameters.batchSize);
    const auto total = static_cast<std::int64_t>(interactions.columns.size()) * (1 + parameters.negatives);
    ProgressMeter meter("training Heater", "pairs", total * parameters.epochs, context.progress);
    for (std::int64_t epoch = 0; epoch < parameters.epochs; ++epoch) {
        const auto pairs = drawPairs(interactions, seen, parameters.negatives, mixKey(seed, 14, epoch), context.stop);
        // A last step of one pair would have no variance to normalise by.
        for (std::size_t first = 0; first + 1 < pairs.size(); first += pairsAStep) {
            throwIfStopped(context.stop);
            const auto batch = std::span(pairs).subspan(first, std::min(pairsAStep, pairs.size() - first));
            loss(network, parameters, inputs, batch, mixKey(seed, 16, epoch, first)).backward();
            optimizer.step(rate);
            meter.advance(static_cast<std::int64_t>(batch.size()));
        }
        if ((epoch + 1) % 10 == 0)
            rate *= 0.8;
    }
}

} // namespace apiary::recsys
