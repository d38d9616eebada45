#pragma once

#include "widgets/explore/explore_column.h"

#include <QString>

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::widgets {

/// Length of the lists that the overlap in the header is counted over; the averages of a session use the same.
constexpr int overlapLength = 10;

/// One list of an item's neighbours.
struct NeighbourList {
    std::string key;                            ///< of its column
    std::vector<explore::Neighbour> neighbours; ///< at most k, best first
    std::vector<std::int32_t> ranks;            ///< of every item, 1 = nearest, 0 = none or the item itself
    int shared = -1; ///< items that its first 10 and those of the interactions share; −1 for the interactions
};

/// What Explore shows of one item. Made off the GUI thread: ranks need a sort over all items.
struct Neighbourhood {
    std::int32_t item = -1;
    int k = 0;
    std::vector<NeighbourList> lists;

    const NeighbourList *find(const std::string &key) const; ///< null where there is none
};

/// Lists, ranks and overlaps of `item` (0 ≤ item < items of the session): of the interactions, of the base encoder, and
/// of every column that has an encoder. Throws Cancelled on stop.
Neighbourhood neighbourhood(const run::ExploreSession &session, const ExploreColumns &columns, std::int32_t item, int k,
                            std::stop_token stop = {});

/// The item's values of the source's columns that a person reads at a glance, e.g. "1995 · Animation Children's": short
/// ones that say something the title does not.
QString shortFields(const data::Catalog &catalog, std::int32_t item);

QString titleOf(const run::ExploreSession &session, std::int32_t item);
/// "trained on", "validation", "held out"
QString roleName(data::ItemRole role);
/// One sentence that says what the role means.
QString roleHelp(data::ItemRole role);
/// The lists of the columns as CSV with a header line; the item itself stands in the first two columns of every row.
QString neighbourhoodCsv(const run::ExploreSession &session, const ExploreColumns &columns,
                         const Neighbourhood &neighbourhood);

/// A field of a CSV file, quoted where it has to be (RFC 4180).
QString csvField(const QString &text);

} // namespace apiary::widgets
