#pragma once

#include "text/pattern.h"

#include <string_view>

namespace apiary::text {

/// The regular expressions that the matchers below stand for.
inline constexpr std::string_view gpt2Regex =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view qwenRegex =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view llama3Regex =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// gpt2Regex. Every character belongs to a match.
class Gpt2Pattern final : public Pattern {
public:
    bool stretches(std::string_view text, StretchSink take) const override;
};

/// qwenRegex (mostDigits = 1) and llama3Regex (3).
class WordPattern final : public Pattern {
public:
    explicit WordPattern(int mostDigits) : m_mostDigits(mostDigits) {}

    bool stretches(std::string_view text, StretchSink take) const override;

private:
    int m_mostDigits;
};

} // namespace apiary::text
