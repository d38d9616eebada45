#include "text/prefix_tree.h"

#include <algorithm>
#include <bit>

namespace apiary::text {

PrefixTree::PrefixTree(std::size_t bytes)
{
    // Texts share beginnings: a third of the bytes become edges in practice, and the table grows where it is more.
    m_edges.resize(std::bit_ceil(std::max<std::size_t>(bytes / 2, 16)));
    m_mask = m_edges.size() - 1;
}

void PrefixTree::grow()
{
    std::vector<Edge> old(m_edges.size() * 2);
    old.swap(m_edges);
    m_mask = m_edges.size() - 1;
    for (const Edge &edge : old) {
        if (edge.key == empty)
            continue;
        std::size_t place = placeOf(edge.key);
        while (m_edges[place].key != empty)
            place = (place + 1) & m_mask;
        m_edges[place] = edge;
    }
}

void PrefixTree::add(std::string_view text, std::int32_t id)
{
    Node node = root;
    Edge *last = nullptr;
    for (const char byte : text) {
        if (std::size_t{m_nodes} * 2 > m_edges.size())
            grow();
        const std::uint64_t key = keyOf(node, byte);
        std::size_t place = placeOf(key);
        while (m_edges[place].key != key && m_edges[place].key != empty)
            place = (place + 1) & m_mask;
        last = &m_edges[place];
        if (last->key == empty)
            *last = {key, m_nodes++, -1};
        node = last->node;
    }
    if (last)
        last->id = id;
}

} // namespace apiary::text
