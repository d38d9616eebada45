#include "recsys/recommender.h"

#include "base/random.h"

namespace apiary::recsys {

namespace {

class RandomRecommender final : public Recommender {
public:
    explicit RandomRecommender(std::uint64_t seed) : m_seed(seed) {}

    std::string name() const override { return "random"; }

    void fit(const CsrView &) override {}

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

} // namespace apiary::recsys
