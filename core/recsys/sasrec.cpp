#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/sasrec_network.h"
#include "recsys/state.h"
#include "recsys/training.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace apiary::recsys {

namespace {

/// A user's seen items by their places, oldest first; equal times keep the order of the row.
std::vector<std::int32_t> sequenceOf(const CsrView &rows, std::int64_t user, const SeenItems &seen)
{
    const auto items = rows.row(user);
    const auto times = rows.rowTimes(user);
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
    std::vector<std::int32_t> sequence;
    for (const std::size_t at : order)
        if (const std::int32_t place = seen.place[static_cast<std::size_t>(items[at])]; place >= 0)
            sequence.push_back(place);
    return sequence;
}

void checkTimes(const CsrView &rows)
{
    if (rows.times.size() != rows.columns.size())
        throw InputError("SASRec learns from the order of a user's interactions, and these have no times",
                         "recommender sasrec", "name the time column of the interactions, or leave SASRec out");
}

/// Self-attention over a user's items in time (Kang and McAuley, ICDM 2018): a state for what comes next, matched with
/// the items' vectors. Scores are ln(1 + exp(state · item)).
class SasRec final : public Recommender {
public:
    explicit SasRec(SasRecParameters parameters) : m_parameters(parameters) {}

    std::string name() const override { return "sasrec"; }
    std::string kind() const override { return "sasrec"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        checkTimes(interactions);
        const TorchThreads threads(context.threads);
        SeenItems seen = seenItems(interactions);
        auto weights = SasRecWeights::initial(m_parameters, static_cast<std::int64_t>(seen.items.size()));
        std::vector<at::Tensor> leaves;
        for (const auto &[name, tensor] : weights.named()) {
            *tensor = tensor->to(at::Device(context.device));
            leaves.push_back(tensor->set_requires_grad(true));
        }
        train(interactions, seen, weights, std::move(leaves), context);
        for (const auto &[name, tensor] : weights.named()) {
            *tensor = tensor->detach().cpu();
            if (!at::isfinite(*tensor).all().item<bool>())
                throw Error("training SASRec diverged", "recommender sasrec", "choose a smaller lr");
        }
        m_scorer.emplace(std::move(weights), m_parameters);
        m_seen = std::move(seen);
    }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), static_cast<std::int64_t>(m_seen.place.size()), sources);
        checkTimes(sources);
        std::vector<std::int32_t> items, columns;
        for (std::size_t c = 0; c < candidates.size(); ++c)
            if (const std::int32_t place = m_seen.place[static_cast<std::size_t>(candidates[c])]; place >= 0) {
                items.push_back(place);
                columns.push_back(static_cast<std::int32_t>(c));
            }
        PaddedMatrix states(usersABlock, m_parameters.hiddenUnits);
        std::vector<float> fits(items.size() * usersABlock);
        scores.setZero();
        for (Eigen::Index begin = 0; begin < scores.rows(); begin += usersABlock) {
            const std::int64_t count = std::min<std::int64_t>(usersABlock, scores.rows() - begin);
            std::vector<bool> known(static_cast<std::size_t>(count));
            for (std::int64_t i = 0; i < count; ++i) {
                const auto sequence = sequenceOf(sources, firstUser + begin + i, m_seen);
                known[static_cast<std::size_t>(i)] = !sequence.empty();
                if (!sequence.empty())
                    m_scorer->lastState(sequence, states.row(i));
            }
            dots(states, count, m_scorer->items(), items, fits.data(), static_cast<std::int64_t>(items.size()));
            for (std::int64_t i = 0; i < count; ++i)
                for (std::size_t c = 0; known[static_cast<std::size_t>(i)] && c < items.size(); ++c)
                    scores(begin + i, columns[c]) = softplus(fits[static_cast<std::size_t>(i) * items.size() + c]);
        }
    }

    void saveState(StateWriter &state) const override
    {
        SasRecWeights weights = m_scorer->weights();
        for (const auto &[name, tensor] : weights.named())
            state.put(name, *tensor);
        state.put("place", m_seen.place);
    }

    void loadState(const StateReader &state) override
    {
        m_seen = readSeen(state);
        auto weights = SasRecWeights::initial(m_parameters, static_cast<std::int64_t>(m_seen.items.size()));
        for (const auto &[name, tensor] : weights.named())
            *tensor = state.floats(name, tensor->sizes().vec());
        m_scorer.emplace(std::move(weights), m_parameters);
    }

