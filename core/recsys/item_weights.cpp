#include "recsys/kinds.h"

#include <algorithm>
#include <vector>

namespace apiary::recsys {

void sumItemWeights(const ItemWeights &model, const CsrView &sources, std::int64_t firstUser,
                    std::span<const std::int32_t> candidates, ScoreBlock &scores)
{
    std::vector<float> sums(model.offsets.size() - 1);
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
        std::fill(sums.begin(), sums.end(), 0.0F);
        for (const std::int32_t item : sources.row(firstUser + i)) {
            const auto j = static_cast<std::size_t>(item);
            for (auto at = static_cast<std::size_t>(model.offsets[j]);
                 at < static_cast<std::size_t>(model.offsets[j + 1]); ++at)
                sums[static_cast<std::size_t>(model.targets[at])] += model.weights[at];
        }
        for (std::size_t c = 0; c < candidates.size(); ++c)
            scores(i, static_cast<Eigen::Index>(c)) = sums[static_cast<std::size_t>(candidates[c])];
    }
}

} // namespace apiary::recsys
