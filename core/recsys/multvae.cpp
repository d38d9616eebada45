#include "recsys/dense_layer.h"
#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/row_kernels.h"
#include "recsys/state.h"
#include "recsys/training.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"

#include <algorithm>
#include <cmath>

namespace apiary::recsys {

namespace {

struct MultVaeParameters {
    std::int64_t batchSize = 500;
    std::int64_t epochs = 200;
    double learningRate = 1e-3;
    std::int64_t bottleneck = 200;
    std::int64_t hidden = 600;
    double maxBeta = 0.2;
    std::int64_t annealSteps = 200000;
    double dropout = 0.5;
    std::int64_t seed = 42;

    static std::vector<Parameter<MultVaeParameters>> table()
    {
        using P = MultVaeParameters;
        return {whole("batch_size", &P::batchSize, 1, 1e6, "How many users each step learns from."),
                whole("max_epochs", &P::epochs, 1, 100000, "How often training goes through all users."),
                number("learning_rate", &P::learningRate, 1e-9, 1, "How far each step moves the weights."),
                whole("dim_bottleneck_layer", &P::bottleneck, 1, 16384, "Length of a user's hidden vector."),
                whole("dim_hidden_layer", &P::hidden, 1, 16384, "Width of the layer on either side of it."),
                number("max_beta", &P::maxBeta, 0, 1, "Weight that the divergence from the prior grows to."),
                whole("anneal_steps", &P::annealSteps, 0, 1e9,
                      "It grows by 1 / anneal_steps a step, so that max_beta 0.2 is reached after a fifth of them; 0: "
                      "max_beta from the first step."),
                number("dropout", &P::dropout, 0, 0.99, "Share of a user's items that a step does not see."),
                seedParameter(&P::seed)};
    }
};

/// Weights of an item are rows, in the first layer as in the last.
struct Weights {
    at::Tensor input, inputBias;   ///< [seen, hidden], [hidden]
    at::Tensor middle, middleBias; ///< [2 · bottleneck, hidden]: means, then logarithms of variances
    at::Tensor decoder, decoderBias;
    at::Tensor output, outputBias; ///< [seen, hidden], [seen]

    std::vector<std::pair<const char *, at::Tensor *>> named()
    {
        return {{"input.weight", &input},     {"input.bias", &inputBias},   {"middle.weight", &middle},
                {"middle.bias", &middleBias}, {"decoder.weight", &decoder}, {"decoder.bias", &decoderBias},
                {"output.weight", &output},   {"output.bias", &outputBias}};
    }
};

/// Variational autoencoder with a multinomial likelihood (Liang et al., WWW 2018). Scores are ln(1 + exp(logit)): in
/// the order of the likelihood, and positive.
class MultVae final : public Recommender {
public:
    explicit MultVae(MultVaeParameters parameters) : m_parameters(parameters) {}

    std::string name() const override { return "multvae"; }
    std::string kind() const override { return "multvae"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        const TorchThreads threads(context.threads);
        SeenItems seen = seenItems(interactions);
        Weights weights = initial(static_cast<std::int64_t>(seen.items.size()));
        std::vector<at::Tensor> leaves;
        for (const auto &[name, tensor] : weights.named()) {
            *tensor = tensor->to(at::Device(context.device));
            leaves.push_back(tensor->set_requires_grad(true));
        }
        train(interactions, seen, weights, std::move(leaves), context);
        for (const auto &[name, tensor] : weights.named()) {
            *tensor = tensor->detach().cpu();
            if (!at::isfinite(*tensor).all().item<bool>())
                throw Error("training MultVAE diverged", "recommender multvae", "choose a smaller learning_rate");
        }
        take(std::move(seen), std::move(weights));
    }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), static_cast<std::int64_t>(m_seen.place.size()), sources);
        std::vector<std::int32_t> rows;    // of the last layer
        std::vector<std::int32_t> columns; // the candidate that each is for
        for (std::size_t c = 0; c < candidates.size(); ++c)
            if (const std::int32_t place = m_seen.place[static_cast<std::size_t>(candidates[c])]; place >= 0) {
                rows.push_back(place);
                columns.push_back(static_cast<std::int32_t>(c));
            }
        PaddedMatrix hidden(usersABlock, m_parameters.hidden), middle(usersABlock, m_parameters.bottleneck);
        std::vector<float> logits(rows.size() * usersABlock);
        scores.setZero();
        for (Eigen::Index begin = 0; begin < scores.rows(); begin += usersABlock) {
            const std::int64_t count = std::min<std::int64_t>(usersABlock, scores.rows() - begin);
            for (std::int64_t i = 0; i < count; ++i)
                addItems(sources.row(firstUser + begin + i), hidden.row(i));
            applyTanh(hidden, count);
            m_means.apply(hidden, count, middle);
            m_decoder.apply(middle, count, hidden);
            applyTanh(hidden, count);
            dots(hidden, count, m_output, rows, logits.data(), static_cast<std::int64_t>(rows.size()));
            for (std::int64_t i = 0; i < count; ++i)
                for (std::size_t c = 0; c < rows.size(); ++c)
                    scores(begin + i, columns[c]) = softplus(logits[static_cast<std::size_t>(i) * rows.size() + c] +
                                                             m_outputBias[static_cast<std::size_t>(rows[c])]);
        }
    }

    void saveState(StateWriter &state) const override
    {
        Weights weights = m_weights;
        for (const auto &[name, tensor] : weights.named())
            state.put(name, *tensor);
        state.put("place", m_seen.place);
    }

    void loadState(const StateReader &state) override
    {
        SeenItems seen = readSeen(state);
        Weights weights = initial(static_cast<std::int64_t>(seen.items.size()));
        for (const auto &[name, tensor] : weights.named())
            *tensor = state.floats(name, tensor->sizes().vec());
        take(std::move(seen), std::move(weights));
    }

