#include "text/vocabulary.h"

#include <algorithm>
#include <array>
#include <bit>

namespace apiary::text {

namespace {

// FNV-1a, which grows a byte at a time, with a mixer at the end for the table's low bits.
constexpr std::uint64_t fnvStart = 0xCBF29CE484222325ULL;
constexpr std::uint64_t grow(std::uint64_t state, char byte)
{
    return (state ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
}
constexpr std::uint64_t finish(std::uint64_t state)
{
    return (state ^ state >> 32) * 0x9E3779B97F4A7C15ULL;
}
constexpr std::uint32_t tagOf(std::uint64_t hash)
{
    return static_cast<std::uint32_t>(hash >> 32);
}
/// From the upper bits, where the multiplication has mixed best; the tag's low bits are what it adds.
constexpr std::size_t placeOf(std::uint64_t hash, std::size_t slots)
{
    return static_cast<std::size_t>(hash >> 20) & (slots - 1);
}

std::uint64_t hashOf(std::string_view token)
{
    std::uint64_t state = fnvStart;
    for (const char c : token)
        state = grow(state, c);
    return finish(state);
}

} // namespace

void Vocabulary::reserve(std::size_t tokens, std::size_t bytes)
{
    m_tokens.reserve(tokens);
    m_bytes.reserve(bytes);
    rehash(std::bit_ceil(std::max<std::size_t>(tokens * 2, 16)));
}

void Vocabulary::insert(std::uint64_t hash, std::uint32_t token)
{
    std::size_t place = placeOf(hash, m_slots.size());
    while (m_slots[place].token != 0)
        place = (place + 1) & (m_slots.size() - 1);
    m_slots[place] = {tagOf(hash), token};
}

void Vocabulary::rehash(std::size_t slots)
{
    m_slots.assign(slots, Slot{});
    for (std::size_t i = 0; i < m_tokens.size(); ++i)
        insert(hashOf(view(m_tokens[i])), static_cast<std::uint32_t>(i + 1));
}

bool Vocabulary::add(std::string_view token, std::int32_t id)
{
    const std::uint64_t hash = hashOf(token);
    if (lookUp(token, hash))
        return false;
    if ((m_tokens.size() + 1) * 2 > m_slots.size())
        rehash(std::max<std::size_t>(m_slots.size() * 2, 16));
    m_tokens.push_back({m_bytes.size(), static_cast<std::uint32_t>(token.size()), id});
    m_bytes.append(token);
    m_longest = std::max(m_longest, token.size());
    insert(hash, static_cast<std::uint32_t>(m_tokens.size()));
    return true;
}

const Vocabulary::Token *Vocabulary::lookUp(std::string_view token, std::uint64_t hash) const
{
    if (m_slots.empty())
        return nullptr;
    const std::uint32_t tag = tagOf(hash);
    for (std::size_t place = placeOf(hash, m_slots.size());; place = (place + 1) & (m_slots.size() - 1)) {
        const Slot slot = m_slots[place];
        if (slot.token == 0)
            return nullptr;
        if (slot.tag == tag && view(m_tokens[slot.token - 1]) == token)
            return &m_tokens[slot.token - 1];
    }
}

std::int32_t Vocabulary::find(std::string_view token) const
{
    const Token *found = lookUp(token, hashOf(token));
    return found ? found->id : -1;
}

Vocabulary::Match Vocabulary::longest(std::string_view text) const
{
    const std::size_t limit = std::min(text.size(), m_longest);
    std::array<std::uint64_t, 128> few;
    std::vector<std::uint64_t> many;
    std::uint64_t *states = few.data();
    if (limit > few.size()) {
        many.resize(limit);
        states = many.data();
    }
    std::uint64_t state = fnvStart;
    for (std::size_t i = 0; i < limit; ++i)
        states[i] = state = grow(state, text[i]);
    for (std::size_t length = limit; length > 0; --length) {
        if (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
            continue;
        if (const Token *found = lookUp(text.substr(0, length), finish(states[length - 1])))
            return {found->id, length};
    }
    return {};
}

} // namespace apiary::text
