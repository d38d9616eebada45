#include "recsys/elsa.h"

#include "recsys/fitting.h"
#include "recsys/kinds.h"
#include "recsys/state.h"
#include "recsys/training.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"
#include "optim/elsa_loss.h"
#include "optim/nadam.h"

#include <algorithm>

namespace apiary::recsys {

namespace {

/// The rows of some users over the seen items.
Csr seenRows(const CsrView &interactions, const SeenItems &seen, std::span<const std::int32_t> users)
{
    Csr rows;
    rows.cols = static_cast<std::int64_t>(seen.items.size());
    std::vector<std::int32_t> row;
    for (const std::int32_t user : users) {
        row.clear();
        for (const std::int32_t item : interactions.row(user))
            row.push_back(seen.place[static_cast<std::size_t>(item)]);
        rows.addRow(row);
    }
    return rows;
}

/// Scalable linear shallow autoencoder (Vančura et al., RecSys 2022): relu(x·A·Aᵀ − x) with rows of A of length 1,
/// trained to the normalised squared error by Nadam. Items that nobody had take no part.
class Elsa final : public Recommender {
public:
    Elsa(ElsaParameters parameters, std::optional<Embeddings> start)
        : m_parameters(parameters)
        , m_start(std::move(start))
    {
    }

    std::string name() const override { return "elsa"; }
    std::string kind() const override { return "elsa"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override
    {
        const TorchThreads threads(context.threads);
        const SeenItems seen = seenItems(interactions);
        at::Tensor items = startOf(seen).to(at::Device(context.device));
        items.set_requires_grad(true);
        train(interactions, seen, items, context);

        const at::Tensor learned = items.detach().cpu().contiguous();
        if (!at::isfinite(learned).all().item<bool>())
            throw Error("training ELSA diverged", "recommender elsa", "choose a smaller lr");
        Embeddings all = Embeddings::Zero(interactions.cols, m_parameters.dimensions);
        for (std::size_t j = 0; j < seen.items.size(); ++j)
            all.row(seen.items[j]) = Eigen::Map<const Eigen::RowVectorXf>(
                learned.const_data_ptr<float>() + static_cast<std::int64_t>(j) * m_parameters.dimensions,
                m_parameters.dimensions);
        take(std::move(all));
    }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), m_items.rows(), sources);
        m_content->score(sources, firstUser, candidates, scores);
    }

    void saveState(StateWriter &state) const override
    {
        state.put("items", at::from_blob(const_cast<float *>(m_items.data()), {m_items.rows(), m_items.cols()}));
    }

    void loadState(const StateReader &state) override
    {
        const at::Tensor items = state.floats("items", {-1, m_parameters.dimensions});
        take(Eigen::Map<const Embeddings>(items.const_data_ptr<float>(), items.size(0), items.size(1)));
    }

private:
    at::Tensor startOf(const SeenItems &seen) const
    {
        const auto count = static_cast<std::int64_t>(seen.items.size());
        if (!m_start)
            return glorotTensor(count, m_parameters.dimensions,
                                mixKey(static_cast<std::uint64_t>(m_parameters.seed), 0));
        at::Tensor result = at::empty({count, m_parameters.dimensions});
        for (std::int64_t j = 0; j < count; ++j)
            std::copy_n(m_start->row(seen.items[static_cast<std::size_t>(j)]).data(), m_parameters.dimensions,
                        result[j].mutable_data_ptr<float>());
        return result;
    }

    void train(const CsrView &interactions, const SeenItems &seen, at::Tensor &items, const FitContext &context) const
    {
        optim::NadamConfig config;
        config.learningRate = m_parameters.learningRate;
        optim::Nadam optimizer({items}, config);
        const auto seed = static_cast<std::uint64_t>(m_parameters.seed);
        auto order = epochOrder(interactions, m_parameters.shuffle, mixKey(seed, 1, 0));
        const auto users = static_cast<std::int64_t>(order.size());
        ProgressMeter meter("training ELSA", "users", users * m_parameters.epochs, context.progress);
        for (std::int64_t epoch = 0; epoch < m_parameters.epochs; ++epoch) {
            if (epoch > 0)
                order = epochOrder(interactions, m_parameters.shuffle, mixKey(seed, 1, epoch));
            for (std::size_t first = 0; first < order.size();
                 first += static_cast<std::size_t>(m_parameters.batchSize)) {
                const auto count = std::min(order.size() - first, static_cast<std::size_t>(m_parameters.batchSize));
                const Csr batch = seenRows(interactions, seen, std::span(order).subspan(first, count));
                const auto step = optim::elsaNmse(
                    items.detach(), batch, {}, [&] { throwIfStopped(context.stop); }, false);
                items.mutable_grad() = step.gradient;
                optimizer.step();
                meter.advance(static_cast<std::int64_t>(count));
            }
        }
    }

    void take(Embeddings &&items)
    {
        m_items = std::move(items);
        m_content = contentRecommender(name(), m_items);
    }

    ElsaParameters m_parameters;
    std::optional<Embeddings> m_start;
    Embeddings m_items; ///< as trained; a row of zeros where nobody had the item
    std::unique_ptr<Recommender> m_content;
};

} // namespace

std::vector<Parameter<ElsaParameters>> ElsaParameters::table()
{
    using P = ElsaParameters;
    return {whole("n_dims", &P::dimensions, 1, 16384, "Length of an item's vector."),
            number("lr", &P::learningRate, 1e-9, 10, "How far each step moves the vectors."),
            whole("epochs", &P::epochs, 1, 100000, "How often training goes through all users."),
            whole("batch_size", &P::batchSize, 1, 1e6, "How many users each step learns from."),
            flag("shuffle", &P::shuffle, "Take the users in a new order each epoch."),
            seedParameter(&P::seed)};
}

std::unique_ptr<Recommender> elsaFrom(const ElsaParameters &parameters, Embeddings start)
{
    return std::make_unique<Elsa>(parameters, std::move(start));
}

Kind elsaKind()
{
    return kindOf<ElsaParameters>(
        {.kind = "elsa",
         .label = "ELSA",
         .help = "Every item predicted from all others through short vectors: like EASE for catalogues of any size.",
         .source =
             "Vančura et al., Scalable Linear Shallow Autoencoder for Collaborative Filtering, RecSys 2022; names "
             "and defaults of elsarec 0.1.4"},
        [](const ElsaParameters &p) { return std::make_unique<Elsa>(p, std::nullopt); });
}

} // namespace apiary::recsys