private:
    Weights initial(std::int64_t items) const
    {
        const std::int64_t hidden = m_parameters.hidden, bottleneck = m_parameters.bottleneck;
        const auto seed = static_cast<std::uint64_t>(m_parameters.seed);
        return {glorotTensor(items, hidden, mixKey(seed, 0)),          at::zeros({hidden}),
                glorotTensor(2 * bottleneck, hidden, mixKey(seed, 1)), at::zeros({2 * bottleneck}),
                glorotTensor(hidden, bottleneck, mixKey(seed, 2)),     at::zeros({hidden}),
                glorotTensor(items, hidden, mixKey(seed, 3)),          at::zeros({items})};
    }

    void train(const CsrView &interactions, const SeenItems &seen, const Weights &weights,
               std::vector<at::Tensor> leaves, const FitContext &context) const
    {
        Adam optimizer(std::move(leaves), m_parameters.learningRate);
        const auto seed = static_cast<std::uint64_t>(m_parameters.seed);
        const auto batch = static_cast<std::size_t>(m_parameters.batchSize);
        // A step over many items goes in parts of a few tenths of a second, so that a stop is seen.
        constexpr double operationsAPart = 2e10;
        const double operationsAUser =
            6.0 * static_cast<double>(seen.items.size()) * static_cast<double>(m_parameters.hidden);
        const auto partUsers = static_cast<std::size_t>(std::clamp(operationsAPart / operationsAUser, 1.0, 1e6));
        auto order = epochOrder(interactions, true, mixKey(seed, 4, 0));
        const auto users = static_cast<std::int64_t>(order.size());
        ProgressMeter meter("training MultVAE", "users", users * m_parameters.epochs, context.progress);
        std::int64_t step = 0;
        for (std::int64_t epoch = 0; epoch < m_parameters.epochs; ++epoch) {
            if (epoch > 0)
                order = epochOrder(interactions, true, mixKey(seed, 4, epoch));
            for (std::size_t first = 0; first < order.size(); first += batch, ++step) {
                const auto all = std::span(order).subspan(first, std::min(batch, order.size() - first));
                for (std::size_t begin = 0; begin < all.size(); begin += partUsers) {
                    throwIfStopped(context.stop);
                    const auto part = all.subspan(begin, std::min(partUsers, all.size() - begin));
                    const double share = static_cast<double>(part.size()) / static_cast<double>(all.size());
                    (loss(interactions, seen, weights, part, step, mixKey(seed, 5, step, begin)) * share).backward();
                    meter.advance(static_cast<std::int64_t>(part.size()));
                }
                optimizer.step();
            }
        }
    }

    /// Mean over some users of the negative log-likelihood and the weighted divergence from the prior.
    at::Tensor loss(const CsrView &interactions, const SeenItems &seen, const Weights &w,
                    std::span<const std::int32_t> users, std::int64_t step, std::uint64_t key) const
    {
        const at::Device device = w.input.device();
        const auto count = static_cast<std::int64_t>(users.size());
        std::vector<std::int64_t> row, column;
        std::vector<float> length;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto items = interactions.row(users[static_cast<std::size_t>(i)]);
            for (const std::int32_t item : items) {
                row.push_back(i);
                column.push_back(seen.place[static_cast<std::size_t>(item)]);
                length.push_back(1.0F / std::sqrt(static_cast<float>(items.size())));
            }
        }
        const at::Tensor rows = at::tensor(row).to(device), columns = at::tensor(column).to(device);
        const auto entries = static_cast<std::int64_t>(row.size());
        const at::Tensor values =
            at::tensor(length).to(device) * keepTensor({entries}, m_parameters.dropout, mixKey(key, 0), device);

        const at::Tensor sums = at::zeros({count, m_parameters.hidden}, w.input.options())
                                    .index_add(0, rows, w.input.index_select(0, columns) * values.unsqueeze(1));
        const at::Tensor middle = at::linear((sums + w.inputBias).tanh(), w.middle, w.middleBias);
        const at::Tensor means = middle.narrow(1, 0, m_parameters.bottleneck);
        const at::Tensor logVariance = middle.narrow(1, m_parameters.bottleneck, m_parameters.bottleneck);
        const at::Tensor noise = normalTensor({count, m_parameters.bottleneck}, 1, mixKey(key, 1)).to(device);
        const at::Tensor drawn = means + noise * (0.5 * logVariance).exp();
        const at::Tensor hidden = at::linear(drawn, w.decoder, w.decoderBias).tanh();
        const at::Tensor likelihood = at::linear(hidden, w.output, w.outputBias).log_softmax(1);
        const auto seenCount = static_cast<std::int64_t>(seen.items.size());
        const at::Tensor ofItems = likelihood.reshape({-1}).index_select(0, rows * seenCount + columns).sum();
        const at::Tensor divergence = 0.5 * (logVariance.exp() + means.square() - 1 - logVariance).sum();
        const double grown = m_parameters.annealSteps > 0
                                 ? static_cast<double>(step) / static_cast<double>(m_parameters.annealSteps)
                                 : 1.0;
        const double beta = std::min(m_parameters.maxBeta, grown); // as the authors' code has it
        return (beta * divergence - ofItems) / static_cast<double>(count);
    }

    /// The first layer of one user, before tanh.
    void addItems(std::span<const std::int32_t> source, float *hidden) const
    {
        std::fill_n(hidden, m_input->stride(), 0.0F);
        std::int64_t known = 0;
        for (const std::int32_t item : source)
            if (const std::int32_t place = m_seen.place[static_cast<std::size_t>(item)]; place >= 0) {
                addTo(hidden, m_input->row(place), m_input->stride());
                ++known;
            }
        const float scale = known > 0 ? 1.0F / std::sqrt(static_cast<float>(known)) : 0.0F;
        for (std::size_t k = 0; k < m_inputBias.size(); ++k)
            hidden[k] = hidden[k] * scale + m_inputBias[k];
    }

    void take(SeenItems &&seen, Weights &&weights)
    {
        const auto vectorOf = [](const at::Tensor &tensor) {
            return std::vector<float>(tensor.const_data_ptr<float>(), tensor.const_data_ptr<float>() + tensor.numel());
        };
        m_weights = std::move(weights);
        m_seen = std::move(seen);
        m_input = std::make_unique<PaddedMatrix>(padded(m_weights.input));
        m_inputBias = vectorOf(m_weights.inputBias.contiguous());
        m_means = DenseLayer(m_weights.middle.narrow(0, 0, m_parameters.bottleneck),
                             m_weights.middleBias.narrow(0, 0, m_parameters.bottleneck));
        m_decoder = DenseLayer(m_weights.decoder, m_weights.decoderBias);
        m_output = padded(m_weights.output);
        m_outputBias = vectorOf(m_weights.outputBias.contiguous());
    }

    MultVaeParameters m_parameters;
    SeenItems m_seen;
    Weights m_weights; ///< for saveState()
    std::unique_ptr<PaddedMatrix> m_input;
    std::vector<float> m_inputBias;
    DenseLayer m_means;
    DenseLayer m_decoder;
    PaddedMatrix m_output{1, 1};
    std::vector<float> m_outputBias;
};

} // namespace

Kind multVaeKind()
{
    return kindOf<MultVaeParameters>(
        {.kind = "multvae",
         .label = "MultVAE",
         .help = "A deep autoencoder: from a user's items to a hidden vector with noise, and from it to a share for "
                 "each item.",
         .source =
             "Liang et al., Variational Autoencoders for Collaborative Filtering, WWW 2018; names of RecPack 0.3.6"},
        [](const MultVaeParameters &p) { return std::make_unique<MultVae>(p); });
}

} // namespace apiary::recsys
