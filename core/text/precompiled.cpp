#include "text/precompiled.h"

#include "base/error.h"
#include "text/grapheme.h"
#include "text/utf8.h"

#include <algorithm>

namespace apiary::text {

namespace {

/// Clusters from this length on are not looked up as a whole.
constexpr std::size_t longCluster = 6;

std::uint32_t littleEndian(std::string_view bytes)
{
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i)
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return value;
}

// A unit of the double array (darts-clone's layout).
constexpr bool hasLeaf(std::uint32_t unit)
{
    return (unit >> 8 & 1U) != 0;
}
constexpr std::uint32_t valueOf(std::uint32_t unit)
{
    return unit & 0x7FFFFFFFU;
}
constexpr std::uint32_t labelOf(std::uint32_t unit)
{
    return unit & 0x800000FFU;
}
constexpr std::uint32_t offsetOf(std::uint32_t unit)
{
    return unit >> 10 << ((unit & 0x200U) >> 6);
}

} // namespace

Precompiled::Precompiled(std::string_view charsmap, const std::string &where)
{
    const auto fail = [&](const char *problem) { throw InputError(problem, where, "get the encoder's files again"); };
    if (charsmap.size() < 4)
        fail("this map of characters is cut short");
    const std::uint32_t bytes = littleEndian(charsmap);
    charsmap.remove_prefix(4);
    if (bytes > charsmap.size() || bytes < 4)
        fail("this map of characters is cut short");
    m_units.reserve(bytes / 4);
    for (std::size_t i = 0; i + 4 <= bytes; i += 4)
        m_units.push_back(littleEndian(charsmap.substr(i)));
    m_texts = charsmap.substr(bytes / 4 * 4);
    if (validPrefix(m_texts) != m_texts.size())
        fail("the texts of this map of characters are no UTF-8");
    for (char32_t c = 0; c < m_isPlain.size(); ++c)
        m_isPlain[c] = !find(std::string(1, static_cast<char>(c))).found && c != '\r';
}

Precompiled::Found Precompiled::textAt(std::uint32_t offset) const
{
    // A place inside of a character or behind the texts comes from a broken map; nothing stands there.
    if (offset > m_texts.size() || (offset < m_texts.size() && (m_texts[offset] & '\xC0') == '\x80'))
        return {};
    const std::size_t end = std::min(m_texts.find('\0', offset), m_texts.size());
    return {true, std::string_view(m_texts).substr(offset, end - offset)};
}

/// What the shortest key at the front of a chunk stands for.
Precompiled::Found Precompiled::find(std::string_view chunk) const
{
    std::uint32_t node = offsetOf(m_units[0]);
    for (const char c : chunk) {
        const std::uint32_t byte = static_cast<unsigned char>(c);
        node ^= byte;
        if (byte == 0 || node >= m_units.size() || labelOf(m_units[node]) != byte)
            return {};
        const std::uint32_t unit = m_units[node];
        node ^= offsetOf(unit);
        if (hasLeaf(unit))
            return node < m_units.size() ? textAt(valueOf(m_units[node])) : Found{};
    }
    return {};
}

void Precompiled::normalize(std::string_view text, std::string &out) const
{
    out.reserve(out.size() + text.size());
    const auto isAscii = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) < 0x80; };
    for (std::size_t begin = 0; begin < text.size();) {
        // ASCII before ASCII is a cluster of its own, but for a line end of two.
        std::size_t plain = begin;
        while (plain < text.size() && isAscii(plain) && m_isPlain[static_cast<unsigned char>(text[plain])] &&
               (plain + 1 == text.size() || isAscii(plain + 1)))
            ++plain;
        out += text.substr(begin, plain - begin);
        begin = plain;
        if (begin == text.size())
            return;
        const std::size_t end = clusterEnd(text, begin);
        const std::string_view cluster = text.substr(begin, end - begin);
        begin = end;
        if (cluster.size() < longCluster) {
            if (const Found whole = find(cluster); whole.found) {
                out += whole.text;
                continue;
            }
        }
        for (std::size_t position = 0; position < cluster.size();) {
            const std::size_t start = position;
            nextScalar(cluster, position);
            const std::string_view one = cluster.substr(start, position - start);
            const Found found = find(one);
            out += found.found ? found.text : one;
        }
    }
}

} // namespace apiary::text
