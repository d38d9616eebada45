#include "explore/cosines.h"
#include "explore/neighbours.h"

#include "data/interactions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace apiary::explore {

InteractionIndex::InteractionIndex(const CsrView &usersByItems) : m_byItem(data::transposed(usersByItems))
{
    m_byUser.cols = usersByItems.cols;
    m_byUser.offsets.assign(usersByItems.offsets.begin(), usersByItems.offsets.end());
    m_byUser.columns.assign(usersByItems.columns.begin(), usersByItems.columns.end());

    std::vector<std::int32_t> order(static_cast<std::size_t>(usersByItems.cols));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [this](std::int32_t a, std::int32_t b) { return users(a) > users(b); });
    m_rank.resize(order.size());
    for (std::size_t place = 0; place < order.size(); ++place)
        m_rank[static_cast<std::size_t>(order[place])] = static_cast<std::int64_t>(place) + 1;
}

std::vector<Neighbour> InteractionIndex::nearest(std::int32_t item, int k) const
{
    std::vector<std::int32_t> common(static_cast<std::size_t>(size()), 0);
    std::vector<Neighbour> candidates;
    for (const std::int32_t user : m_byItem.view().row(item))
        for (const std::int32_t other : m_byUser.view().row(user))
            if (common[static_cast<std::size_t>(other)]++ == 0 && other != item)
                candidates.push_back({other, 0});
    const auto own = static_cast<double>(users(item));
    for (Neighbour &candidate : candidates) {
        const auto both = static_cast<double>(common[static_cast<std::size_t>(candidate.item)]);
        candidate.similarity = static_cast<float>(both / std::sqrt(own * static_cast<double>(users(candidate.item))));
    }
    return topNeighbours(std::move(candidates), k);
}

std::int64_t InteractionIndex::users(std::int32_t item) const
{
    return static_cast<std::int64_t>(m_byItem.view().row(item).size());
}

std::int64_t InteractionIndex::usersInCommon(std::int32_t a, std::int32_t b) const
{
    const auto left = m_byItem.view().row(a);
    const auto right = m_byItem.view().row(b);
    std::int64_t count = 0;
    for (auto i = left.begin(), j = right.begin(); i != left.end() && j != right.end();) {
        if (*i == *j)
            ++count;
        const bool stepLeft = *i <= *j;
        const bool stepRight = *j <= *i;
        i += stepLeft;
        j += stepRight;
    }
    return count;
}

std::int64_t InteractionIndex::popularityRank(std::int32_t item) const
{
    return m_rank[static_cast<std::size_t>(item)];
}

} // namespace apiary::explore
