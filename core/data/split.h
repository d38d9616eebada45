#pragma once

#include "base/csr.h"
#include "data/interactions.h"

#include <cstdint>
#include <vector>

namespace apiary::data {

enum class ItemRole : std::int8_t { Train, Validation, Test };

const char *name(ItemRole role); ///< "train", "validation", "test"

/// The cold-start split: every item has one role. A user's source is their training items only.
struct ItemSplit {
    std::vector<ItemRole> roles; ///< one an item
    std::uint64_t seed = 0;

    std::vector<std::int32_t> items(ItemRole role) const; ///< ascending
};

/// Shuffles the items with the seed: the first testShare are test, the next validationShare validation. Counts are
/// rounded to the nearest item. Throws InputError where a share leaves a role without items, a share of 0 included.
ItemSplit coldStartSplit(std::int64_t items, double testShare, double validationShare, std::uint64_t seed);

/// The draw of the beeFormer publication (its code's ColdStartEvaluation): numpy's legacy generator, seeded with `seed`,
/// draws `draws` validation items with replacement from the items in the order in which they first appear; seeded again,
/// it draws as many test items, again with replacement, from the items that are left, sorted by id (bytes ascending). So
/// fewer than `draws` different items are held out in each role. The publication drew 2000 with the seed 42.
/// Here the order of appearance is that of the rows, and within a row of the items: it equals the publication's where the
/// interactions file is sorted by user and item, as MovieLens' is; where it is not, the draws fall on other items. Throws
/// InputError where a role would be left without items, or the seed is none of numpy's (below 2³²).
ItemSplit publishedSplit(const Interactions &interactions, std::int64_t draws, std::uint64_t seed);

/// What an evaluation reads: users with at least one source and one target item.
struct EvaluationTask {
    std::vector<std::int32_t> users;      ///< rows of the original matrix, ascending
    std::vector<std::int32_t> candidates; ///< items that may be recommended, ascending
    Csr sources;                          ///< users × all items: what the recommender is told of each user
    Csr targets;                          ///< users × all items: what it is to find
};

/// The cold-start task of a role, Validation or Test: sources are training items, targets and candidates items of the role.
EvaluationTask coldStartTask(const CsrView &interactions, const ItemSplit &split, ItemRole role);

/// The rows of users that keep at least one training item, training items only (column indices unchanged). Where `users` is
/// given it gets the original row of each.
Csr trainingRows(const CsrView &interactions, const ItemSplit &split, std::vector<std::int32_t> *users = nullptr);

/// Throws Error unless sources hold training items only, targets and candidates items of one other role only, the
/// candidates are all of that role, and every user has at least one source and one target.
void checkNoLeak(const EvaluationTask &task, const ItemSplit &split);

/// Throws Error where what training reads holds an item that is not a training item.
void checkNoLeak(const CsrView &training, const ItemSplit &split);

} // namespace apiary::data
