#include "explore/cosines.h"
#include "explore/neighbours.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace apiary::explore {

namespace {

const char *const remedy = "encode the items again with an encoder whose weights are finite";

/// Scales to length 1; zeros stay zeros.
void normalise(std::span<float> values)
{
    double square = 0;
    for (const float value : values)
        square += static_cast<double>(value) * value;
    const double norm = std::sqrt(square);
    if (norm == 0)
        return;
    for (float &value : values)
        value = static_cast<float>(value / norm);
}

bool allFinite(std::span<const float> values)
{
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

} // namespace

SemanticIndex::SemanticIndex(Embeddings items) : m_items(std::move(items))
{
    for (Eigen::Index j = 0; j < m_items.rows(); ++j) {
        const std::span<float> row(m_items.row(j).data(), static_cast<std::size_t>(m_items.cols()));
        if (!allFinite(row))
            throw Error("an embedding holds a value that is not finite", "item " + std::to_string(j), remedy);
        normalise(row);
    }
}

std::vector<Neighbour> SemanticIndex::nearest(std::int32_t item, int k) const
{
    std::vector<float> similarities(static_cast<std::size_t>(size()));
    const float *query[] = {m_items.row(item).data()};
    float *out[] = {similarities.data()};
    cosines<1>(m_items, 0, m_items.rows(), query, out);
    return topNeighbours(similarities, item, k);
}

std::vector<Neighbour> SemanticIndex::nearest(std::span<const float> vector, int k) const
{
    if (static_cast<std::int64_t>(vector.size()) != dimension())
        throw Error("a query has " + std::to_string(vector.size()) + " dimensions, the items " +
                        std::to_string(dimension()),
                    "query", "encode the query with the encoder of the items");
    if (!allFinite(vector))
        throw Error("a query holds a value that is not finite", "query", remedy);
    std::vector<float> unit(vector.begin(), vector.end());
    normalise(unit);
    std::vector<float> similarities(static_cast<std::size_t>(size()));
    const float *query[] = {unit.data()};
    float *out[] = {similarities.data()};
    cosines<1>(m_items, 0, m_items.rows(), query, out);
    return topNeighbours(similarities, -1, k);
}

std::vector<std::int32_t> SemanticIndex::ranks(std::int32_t item) const
{
    const auto all = nearest(item, static_cast<int>(size()));
    std::vector<std::int32_t> result(static_cast<std::size_t>(size()), 0);
    for (std::size_t place = 0; place < all.size(); ++place)
        result[static_cast<std::size_t>(all[place].item)] = static_cast<std::int32_t>(place) + 1;
    return result;
}

} // namespace apiary::explore
