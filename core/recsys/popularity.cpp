#include "recsys/kinds.h"
#include "recsys/state.h"

namespace apiary::recsys {

namespace {

struct PopularityParameters {
    static std::vector<Parameter<PopularityParameters>> table() { return {}; }
};

class Popularity final : public Recommender {
public:
    std::string name() const override { return "popularity"; }
    std::string kind() const override { return "popularity"; }

    void fit(const CsrView &interactions, const FitContext &) override
    {
        std::vector<std::int64_t> counts(static_cast<std::size_t>(interactions.cols), 0);
        for (const std::int32_t item : interactions.columns)
            ++counts[static_cast<std::size_t>(item)];
        m_share.resize(counts.size());
        for (std::size_t j = 0; j < counts.size(); ++j)
            m_share[j] = static_cast<float>(static_cast<double>(counts[j]) /
                                            static_cast<double>(std::max<std::int64_t>(1, interactions.rows)));
    }

    void score(const CsrView &sources, std::int64_t, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        checkItems(name(), static_cast<std::int64_t>(m_share.size()), sources);
        for (Eigen::Index c = 0; c < scores.cols(); ++c)
            scores.col(c).setConstant(m_share[static_cast<std::size_t>(candidates[static_cast<std::size_t>(c)])]);
    }

    void saveState(StateWriter &state) const override { state.put("share", m_share); }
    void loadState(const StateReader &state) override { m_share = state.floatVector("share"); }

private:
    std::vector<float> m_share; ///< of the users who had the item
};

} // namespace

Kind popularityKind()
{
    return kindOf<PopularityParameters>({"popularity", "Popularity", "Every user gets the items that most users had.",
                                         "RecPack 0.3.6, Popularity (without a limit K)"},
                                        [](const PopularityParameters &) { return std::make_unique<Popularity>(); });
}

} // namespace apiary::recsys
