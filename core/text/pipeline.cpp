#include "text/pipeline.h"

#include "text/utf8.h"

#include <limits>

namespace apiary::text {

Pipeline::Pipeline(PipelineParts parts)
    : m_parts(std::move(parts))
    , m_asksForStart(m_parts.preTokenizer && m_parts.preTokenizer->asksForStart())
{
}

std::int64_t Pipeline::specialTokenCount() const
{
    return static_cast<std::int64_t>(m_parts.before.size() + m_parts.after.size());
}

void Pipeline::append(std::string_view text, std::int64_t maxTokens, std::vector<std::int32_t> &ids) const
{
    std::string wellFormed;
    if (validPrefix(text) != text.size()) {
        wellFormed = repaired(text);
        text = wellFormed;
    }
    ids.insert(ids.end(), m_parts.before.begin(), m_parts.before.end());
    const std::size_t begin = ids.size();
    const std::size_t kept = static_cast<std::size_t>(maxTokens - specialTokenCount());
    // Where nothing more is kept: whatever a piece of text becomes depends on that piece alone, so the rest need not
    // be looked at.
    const std::size_t full = m_parts.truncateLeft ? std::numeric_limits<std::size_t>::max() : begin + kept;
    std::vector<AddedTokens::Piece> pieces;
    m_parts.addedTokens.splitRaw(text, pieces);
    for (const AddedTokens::Piece &piece : pieces) {
        if (ids.size() >= full)
            break;
        if (piece.id >= 0)
            ids.push_back(piece.id);
        else
            appendOrdinary(piece.text, piece.text.data() == text.data(), full, ids);
    }
    if (ids.size() > full)
        ids.resize(full);
    if (ids.size() - begin > kept) // of the left
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.end() - static_cast<std::ptrdiff_t>(kept));
    ids.insert(ids.end(), m_parts.after.begin(), m_parts.after.end());
}

/// Text without raw added tokens; `atStart`: it begins where the whole text does. May append more than up to `full`.
void Pipeline::appendOrdinary(std::string_view text, bool atStart, std::size_t full,
                              std::vector<std::int32_t> &ids) const
{
    std::string normal;
    if (m_parts.normalizer) {
        atStart = atStart && m_asksForStart && m_parts.normalizer->origin(text, 0) == 0;
        m_parts.normalizer->normalize(text, normal);
        text = normal;
    }
    if (!m_parts.addedTokens.anyNormalized()) {
        appendWords(text, atStart, full, ids);
        return;
    }
    std::vector<AddedTokens::Piece> pieces;
    m_parts.addedTokens.splitNormal(text, pieces);
    for (const AddedTokens::Piece &piece : pieces) {
        if (piece.id >= 0)
            ids.push_back(piece.id);
        else
            appendWords(piece.text, atStart && piece.text.data() == text.data(), full, ids);
    }
}

void Pipeline::appendWords(std::string_view text, bool atStart, std::size_t full, std::vector<std::int32_t> &ids) const
{
    if (text.empty() || ids.size() >= full)
        return;
    if (!m_parts.preTokenizer) {
        m_parts.model->tokenize(text, ids);
        return;
    }
    m_parts.preTokenizer->split(text, atStart, [&](std::string_view word, bool) {
        m_parts.model->tokenize(word, ids);
        return ids.size() < full;
    });
}

} // namespace apiary::text
