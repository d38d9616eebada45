#include "data/string_pool.h"

#include "base/error.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

namespace apiary::data {

namespace {

constexpr std::size_t blockBytes = std::size_t{1} << 16;

std::uint32_t hashed(std::string_view text)
{
    const std::size_t hash = std::hash<std::string_view>()(text);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

} // namespace

std::size_t StringPool::slot(std::string_view text, std::uint32_t hash) const
{
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
        const Slot &slot = m_slots[i];
        if (slot.number < 0 || (slot.hash == hash && m_texts[static_cast<std::size_t>(slot.number)] == text))
            return i;
    }
}

std::int32_t StringPool::find(std::string_view text) const
{
    return m_slots[slot(text, hashed(text))].number;
}

std::int32_t StringPool::number(std::string_view text)
{
    const std::uint32_t hash = hashed(text);
    std::size_t place = slot(text, hash);
    if (m_slots[place].number >= 0)
        return m_slots[place].number;
    if (m_texts.size() == static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw Error("there are more than two thousand million ids", "ids", "import a part of the data");
    if (m_texts.size() * 2 >= m_slots.size()) {
        grow();
        place = slot(text, hash);
    }
    m_slots[place] = {hash, static_cast<std::int32_t>(m_texts.size())};
    m_texts.push_back(kept(text));
    return m_slots[place].number;
}

StringPool StringPool::copy() const
{
    StringPool pool;
    for (const std::string_view text : m_texts)
        pool.number(text);
    return pool;
}

void StringPool::grow()
{
    std::vector<Slot> old(m_slots.size() * 2);
    old.swap(m_slots);
    const std::size_t mask = m_slots.size() - 1;
    for (const Slot &one : old) {
        if (one.number < 0)
            continue;
        std::size_t i = one.hash & mask;
        while (m_slots[i].number >= 0)
            i = (i + 1) & mask;
        m_slots[i] = one;
    }
}

std::string_view StringPool::kept(std::string_view text)
{
    if (text.size() > m_room) {
        m_room = std::max(blockBytes, text.size());
        m_blocks.push_back(std::make_unique<char[]>(m_room));
        m_free = m_blocks.back().get();
    }
    std::memcpy(m_free, text.data(), text.size());
    const std::string_view result(m_free, text.size());
    m_free += text.size();
    m_room -= text.size();
    return result;
}

} // namespace apiary::data
