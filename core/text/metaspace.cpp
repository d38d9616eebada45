#include "text/metaspace.h"

#include <algorithm>

namespace apiary::text {

/// Length of the delimiter at `position`, 0 where there is none.
std::size_t Metaspace::delimiterAt(std::string_view text, std::size_t position) const
{
    if (position < text.size() && text[position] == ' ')
        return 1;
    return text.substr(position).starts_with(m_options.replacement) ? m_options.replacement.size() : 0;
}

std::size_t Metaspace::nextDelimiter(std::string_view text, std::size_t position) const
{
    const char first = m_options.replacement.front();
    for (; position < text.size(); ++position)
        if ((text[position] == ' ' || text[position] == first) && delimiterAt(text, position) > 0)
            break;
    return position;
}

/// Whether a delimiter is to be set in front.
bool Metaspace::wants(std::string_view text, bool atStart) const
{
    if (m_options.prepend == Prepend::Never || (m_options.prepend == Prepend::First && !atStart))
        return false;
    return delimiterAt(text, 0) == 0;
}

bool Metaspace::split(std::string_view text, bool atStart, WordSink take) const
{
    if (text.empty())
        return true;
    std::string word;
    bool isFirst = true;
    for (std::size_t position = 0; position < text.size(); isFirst = false) {
        const std::size_t delimiter = delimiterAt(text, position);
        if (delimiter > 0 || (isFirst && wants(text, atStart)))
            word += m_options.replacement;
        position += delimiter;
        const std::size_t end = nextDelimiter(text, position);
        word.append(text.substr(position, end - position));
        position = end;
        if (!m_options.split)
            continue;
        if (!take(word, atStart && isFirst))
            return false;
        word.clear();
    }
    return m_options.split || take(word, atStart);
}

} // namespace apiary::text
