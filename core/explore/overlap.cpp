#include "explore/cosines.h"
#include "explore/neighbours.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

namespace apiary::explore {

namespace {

constexpr std::int64_t itemsAtOnce = 16; // a task; few enough that it ends well within a tenth of a second
constexpr std::int64_t groupItems = 4;   // whose sums fit in registers
constexpr std::int64_t stripItems = 32;

std::vector<std::int32_t> firstItems(std::span<const Neighbour> list, int k)
{
    std::vector<std::int32_t> items;
    for (const Neighbour &neighbour : list.first(std::min(list.size(), static_cast<std::size_t>(k))))
        items.push_back(neighbour.item);
    std::sort(items.begin(), items.end());
    return items;
}

/// Overlaps of items first to first + itemsAtOnce. Strips of the catalogue stay in cache while these items' rows pass.
void overlaps(const SemanticIndex &semantic, const InteractionIndex &interactions, std::int64_t first, int k,
              std::vector<float> &buffer, std::vector<double> &result)
{
    const std::int64_t items = semantic.size();
    buffer.resize(static_cast<std::size_t>(items * itemsAtOnce));
    for (std::int64_t strip = 0; strip < items; strip += stripItems)
        for (std::int64_t group = 0; group < itemsAtOnce && first + group < items; group += groupItems) {
            // Past the end the last item is taken again; nobody reads its result.
            const float *queries[groupItems];
            float *out[groupItems];
            for (std::int64_t q = 0; q < groupItems; ++q) {
                queries[q] = semantic.embeddings().row(std::min(first + group + q, items - 1)).data();
                out[q] = buffer.data() + (group + q) * items;
            }
            cosines<groupItems>(semantic.embeddings(), strip, std::min(strip + stripItems, items), queries, out);
        }
    for (std::int64_t q = 0; q < itemsAtOnce && first + q < items; ++q) {
        const auto item = static_cast<std::int32_t>(first + q);
        const std::span<const float> similarities(buffer.data() + q * items, static_cast<std::size_t>(items));
        result[static_cast<std::size_t>(item)] =
            overlap(topNeighbours(similarities, item, k), interactions.nearest(item, k), k);
    }
}

} // namespace

double overlap(std::span<const Neighbour> a, std::span<const Neighbour> b, int k)
{
    if (k <= 0)
        return 0;
    const auto left = firstItems(a, k);
    const auto right = firstItems(b, k);
    std::vector<std::int32_t> both;
    std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
    return static_cast<double>(both.size()) / k;
}

RoleOverlap overlapByRole(const SemanticIndex &semantic, const InteractionIndex &interactions,
                          const data::ItemSplit &split, int k, int threads, std::stop_token stop)
{
    const std::int64_t items = semantic.size();
    if (interactions.size() != items || static_cast<std::int64_t>(split.roles.size()) != items)
        throw Error("embeddings of " + std::to_string(items) + " items, interactions of " +
                        std::to_string(interactions.size()) + " and a split of " + std::to_string(split.roles.size()) +
                        " do not belong together",
                    "overlap of neighbours", "take all three from one dataset");

    std::vector<double> values(static_cast<std::size_t>(items), 0);
    std::atomic<std::int64_t> next{0};
    const auto work = [&] {
        std::vector<float> buffer;
        while (!stop.stop_requested()) {
            const std::int64_t first = next.fetch_add(itemsAtOnce);
            if (first >= items)
                return;
            overlaps(semantic, interactions, first, k, buffer, values);
        }
    };
    const std::int64_t available = threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
    {
        std::vector<std::jthread> others;
        for (std::int64_t t = 1; t < std::min(available, items / itemsAtOnce); ++t)
            others.emplace_back(work);
        work();
    }
    throwIfStopped(stop);

    RoleOverlap result;
    for (std::size_t j = 0; j < values.size(); ++j) {
        if (interactions.users(static_cast<std::int32_t>(j)) == 0)
            continue;
        const auto role = static_cast<std::size_t>(split.roles[j]);
        result.mean[role] += values[j];
        ++result.items[role];
    }
    for (std::size_t role = 0; role < 3; ++role)
        if (result.items[role] > 0)
            result.mean[role] /= static_cast<double>(result.items[role]);
    return result;
}

std::vector<RankMove> rankMoves(std::span<const Neighbour> list, std::span<const std::int32_t> otherRanks)
{
    std::vector<RankMove> moves;
    moves.reserve(list.size());
    for (std::size_t place = 0; place < list.size(); ++place)
        moves.push_back({list[place].item, static_cast<std::int32_t>(place) + 1,
                         otherRanks[static_cast<std::size_t>(list[place].item)]});
    return moves;
}

std::vector<RankMove> rankMoves(const SemanticIndex &base, const SemanticIndex &tuned, std::int32_t item, int k)
{
    if (base.size() != tuned.size())
        throw Error("two encoders embedded " + std::to_string(base.size()) + " and " + std::to_string(tuned.size()) +
                        " items",
                    "moves of neighbours", "compare embeddings of one dataset");
    return rankMoves(tuned.nearest(item, k), base.ranks(item));
}

} // namespace apiary::explore
