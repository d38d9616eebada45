#include "text/normalizer.h"

#include "text/utf8.h"

namespace apiary::text {

std::size_t Normalizer::origin(std::string_view text, std::size_t position) const
{
    std::string normal;
    std::size_t begin = 0;
    for (std::size_t end = 0; end < text.size(); begin = end) {
        nextScalar(text, end);
        normalize(text.substr(begin, end - begin), normal);
        if (normal.size() > position)
            break;
    }
    return begin;
}

void NormalizerSequence::normalize(std::string_view text, std::string &out) const
{
    std::string from, to;
    for (std::size_t i = 0; i < m_stages.size(); ++i) {
        const bool isLast = i + 1 == m_stages.size();
        std::string &target = isLast ? out : to;
        m_stages[i]->normalize(text, target);
        if (isLast)
            return;
        from.swap(to);
        to.clear();
        text = from;
    }
    out += text; // no stages
}

std::size_t NormalizerSequence::origin(std::string_view text, std::size_t position) const
{
    return originFrom(0, text, position);
}

std::size_t NormalizerSequence::originFrom(std::size_t stage, std::string_view text, std::size_t position) const
{
    if (stage == m_stages.size())
        return position;
    std::string normal;
    m_stages[stage]->normalize(text, normal);
    return m_stages[stage]->origin(text, originFrom(stage + 1, normal, position));
}

} // namespace apiary::text
