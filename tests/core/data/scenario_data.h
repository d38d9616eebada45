#pragma once

#include "base/random.h"
#include "data/scenario.h"

#include <algorithm>
#include <string>
#include <vector>

namespace apiary::tests {

using Items = std::vector<std::int32_t>;

inline std::vector<Items> rowsOf(const Csr &csr)
{
    std::vector<Items> rows;
    for (std::int64_t r = 0; r < csr.rows(); ++r) {
        const auto row = csr.view().row(r);
        rows.emplace_back(row.begin(), row.end());
    }
    return rows;
}

/// The items' roles: t for training, v for validation, T for test.
inline std::string letters(const data::ItemSplit &split)
{
    std::string text;
    for (const data::ItemRole role : split.roles)
        text += role == data::ItemRole::Train ? 't' : role == data::ItemRole::Validation ? 'v' : 'T';
    return text;
}

/// One interaction: user, item, time.
struct Event {
    std::int32_t user;
    std::int32_t item;
    std::int64_t time;
};

/// Users "u0" … and items "i0" … of some interactions.
inline data::Interactions interactionsOf(std::vector<Event> events, std::int32_t users, std::int32_t items,
                                         bool times = true)
{
    std::sort(events.begin(), events.end(),
              [](const Event &a, const Event &b) { return a.user != b.user ? a.user < b.user : a.item < b.item; });
    data::Interactions result;
    for (std::int32_t u = 0; u < users; ++u)
        result.users.push_back("u" + std::to_string(u));
    for (std::int32_t i = 0; i < items; ++i)
        result.items.push_back("i" + std::to_string(i));
    result.csr.cols = items;
    auto next = events.begin();
    for (std::int32_t u = 0; u < users; ++u) {
        std::vector<std::int32_t> row;
        for (; next != events.end() && next->user == u; ++next) {
            row.push_back(next->item);
            if (times)
                result.timestamps.push_back(next->time);
        }
        result.csr.addRow(row);
    }
    return result;
}

/// About `density` of all pairs, at times 0 … 999.
inline data::Interactions randomInteractions(std::int32_t users, std::int32_t items, double density, std::uint64_t seed)
{
    CounterRng rng(seed);
    std::vector<Event> events;
    for (std::int32_t u = 0; u < users; ++u)
        for (std::int32_t i = 0; i < items; ++i)
            if (rng.uniform() < density)
                events.push_back({u, i, static_cast<std::int64_t>(rng.below(1000))});
    return interactionsOf(std::move(events), users, items);
}

} // namespace apiary::tests
