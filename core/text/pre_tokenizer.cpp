#include "text/pre_tokenizer.h"

#include <algorithm>

namespace apiary::text {

bool PreTokenizerSequence::asksForStart() const
{
    return std::any_of(m_stages.begin(), m_stages.end(), [](const auto &stage) { return stage->asksForStart(); });
}

bool PreTokenizerSequence::splitFrom(std::size_t stage, std::string_view text, bool atStart, WordSink take) const
{
    if (stage == m_stages.size())
        return text.empty() || take(text, atStart);
    return m_stages[stage]->split(
        text, atStart, [&](std::string_view word, bool isFirst) { return splitFrom(stage + 1, word, isFirst, take); });
}

} // namespace apiary::text
