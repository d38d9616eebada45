#pragma once

#include "recsys/recommender.h"

#include "base/parallel.h"

#include <cstdint>
#include <string>
#include <vector>

namespace apiary::recsys {

/// Sets the threads of libtorch's operations in this thread while it lives.
class TorchThreads {
public:
    explicit TorchThreads(int wanted);
    ~TorchThreads();
    TorchThreads(const TorchThreads &) = delete;
    TorchThreads &operator=(const TorchThreads &) = delete;

private:
    int m_before;
};

/// Items that somebody had, ascending, and where each item stands among them (−1: nobody had it).
struct SeenItems {
    std::vector<std::int32_t> items;
    std::vector<std::int32_t> place;
};
SeenItems seenItems(const CsrView &interactions);
/// From the tensor "place" of a saved model.
SeenItems readSeen(const StateReader &state);

/// Throws Error where `bytes` are more than the machine has free; `what` says for what.
void checkMemory(double bytes, const std::string &what);

/// scores(i, c) = Σ over the user's source of table[source item, candidate], summed in the order of the row. `table` is
/// seen × seen, row-major; an item that nobody had scores 0.
void addRows(const float *table, const SeenItems &seen, const CsrView &sources, std::int64_t firstUser,
             std::span<const std::int32_t> candidates, ScoreBlock &scores);

} // namespace apiary::recsys
