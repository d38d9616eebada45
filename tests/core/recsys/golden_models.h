#pragma once

#include "recsys/registry.h"

#include "base/random.h"
#include "support/assets.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

namespace apiary::tests {

inline const nlohmann::json &goldenFile(const std::string &name)
{
    static std::map<std::string, nlohmann::json> files;
    auto &value = files[name];
    if (value.is_null()) {
        std::ifstream file(golden() / name);
        value = nlohmann::json::parse(file);
    }
    return value;
}

inline Csr goldenRows(const nlohmann::json &lists, std::int64_t items)
{
    Csr rows;
    rows.cols = items;
    for (const auto &list : lists)
        rows.addRow(list.get<std::vector<std::int32_t>>());
    return rows;
}

/// Users with a taste for one of three kinds of items, at any times; nobody has the last item.
inline Csr tasteRows(std::int64_t users, std::int32_t items, std::uint64_t seed)
{
    CounterRng random(seed);
    Csr rows;
    rows.cols = items;
    for (std::int64_t u = 0; u < users; ++u) {
        std::vector<std::int32_t> row;
        for (std::int32_t j = 0; j + 1 < items; ++j)
            if (random.uniform() < (j % 3 == u % 3 ? 0.4 : 0.1))
                row.push_back(j);
        rows.addRow(row);
        for (std::size_t n = 0; n < row.size(); ++n)
            rows.times.push_back(static_cast<std::int64_t>(random.below(1000)));
    }
    return rows;
}

inline std::vector<std::int32_t> allItems(std::int64_t count)
{
    std::vector<std::int32_t> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

inline recsys::ScoreBlock scoresOf(const recsys::Recommender &model, const CsrView &sources)
{
    recsys::ScoreBlock scores(sources.rows, sources.cols);
    model.score(sources, 0, allItems(sources.cols), scores);
    return scores;
}

inline bool sameBits(const recsys::ScoreBlock &a, const recsys::ScoreBlock &b)
{
    return a.rows() == b.rows() && a.cols() == b.cols() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

/// The largest difference from a golden matrix.
inline double farthest(const recsys::ScoreBlock &scores, const nlohmann::json &expected)
{
    double largest = expected.size() == static_cast<std::size_t>(scores.rows()) ? 0 : 1e30;
    for (Eigen::Index u = 0; u < scores.rows(); ++u)
        for (Eigen::Index j = 0; j < scores.cols(); ++j) {
            const double difference =
                scores(u, j) - expected.at(static_cast<std::size_t>(u)).at(static_cast<std::size_t>(j)).get<double>();
            largest = std::isnan(difference) ? 1e30 : std::max(largest, std::abs(difference));
        }
    return largest;
}

} // namespace apiary::tests
