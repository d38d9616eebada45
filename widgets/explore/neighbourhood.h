#pragma once

#include "run/explore_session.h"

#include <QString>

#include <array>
#include <cstdint>
#include <stop_token>
#include <vector>

namespace apiary::widgets {

/// The three lists of Explore, in the order of their columns.
enum class NeighbourList { Base, Tuned, Interactions };
constexpr std::size_t neighbourLists = 3;
constexpr std::array<NeighbourList, neighbourLists> allNeighbourLists{NeighbourList::Base, NeighbourList::Tuned,
                                                                      NeighbourList::Interactions};
constexpr std::size_t at(NeighbourList list) { return static_cast<std::size_t>(list); }

/// Length of the lists that the overlap in the header is counted over; the averages of a session use the same.
constexpr int overlapLength = 10;

/// What Explore shows of one item. Made off the GUI thread: ranks need a sort over all items.
struct Neighbourhood {
    std::int32_t item = -1;
    int k = 0;
    std::array<std::vector<explore::Neighbour>, neighbourLists> lists; ///< at most k each, best first
    std::array<std::vector<std::int32_t>, neighbourLists> ranks;       ///< of every item, 1 = nearest, 0 = none
    int baseShared = -1;  ///< items that the first 10 of base and interactions share; -1 where either is missing
    int tunedShared = -1; ///< the same of the tuned encoder
};

/// Lists, ranks and overlaps of `item` (0 ≤ item < items of the session). Throws Cancelled on stop.
Neighbourhood neighbourhood(const run::ExploreSession &session, std::int32_t item, int k, std::stop_token stop = {});

/// The item's values of the source's columns that a person reads at a glance, e.g. "1995 · Animation Children's": short
/// ones that say something the title does not.
QString shortFields(const data::Catalog &catalog, std::int32_t item);

QString titleOf(const run::ExploreSession &session, std::int32_t item);
/// "trained on", "validation", "held out"
QString roleName(data::ItemRole role);
/// One sentence that says what the role means.
QString roleHelp(data::ItemRole role);
/// "base encoder", "tuned encoder", "interactions"
QString listName(NeighbourList list);

/// The three lists as CSV with a header line; the item itself stands in the first two columns of every row.
QString neighbourhoodCsv(const run::ExploreSession &session, const Neighbourhood &neighbourhood);

/// A field of a CSV file, quoted where it has to be (RFC 4180).
QString csvField(const QString &text);

} // namespace apiary::widgets