private:
    void train(const CsrView &interactions, const SeenItems &seen, const SasRecWeights &weights,
               std::vector<at::Tensor> leaves, const FitContext &context) const
    {
        const auto seed = static_cast<std::uint64_t>(m_parameters.seed);
        Adam optimizer(std::move(leaves), m_parameters.learningRate, 0.98);
        const auto batch = static_cast<std::size_t>(m_parameters.batchSize);
        auto order = epochOrder(interactions, true, mixKey(seed, 1, 0));
        const auto count = static_cast<std::int64_t>(order.size());
        ProgressMeter meter("training SASRec", "users", count * m_parameters.epochs, context.progress);
        std::uint64_t step = 0;
        for (std::int64_t epoch = 0; epoch < m_parameters.epochs; ++epoch) {
            if (epoch > 0)
                order = epochOrder(interactions, true, mixKey(seed, 1, epoch));
            for (std::size_t first = 0; first < order.size(); first += batch) {
                const auto users = std::span(order).subspan(first, std::min(batch, order.size() - first));
                const at::Tensor value =
                    loss(interactions, seen, weights, users, mixKey(seed, 2, step++), context.stop);
                meter.advance(static_cast<std::int64_t>(users.size()));
                throwIfStopped(context.stop);
                if (!value.defined())
                    continue;
                value.backward();
                optimizer.step();
            }
        }
    }

    /// Binary cross-entropy of each next item and of one that the user never had; undefined where no user has two items.
    at::Tensor loss(const CsrView &interactions, const SeenItems &seen, const SasRecWeights &w,
                    std::span<const std::int32_t> users, std::uint64_t key, const std::stop_token &stop) const
    {
        throwIfStopped(stop);
        const auto count = static_cast<std::int64_t>(users.size());
        const std::int64_t length = m_parameters.maxLength;
        const auto itemCount = static_cast<std::int64_t>(seen.items.size());
        std::vector<std::int64_t> inputs(static_cast<std::size_t>(count * length), -1);
        std::vector<std::int64_t> cells, next, other;
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int32_t user = users[static_cast<std::size_t>(i)];
            auto sequence = sequenceOf(interactions, user, seen);
            std::vector<std::int32_t> had = sequence;
            std::sort(had.begin(), had.end());
            if (static_cast<std::int64_t>(had.size()) == itemCount)
                continue;
            CounterRng random(mixKey(key, 0, user));
            const auto steps = std::min<std::int64_t>(length, static_cast<std::int64_t>(sequence.size()) - 1);
            for (std::int64_t t = 0; t < steps; ++t) {
                const auto at = sequence.size() - 1 - static_cast<std::size_t>(steps - t);
                const std::int64_t cell = i * length + length - steps + t;
                inputs[static_cast<std::size_t>(cell)] = sequence[at];
                cells.push_back(cell);
                next.push_back(sequence[at + 1]);
                std::int32_t drawn = 0;
                do
                    drawn = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(itemCount)));
                while (std::binary_search(had.begin(), had.end(), drawn));
                other.push_back(drawn);
            }
        }
        if (cells.empty())
            return {};
        const at::Device device = w.items.device();
        const auto tensorOf = [&](const std::vector<std::int64_t> &values) { return at::tensor(values).to(device); };
        std::uint64_t site = 0;
        const at::Tensor states =
            sasRecStates(w, m_parameters, tensorOf(inputs).view({count, length}), [&](at::IntArrayRef shape) {
                throwIfStopped(stop); // several times in each layer
                return keepTensor(shape, m_parameters.dropoutRate, mixKey(key, 1, site++), device);
            });
        const at::Tensor here = states.reshape({-1, m_parameters.hiddenUnits}).index_select(0, tensorOf(cells));
        const auto fits = [&](const std::vector<std::int64_t> &items) {
            return (here * w.items.index_select(0, tensorOf(items))).sum(1);
        };
        return at::softplus(-fits(next)).mean() + at::softplus(fits(other)).mean();
    }

    SasRecParameters m_parameters;
    SeenItems m_seen;
    std::optional<SasRecScorer> m_scorer;
};

} // namespace

std::vector<Parameter<SasRecParameters>> SasRecParameters::table()
{
    using P = SasRecParameters;
    return {whole("hidden_units", &P::hiddenUnits, 1, 4096, "Length of an item's vector; a multiple of num_heads."),
            whole("maxlen", &P::maxLength, 1, 8192, "How many of a user's last items count."),
            whole("num_blocks", &P::blocks, 0, 64, "Layers of self-attention."),
            whole("num_heads", &P::heads, 1, 64, "Heads of each."),
            number("dropout_rate", &P::dropoutRate, 0, 0.99, "Share of values that a training step leaves out."),
            number("lr", &P::learningRate, 1e-9, 1, "How far each step moves the weights."),
            whole("batch_size", &P::batchSize, 1, 1e6, "How many users each step learns from."),
            whole("num_epochs", &P::epochs, 1, 100000, "How often training goes through all users."),
            seedParameter(&P::seed)};
}

Kind sasRecKind()
{
    return kindOf<SasRecParameters>(
        {.kind = "sasrec",
         .label = "SASRec",
         .help = "Self-attention over a user's last items, in the order of their times, predicts the next one.",
         .source = "Kang, McAuley, Self-Attentive Sequential Recommendation, ICDM 2018",
         .usesTimes = true},
        [](const SasRecParameters &p, const SharedEmbeddings &, const std::string &where) {
            if (p.hiddenUnits % p.heads != 0)
                throw InputError("hidden_units is no multiple of num_heads", where + ", num_heads",
                                 "choose " + std::to_string(p.heads) + " heads for vectors of a multiple of it");
            return std::make_unique<SasRec>(p);
        });
}

} // namespace apiary::recsys
