#include "recsys/kinds.h"

#include "base/random.h"

namespace apiary::recsys {

namespace {

struct RandomParameters {
    std::int64_t seed = 42;

    static std::vector<Parameter<RandomParameters>> table() { return {seedParameter(&RandomParameters::seed)}; }
};

class RandomRecommender final : public Recommender {
public:
    explicit RandomRecommender(std::uint64_t seed) : m_seed(seed) {}

    std::string name() const override { return "random"; }
    std::string kind() const override { return "random"; }
    Json parameters() const override { return toJson(RandomParameters{static_cast<std::int64_t>(m_seed)}); }

    void fit(const CsrView &, const FitContext &) override {}

    void score(const CsrView &, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               ScoreBlock &scores) const override
    {
        for (Eigen::Index i = 0; i < scores.rows(); ++i) {
            const std::uint64_t user = mixKey(m_seed, firstUser + i);
            for (Eigen::Index c = 0; c < scores.cols(); ++c) {
                const std::uint64_t bits = mixKey(user, candidates[static_cast<std::size_t>(c)]);
                scores(i, c) = static_cast<float>((bits >> 40) + 1) * 0x1.0p-24F; // (0, 1]
            }
        }
    }

private:
    std::uint64_t m_seed;
};

} // namespace

std::unique_ptr<Recommender> randomRecommender(std::uint64_t seed)
{
    return std::make_unique<RandomRecommender>(seed);
}

Kind randomKind()
{
    return kindOf<RandomParameters>(
        {.kind = "random",
         .label = "Random",
         .help = "Scores drawn for each user and item: the floor that any recommender must be above.",
         .source = "RecPack 0.3.6, Random",
         .coldItems = true},
        [](const RandomParameters &p) { return randomRecommender(static_cast<std::uint64_t>(p.seed)); });
}

} // namespace apiary::recsys
