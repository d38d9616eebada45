#pragma once

#include "text/normalizer.h"

#include <array>
#include <cstdint>

namespace apiary::text {

/// sentencepiece's normalizer: a map from short texts to texts, compiled to a double array. A grapheme cluster of less
/// than six bytes is looked up as a whole and gives way to what the shortest key at its front stands for; else its
/// characters are, one by one. (So does the package; sentencepiece itself takes the longest key.)
class Precompiled final : public Normalizer {
public:
    /// `charsmap`: the array's size in bytes (32 bits, little endian), the array, texts that end with a zero byte.
    /// Throws InputError (at `where`) for one that is cut short or whose texts are no UTF-8.
    Precompiled(std::string_view charsmap, const std::string &where);

    void normalize(std::string_view text, std::string &out) const override;
    /// What is left of the start counts as the start, whatever was taken away before it; so the package has it.
    std::size_t origin(std::string_view text, std::size_t position) const override
    {
        return position == 0 ? 0 : Normalizer::origin(text, position);
    }

private:
    struct Found {
        bool found = false;
        std::string_view text;
    };

    Found find(std::string_view chunk) const;
    Found textAt(std::uint32_t offset) const;

    std::vector<std::uint32_t> m_units;
    std::string m_texts;
    std::array<bool, 128> m_isPlain{}; ///< ASCII that no key starts with
};

} // namespace apiary::text
