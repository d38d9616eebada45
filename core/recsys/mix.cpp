#include "recsys/kinds.h"
#include "recsys/state.h"

#include <algorithm>
#include <limits>

namespace apiary::recsys {

namespace {

struct MixParameters {
    double weight = 0.5;
    std::string cf = "ease";
    Json cfParameters = Json::object();

    static std::vector<Parameter<MixParameters>> table()
    {
        using P = MixParameters;
        return {
            number("weight", &P::weight, 0, 1, "Share of the content score; the rest is collaborative filtering's."),
            choice("cf", &P::cf, {"popularity", "item-knn", "ials", "ease", "sansa", "elsa", "multvae", "sasrec"},
                   "The recommender that knows interactions."),
            parameter(&P::cfParameters, {"cf_parameters", "object", "The parameters of that recommender."})};
    }
};

/// weight · content + (1 − weight) · cf, each scaled per user to [0, 1] between its least and its largest score among
/// the candidates that the user does not have yet: so a user's scores follow from the row and the candidates.
class Mix final : public Recommender {
public:
    Mix(MixParameters parameters, const std::string &where, const SharedEmbeddings &embeddings)
        : m_parameters(std::move(parameters))
        , m_content(contentKind().make(Json::object(), where, embeddings))
        , m_cf(makeRecommender(m_parameters.cf, m_parameters.cfParameters, where + ", cf_parameters"))
    {
    }

    std::string name() const override { return "mix"; }
    std::string kind() const override { return "mix"; }
    Json parameters() const override { return toJson(m_parameters); }

    void fit(const CsrView &interactions, const FitContext &context) override { m_cf->fit(interactions, context); }

    void score(const CsrView &sources, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        m_content->score(sources, firstUser, candidates, scores);
        ScoreBlock other(scores.rows(), scores.cols());
        m_cf->score(sources, firstUser, candidates, other);
        const std::vector<std::int32_t> place = places(sources.cols, candidates);
        const auto weight = static_cast<float>(m_parameters.weight);
        std::vector<bool> had(candidates.size());
        for (Eigen::Index i = 0; i < scores.rows(); ++i) {
            std::fill(had.begin(), had.end(), false);
            for (const std::int32_t item : sources.row(firstUser + i))
                if (const std::int32_t c = place[static_cast<std::size_t>(item)]; c >= 0)
                    had[static_cast<std::size_t>(c)] = true;
            scale(scores.row(i), had);
            scale(other.row(i), had);
            scores.row(i) = weight * scores.row(i) + (1 - weight) * other.row(i);
        }
    }

    void saveState(StateWriter &state) const override
    {
        StateWriter content = state.inner("content"), cf = state.inner("cf");
        m_content->saveState(content);
        m_cf->saveState(cf);
    }

    void loadState(const StateReader &state) override
    {
        m_content->loadState(state.inner("content"));
        m_cf->loadState(state.inner("cf"));
    }

private:
    /// To [0, 1]; what the user had, and scores that are all equal, become 0.
    static void scale(Eigen::Ref<Eigen::RowVectorXf> row, const std::vector<bool> &had)
    {
        float least = std::numeric_limits<float>::max(), most = std::numeric_limits<float>::lowest();
        for (Eigen::Index c = 0; c < row.size(); ++c) {
            if (had[static_cast<std::size_t>(c)])
                continue;
            least = std::min(least, row(c));
            most = std::max(most, row(c));
        }
        const float range = most > least ? most - least : 0;
        for (Eigen::Index c = 0; c < row.size(); ++c)
            row(c) = range > 0 && !had[static_cast<std::size_t>(c)] ? (row(c) - least) / range : 0;
    }

    MixParameters m_parameters;
    std::unique_ptr<Recommender> m_content;
    std::unique_ptr<Recommender> m_cf;
};

} // namespace

Kind mixKind()
{
    return kindOf<MixParameters>(
        {.kind = "mix",
         .label = "Mix",
         .help = "Content and collaborative filtering, weighted after each is scaled to the same range per user.",
         .source = "Burke, Hybrid Recommender Systems, UMUAI 2002 (weighted)",
         .needsEmbeddings = true,
         .coldItems = true},
        [](const MixParameters &p, const SharedEmbeddings &items, const std::string &where) {
            return std::make_unique<Mix>(p, where, items);
        });
}

} // namespace apiary::recsys
