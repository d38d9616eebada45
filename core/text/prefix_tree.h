#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace apiary::text {

/// A tree of texts, byte by byte, that answers which of them stand at the front of another. All edges lie in one hash
/// table. Immutable once filled.
class PrefixTree {
public:
    using Node = std::uint32_t;
    static constexpr Node root = 0;
    static constexpr Node none = UINT32_MAX;

    struct Step {
        Node node = none;
        std::int32_t id = -1; ///< of the text that ends here, -1: none does
    };

    /// Makes room for texts of so many bytes in all.
    explicit PrefixTree(std::size_t bytes);

    /// Adds a text, not empty, with an id from 0 on; of one that comes twice the later id counts.
    void add(std::string_view text, std::int32_t id);

    /// From a node by a byte; none where there is no such way.
    Step step(Node from, char byte) const
    {
        const std::uint64_t key = keyOf(from, byte);
        for (std::size_t place = placeOf(key);; place = (place + 1) & m_mask) {
            const Edge &edge = m_edges[place];
            if (edge.key == key)
                return {edge.node, edge.id};
            if (edge.key == empty)
                return {};
        }
    }

private:
    static constexpr std::uint64_t empty = UINT64_MAX;

    struct Edge {
        std::uint64_t key = empty;
        Node node = none;
        std::int32_t id = -1;
    };

    static std::uint64_t keyOf(Node from, char byte)
    {
        return std::uint64_t{from} << 8 | static_cast<unsigned char>(byte);
    }
    std::size_t placeOf(std::uint64_t key) const
    {
        return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15ULL >> 24) & m_mask;
    }
    void grow();

    std::vector<Edge> m_edges;
    std::size_t m_mask = 0;
    Node m_nodes = 1;
};

} // namespace apiary::text
