#pragma once

#include "text/pattern.h"
#include "text/split_joiner.h"

namespace apiary::text {

/// Splits at what a pattern matches, or (invert) at what it does not.
class PatternSplit final : public PreTokenizer {
public:
    PatternSplit(std::unique_ptr<const Pattern> pattern, SplitBehavior behavior, bool invert)
        : m_pattern(std::move(pattern))
        , m_behavior(behavior)
        , m_invert(invert)
    {
    }

    bool split(std::string_view text, bool atStart, WordSink take) const override
    {
        SplitJoiner joiner(text, atStart, m_behavior, take);
        const auto add = [&](std::size_t begin, std::size_t end, bool isMatch) {
            return joiner.add(begin, end, isMatch != m_invert);
        };
        return m_pattern->stretches(text, add) && joiner.finish();
    }

private:
    std::unique_ptr<const Pattern> m_pattern;
    SplitBehavior m_behavior;
    bool m_invert;
};

} // namespace apiary::text
