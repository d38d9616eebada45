#pragma once

#include "base/csr.h"

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

/// What a cold-start evaluation of `role` reads. Users are those with at least one source and one target item.
struct ColdStartTask {
    std::vector<std::int32_t> users;      ///< rows of the original matrix, ascending
    std::vector<std::int32_t> candidates; ///< items of the role, ascending
    Csr sources;                          ///< users × all items, training items only
    Csr targets;                          ///< users × all items, items of the role only
};

/// `role` is Validation or Test.
ColdStartTask coldStartTask(const CsrView &interactions, const ItemSplit &split, ItemRole role);

/// The rows of users that keep at least one training item, training items only (column indices unchanged).
Csr trainingRows(const CsrView &interactions, const ItemSplit &split);

/// Throws Error unless sources hold training items only, targets and candidates items of one other role only, the
/// candidates are all of that role, and every user has at least one source and one target.
void checkNoLeak(const ColdStartTask &task, const ItemSplit &split);

/// Throws Error where what training reads holds an item that is not a training item.
void checkNoLeak(const CsrView &training, const ItemSplit &split);

} // namespace apiary::data
