#include "text/split_joiner.h"

namespace apiary::text {

bool SplitJoiner::handOn(std::size_t begin, std::size_t end)
{
    return begin == end || m_take(m_text.substr(begin, end - begin), m_atStart && begin == 0);
}

bool SplitJoiner::flush()
{
    const bool had = m_hasPending;
    m_hasPending = false;
    return !had || handOn(m_begin, m_end);
}

/// Ends the pending word and begins another.
bool SplitJoiner::keep(std::size_t begin, std::size_t end)
{
    const bool more = flush();
    m_hasPending = true;
    m_begin = begin;
    m_end = end;
    return more;
}

bool SplitJoiner::add(std::size_t begin, std::size_t end, bool isMatch)
{
    const bool wasMatch = m_previousMatch;
    m_previousMatch = isMatch;
    switch (m_behavior) {
    case SplitBehavior::Removed:
        return isMatch || handOn(begin, end);
    case SplitBehavior::Isolated:
        return handOn(begin, end);
    case SplitBehavior::Contiguous:
        if (!m_hasPending || isMatch != wasMatch)
            return keep(begin, end);
        break;
    case SplitBehavior::MergedWithPrevious:
        if (!m_hasPending || !isMatch || wasMatch)
            return keep(begin, end);
        break;
    case SplitBehavior::MergedWithNext:
        // Of several matches in a row only the last joins what follows.
        if (!m_hasPending || isMatch || !wasMatch)
            return keep(begin, end);
        break;
    }
    m_end = end;
    return true;
}

} // namespace apiary::text
