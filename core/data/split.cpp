#include "data/split.h"

#include "base/error.h"
#include "base/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>

namespace apiary::data {

namespace {

/// Keeps the shuffle of the split apart from other uses of the same seed.
constexpr std::uint64_t splitStream = 0x636F6C6473706C74ULL; // "coldsplt"

std::int64_t itemsOfShare(double share, std::int64_t items, const std::string &field)
{
    if (!(share > 0 && share < 1))
        throw InputError("must lie between 0 and 1, not be " + std::to_string(share), field, "0.2 and 0.1 are usual");
    const std::int64_t count = std::llround(share * static_cast<double>(items));
    if (count == 0)
        throw InputError("leaves no item of " + std::to_string(items), field, "raise it or use more items");
    return count;
}

void requireFit(const CsrView &interactions, const ItemSplit &split)
{
    if (interactions.cols != static_cast<std::int64_t>(split.roles.size()))
        throw std::logic_error("the split and the interactions have different items");
}

ItemRole roleOf(const ItemSplit &split, std::int32_t item)
{
    return split.roles[static_cast<std::size_t>(item)];
}

void appendRole(std::vector<std::int32_t> &into, std::span<const std::int32_t> row, const ItemSplit &split,
                ItemRole role)
{
    into.clear();
    for (const std::int32_t item : row)
        if (roleOf(split, item) == role)
            into.push_back(item);
}

void requireRole(const CsrView &rows, const ItemSplit &split, ItemRole role, const std::string &what)
{
    for (const std::int32_t item : rows.columns)
        if (item < 0 || item >= rows.cols || roleOf(split, item) != role)
            throw Error("item " + std::to_string(item) + " is not a " + name(role) + " item", what,
                        "make the task again from the split that it belongs to");
}

/// numpy.random.RandomState(seed).choice(order, draws): below 2³² places its legacy generator takes 32 bits of MT19937,
/// masks them to as many bits as the last place needs, and draws again where they lie beyond it.
void drawWithReplacement(const std::vector<std::int32_t> &order, std::int64_t draws, std::uint32_t seed, ItemRole role,
                         ItemSplit &split)
{
    std::mt19937 generator(seed); // the standard fixes its numbers, unlike those of the distributions
    const auto last = static_cast<std::uint32_t>(order.size() - 1);
    const std::uint32_t mask = last == 0 ? 0 : ~std::uint32_t{0} >> std::countl_zero(last);
    for (std::int64_t i = 0; i < draws; ++i) {
        std::uint32_t place = 0;
        if (last > 0)
            while ((place = static_cast<std::uint32_t>(generator()) & mask) > last) {}
        split.roles[static_cast<std::size_t>(order[place])] = role;
    }
}

} // namespace

const char *name(ItemRole role)
{
    switch (role) {
    case ItemRole::Train:
        return "train";
    case ItemRole::Validation:
        return "validation";
    case ItemRole::Test:
        break;
    }
    return "test";
}

std::vector<std::int32_t> ItemSplit::items(ItemRole role) const
{
    std::vector<std::int32_t> found;
    for (std::size_t j = 0; j < roles.size(); ++j)
        if (roles[j] == role)
            found.push_back(static_cast<std::int32_t>(j));
    return found;
}

ItemSplit coldStartSplit(std::int64_t items, double testShare, double validationShare, std::uint64_t seed)
{
    const std::int64_t test = itemsOfShare(testShare, items, "test share");
    const std::int64_t validation = itemsOfShare(validationShare, items, "validation share");
    if (test + validation >= items)
        throw InputError("leave no training item of " + std::to_string(items), "test share and validation share",
                         "lower one of them");
    std::vector<std::int32_t> order(static_cast<std::size_t>(items));
    std::iota(order.begin(), order.end(), 0);
    CounterRng rng(mixKey(seed, splitStream));
    rng.shuffle(order);

    ItemSplit split{std::vector<ItemRole>(order.size(), ItemRole::Train), seed};
    for (std::int64_t i = 0; i < test + validation; ++i)
        split.roles[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] =
            i < test ? ItemRole::Test : ItemRole::Validation;
    return split;
}

ItemSplit publishedSplit(const Interactions &interactions, std::int64_t draws, std::uint64_t seed)
{
    if (seed > 0xFFFFFFFFULL)
        throw InputError("is no seed of the published draw: " + std::to_string(seed), "split seed",
                         "take a number below 4294967296; the publication took 42");
    if (draws < 1)
        throw InputError("must draw at least one item", "published draws", "the publication drew 2000");
    const auto items = static_cast<std::size_t>(interactions.itemCount());
    std::vector<std::int32_t> order;
    std::vector<char> seen(items);
    for (const std::int32_t item : interactions.csr.columns)
        if (!seen[static_cast<std::size_t>(item)]++)
            order.push_back(item);

    ItemSplit split{std::vector<ItemRole>(items, ItemRole::Train), seed};
    drawWithReplacement(order, draws, static_cast<std::uint32_t>(seed), ItemRole::Validation, split);
    std::erase_if(order, [&split](std::int32_t item) { return roleOf(split, item) != ItemRole::Train; });
    std::sort(order.begin(), order.end(), [&interactions](std::int32_t a, std::int32_t b) {
        return interactions.items[static_cast<std::size_t>(a)] < interactions.items[static_cast<std::size_t>(b)];
    });
    if (order.empty())
        throw InputError("leave no test item of " + std::to_string(items), "published draws", "draw fewer");
    drawWithReplacement(order, draws, static_cast<std::uint32_t>(seed), ItemRole::Test, split);
    if (split.items(ItemRole::Train).empty())
        throw InputError("leave no training item of " + std::to_string(items), "published draws", "draw fewer");
    return split;
}

EvaluationTask coldStartTask(const CsrView &interactions, const ItemSplit &split, ItemRole role)
{
    requireFit(interactions, split);
    if (role == ItemRole::Train)
        throw std::logic_error("a cold-start task has validation or test items as its targets");
    EvaluationTask task;
    task.candidates = split.items(role);
    task.sources.cols = task.targets.cols = interactions.cols;
    std::vector<std::int32_t> sources, targets;
    for (std::int64_t user = 0; user < interactions.rows; ++user) {
        appendRole(sources, interactions.row(user), split, ItemRole::Train);
        appendRole(targets, interactions.row(user), split, role);
        if (sources.empty() || targets.empty())
            continue;
        task.users.push_back(static_cast<std::int32_t>(user));
        task.sources.addRow(sources);
        task.targets.addRow(targets);
    }
    return task;
}

Csr trainingRows(const CsrView &interactions, const ItemSplit &split, std::vector<std::int32_t> *users)
{
    requireFit(interactions, split);
    Csr rows;
    rows.cols = interactions.cols;
    std::vector<std::int32_t> items;
    for (std::int64_t user = 0; user < interactions.rows; ++user) {
        appendRole(items, interactions.row(user), split, ItemRole::Train);
        if (items.empty())
            continue;
        rows.addRow(items);
        if (users)
            users->push_back(static_cast<std::int32_t>(user));
    }
    return rows;
}

void checkNoLeak(const EvaluationTask &task, const ItemSplit &split)
{
    const auto fail = [](const std::string &what, const std::string &where) {
        throw Error(what, where, "make the task again from the split that it belongs to");
    };
    const auto items = static_cast<std::int64_t>(split.roles.size());
    if (task.sources.cols != items || task.targets.cols != items)
        fail("has other items than the split", "cold-start task");
    const auto users = static_cast<std::int64_t>(task.users.size());
    if (task.sources.rows() != users || task.targets.rows() != users)
        fail("has other users in its sources or targets than it lists", "cold-start task");
    if (task.candidates.empty() || task.candidates.front() < 0 || task.candidates.front() >= items)
        fail("names no item of the split", "candidates");
    const ItemRole role = roleOf(split, task.candidates.front());
    if (role == ItemRole::Train)
        fail("hold a training item", "candidates");
    if (task.candidates != split.items(role))
        fail(std::string("are not the ") + name(role) + " items of the split", "candidates");
    requireRole(task.sources, split, ItemRole::Train, "sources");
    requireRole(task.targets, split, role, "targets");
    for (std::int64_t user = 0; user < users; ++user)
        if (task.sources.view().row(user).empty() || task.targets.view().row(user).empty())
            fail("user " + std::to_string(task.users[static_cast<std::size_t>(user)]) + " has no source or no target",
                 "cold-start task");
}

void checkNoLeak(const CsrView &training, const ItemSplit &split)
{
    if (training.cols != static_cast<std::int64_t>(split.roles.size()))
        throw Error("has other items than the split", "training rows", "make them from the split");
    requireRole(training, split, ItemRole::Train, "training rows");
}

} // namespace apiary::data
