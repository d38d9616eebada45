#pragma once

#include "base/csr.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace apiary::eval {

/// Items or users in named groups.
struct Segments {
    std::vector<std::string> names;
    std::vector<std::int8_t> of; ///< index into names, one an item or user; -1: in none
};

/// The candidates by popularity: "items: head", "items: mid", "items: tail". Candidates are lined up from the one with most
/// users on (ties by the smaller index); a candidate belongs to the third of all their interactions in which its own
/// begin. Head items are thus few and hold about a third of the interactions, as tail items, which are many, do. Items
/// that are no candidates are in none.
Segments popularitySegments(std::span<const std::int64_t> popularity, std::span<const std::int32_t> candidates);

/// Users of a task by the number of their source items: "users: light", "users: medium", "users: heavy", a third of the
/// users each; users with equally many stay together, in the group of the first of them.
Segments activitySegments(const CsrView &sources);

/// Users of each item.
std::vector<std::int64_t> popularityOf(const CsrView &interactions);

} // namespace apiary::eval
