#include "text/grapheme.h"

#include "text/lazy_pages.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace apiary::text {

namespace {

using unicode::Break;
using unicode::ClusterProperties;
using unicode::Conjunct;

ClusterProperties propertiesOf(char32_t scalar)
{
    using Page = std::array<ClusterProperties, 256>;
    static const LazyPages<Page> pages;
    const Page &page = pages.at(scalar, [](char32_t first) {
        auto made = std::make_unique<Page>();
        for (char32_t i = 0; i < 256; ++i)
            (*made)[i] = unicode::clusterProperties(first + i);
        return made;
    });
    return page[scalar & 0xFF];
}

constexpr bool isControl(Break kind)
{
    return kind == Break::Control || kind == Break::CR || kind == Break::LF;
}

constexpr bool hangulJoins(Break before, Break after)
{
    switch (before) {
    case Break::L:
        return after == Break::L || after == Break::V || after == Break::LV || after == Break::LVT;
    case Break::LV:
    case Break::V:
        return after == Break::V || after == Break::T;
    case Break::LVT:
    case Break::T:
        return after == Break::T;
    default:
        return false;
    }
}

/// What the rules need to know of a cluster's characters so far.
class Cluster {
public:
    explicit Cluster(ClusterProperties first) { take(first); }

    bool joins(ClusterProperties next) const
    {
        const Break before = m_last;
        if (before == Break::CR && next.kind == Break::LF)
            return true;
        if (isControl(before) || isControl(next.kind))
            return false;
        if (next.kind == Break::Extend || next.kind == Break::ZWJ || next.kind == Break::SpacingMark)
            return true;
        if (before == Break::Prepend || hangulJoins(before, next.kind))
            return true;
        if (next.conjunct == Conjunct::Consonant && m_linked)
            return true;
        if (next.pictographic && before == Break::ZWJ && m_pictureJoined)
            return true;
        return next.kind == Break::RegionalIndicator && m_indicators % 2 == 1;
    }

    void take(ClusterProperties next)
    {
        // A picture, then Extend*, then ZWJ.
        m_pictureJoined = next.kind == Break::ZWJ && m_picture;
        m_picture = next.pictographic || (m_picture && next.kind == Break::Extend);
        // A consonant, then linkers and Extend* with at least one linker among them.
        m_linked =
            m_consonant && (next.conjunct == Conjunct::Linker || (m_linked && next.conjunct == Conjunct::Extend));
        m_consonant = next.conjunct == Conjunct::Consonant ||
                      (m_consonant && (next.conjunct == Conjunct::Linker || next.conjunct == Conjunct::Extend));
        m_indicators = next.kind == Break::RegionalIndicator ? m_indicators + 1 : 0;
        m_last = next.kind;
    }

private:
    Break m_last = Break::Other;
    bool m_picture = false;
    bool m_pictureJoined = false;
    bool m_consonant = false;
    bool m_linked = false;
    std::size_t m_indicators = 0;
};

} // namespace

std::size_t clusterEnd(std::string_view text, std::size_t begin)
{
    std::size_t end = begin;
    Cluster cluster(propertiesOf(nextScalar(text, end)));
    while (end < text.size()) {
        std::size_t after = end;
        const ClusterProperties next = propertiesOf(nextScalar(text, after));
        if (!cluster.joins(next))
            break;
        cluster.take(next);
        end = after;
    }
    return end;
}

} // namespace apiary::text
