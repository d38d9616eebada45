#include "recsys/fitting.h"

#include "recsys/row_kernels.h"
#include "recsys/state.h"

#include "base/error.h"
#include "base/memory.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <limits>

namespace apiary::recsys {

TorchThreads::TorchThreads(int wanted) : m_before(at::get_num_threads())
{
    at::set_num_threads(threadCount(wanted, std::numeric_limits<std::int64_t>::max()));
}

TorchThreads::~TorchThreads()
{
    at::set_num_threads(m_before);
}

SeenItems seenItems(const CsrView &interactions)
{
    SeenItems seen;
    seen.place.assign(static_cast<std::size_t>(interactions.cols), -1);
    for (const std::int32_t item : interactions.columns)
        seen.place[static_cast<std::size_t>(item)] = 0;
    for (std::size_t j = 0; j < seen.place.size(); ++j) {
        if (seen.place[j] < 0)
            continue;
        seen.place[j] = static_cast<std::int32_t>(seen.items.size());
        seen.items.push_back(static_cast<std::int32_t>(j));
    }
    return seen;
}

SeenItems readSeen(const StateReader &state)
{
    SeenItems seen;
    seen.place = state.indices("place", -1, std::numeric_limits<std::int32_t>::max());
    for (std::size_t j = 0; j < seen.place.size(); ++j) {
        if (seen.place[j] < 0)
            continue;
        if (seen.place[j] != static_cast<std::int32_t>(seen.items.size()))
            state.fail("the tensor \"place\" does not count the items up");
        seen.items.push_back(static_cast<std::int32_t>(j));
    }
    return seen;
}

void checkMemory(double bytes, const std::string &what)
{
    const auto free = static_cast<double>(availableMemory());
    if (bytes <= free)
        return;
    const auto gigabytes = [](double b) {
        const std::string text = std::to_string(b / 1e9);
        return text.substr(0, text.find('.') + 2) + " GB";
    };
    throw Error(what + " needs " + gigabytes(bytes) + " of memory, " + gigabytes(free) + " are free", "recommender",
                "leave out rare items or take a sparse recommender");
}

void addRows(const float *table, const SeenItems &seen, const CsrView &sources, std::int64_t firstUser,
             std::span<const std::int32_t> candidates, ScoreBlock &scores)
{
    const std::size_t width = seen.items.size();
    std::vector<std::int32_t> columns(candidates.size());
    bool neighbours = !candidates.empty(); // all seen, one beside the other: summed where they stand
    for (std::size_t c = 0; c < candidates.size(); ++c) {
        columns[c] = seen.place[static_cast<std::size_t>(candidates[c])];
        neighbours = neighbours && columns[c] >= 0 && columns[c] == columns[0] + static_cast<std::int32_t>(c);
    }
    const bool few = columns.size() < width / 8;
    std::vector<float> all(neighbours || few ? 0 : width);
    for (Eigen::Index i = 0; i < scores.rows(); ++i) {
        float *out = scores.row(i).data();
        std::fill_n(out, columns.size(), 0.0F);
        std::fill(all.begin(), all.end(), 0.0F);
        for (const std::int32_t item : sources.row(firstUser + i)) {
            const std::int32_t place = seen.place[static_cast<std::size_t>(item)];
            if (place < 0)
                continue;
            const float *row = table + static_cast<std::size_t>(place) * width;
            if (neighbours)
                addTo(out, row + columns[0], static_cast<std::int64_t>(columns.size()));
            else if (few)
                for (std::size_t c = 0; c < columns.size(); ++c)
                    out[c] += columns[c] >= 0 ? row[columns[c]] : 0.0F;
            else
                addTo(all.data(), row, static_cast<std::int64_t>(width));
        }
        if (!all.empty())
            for (std::size_t c = 0; c < columns.size(); ++c)
                out[c] = columns[c] >= 0 ? all[static_cast<std::size_t>(columns[c])] : 0.0F;
    }
}

} // namespace apiary::recsys
