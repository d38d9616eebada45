#include "text/pattern.h"

#include "text/icu_pattern.h"
#include "text/word_pattern.h"

#include <algorithm>

namespace apiary::text {

namespace {

class Literal final : public Pattern {
public:
    explicit Literal(std::string text) : m_text(std::move(text)) {}

    bool stretches(std::string_view text, StretchSink take) const override
    {
        std::size_t done = 0;
        for (std::size_t at = text.find(m_text); at != std::string_view::npos; at = text.find(m_text, done)) {
            if (done < at && !take(done, at, false))
                return false;
            done = at + m_text.size();
            if (!take(at, done, true))
                return false;
        }
        return done == text.size() || take(done, text.size(), false);
    }

private:
    std::string m_text;
};

/// Two or more spaces.
class Spaces final : public Pattern {
public:
    bool stretches(std::string_view text, StretchSink take) const override
    {
        std::size_t done = 0;
        for (std::size_t at = text.find("  "); at != std::string_view::npos; at = text.find("  ", done)) {
            if (done < at && !take(done, at, false))
                return false;
            done = std::min(text.find_first_not_of(' ', at), text.size());
            if (!take(at, done, true))
                return false;
        }
        return done == text.size() || take(done, text.size(), false);
    }
};

struct Known {
    std::string_view regex;
    std::unique_ptr<const Pattern> (*make)();
};

constexpr Known knownPatterns[] = {
    {gpt2Regex, [] { return makeGpt2Pattern(); }},
    {qwenRegex, []() -> std::unique_ptr<const Pattern> { return std::make_unique<WordPattern>(1); }},
    {llama3Regex, []() -> std::unique_ptr<const Pattern> { return std::make_unique<WordPattern>(3); }},
    {" {2,}", []() -> std::unique_ptr<const Pattern> { return std::make_unique<Spaces>(); }},
};

} // namespace

std::unique_ptr<const Pattern> makeLiteral(std::string text)
{
    return std::make_unique<Literal>(std::move(text));
}

std::unique_ptr<const Pattern> makeGpt2Pattern()
{
    return std::make_unique<Gpt2Pattern>();
}

std::unique_ptr<const Pattern> makeRegex(const std::string &regex, const std::string &where)
{
    for (const Known &known : knownPatterns)
        if (regex == known.regex)
            return known.make();
    return std::make_unique<IcuPattern>(regex, where);
}

} // namespace apiary::text
