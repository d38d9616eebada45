#include "eval/segments.h"

#include <algorithm>
#include <numeric>

namespace apiary::eval {

Segments popularitySegments(std::span<const std::int64_t> popularity, std::span<const std::int32_t> candidates)
{
    Segments segments{{"items: head", "items: mid", "items: tail"}, std::vector<std::int8_t>(popularity.size(), -1)};
    const auto have = [&](std::int32_t item) { return popularity[static_cast<std::size_t>(item)]; };
    std::vector<std::int32_t> order(candidates.begin(), candidates.end());
    std::sort(order.begin(), order.end(),
              [&](std::int32_t a, std::int32_t b) { return have(a) != have(b) ? have(a) > have(b) : a < b; });
    std::int64_t total = 0;
    for (const std::int32_t item : order)
        total += have(item);
    std::int64_t before = 0;
    for (const std::int32_t item : order) {
        segments.of[static_cast<std::size_t>(item)] =
            static_cast<std::int8_t>(before >= total ? 2 : 3 * before / total);
        before += have(item);
    }
    return segments;
}

Segments activitySegments(const CsrView &sources)
{
    const auto users = static_cast<std::size_t>(sources.rows);
    Segments segments{{"users: light", "users: medium", "users: heavy"}, std::vector<std::int8_t>(users)};
    std::vector<std::int32_t> order(users);
    std::iota(order.begin(), order.end(), 0);
    const auto size = [&](std::int32_t user) { return sources.row(user).size(); };
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return size(a) < size(b); });
    for (std::size_t place = 0; place < users; ++place) {
        const bool same = place > 0 && size(order[place]) == size(order[place - 1]);
        segments.of[static_cast<std::size_t>(order[place])] =
            same ? segments.of[static_cast<std::size_t>(order[place - 1])]
                 : static_cast<std::int8_t>(3 * place / users);
    }
    return segments;
}

std::vector<std::int64_t> popularityOf(const CsrView &interactions)
{
    std::vector<std::int64_t> users(static_cast<std::size_t>(interactions.cols));
    for (const std::int32_t item : interactions.columns)
        ++users[static_cast<std::size_t>(item)];
    return users;
}

} // namespace apiary::eval
