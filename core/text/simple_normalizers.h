#pragma once

#include "text/lazy_pages.h"
#include "text/normalizer.h"
#include "text/pattern.h"

#include <cstdint>

namespace apiary::text {

/// Every character becomes a text of its own, whatever stands around it.
class CharacterMap final : public Normalizer {
public:
    /// Appends what becomes of a scalar: nothing, one or several.
    using Map = void (*)(std::u32string &out, char32_t scalar);

    explicit CharacterMap(Map map);
    ~CharacterMap() override;

    void normalize(std::string_view text, std::string &out) const override;

private:
    struct Page;

    std::unique_ptr<const Page> makePage(char32_t first) const;

    Map m_map;
    LazyPages<Page> m_pages;
};

std::unique_ptr<const Normalizer> makeLowercase();
/// Drops marks; meant for text that is decomposed already.
std::unique_ptr<const Normalizer> makeStripAccents();
/// sentencepiece's "nmt": drops controls, makes all kinds of white space plain.
std::unique_ptr<const Normalizer> makeNmt();

/// Takes white space off the ends.
class Strip final : public Normalizer {
public:
    Strip(bool left, bool right) : m_left(left), m_right(right) {}

    void normalize(std::string_view text, std::string &out) const override;
    std::size_t origin(std::string_view text, std::size_t position) const override;

private:
    bool m_left, m_right;
};

/// Sets a text in front of one that is not empty.
class Prepend final : public Normalizer {
public:
    explicit Prepend(std::string text) : m_text(std::move(text)) {}

    void normalize(std::string_view text, std::string &out) const override;
    std::size_t origin(std::string_view text, std::size_t position) const override;

private:
    std::string m_text;
};

/// Puts a text in the place of every match.
class Replace final : public Normalizer {
public:
    Replace(std::unique_ptr<const Pattern> pattern, std::string content)
        : m_pattern(std::move(pattern))
        , m_content(std::move(content))
    {
    }

    void normalize(std::string_view text, std::string &out) const override;
    std::size_t origin(std::string_view text, std::size_t position) const override;

private:
    std::unique_ptr<const Pattern> m_pattern;
    std::string m_content;
};

/// Unicode's normalization forms, as the package has them: with the characters of an older version only.
class UnicodeForm final : public Normalizer {
public:
    enum class Form { Nfc, Nfd, Nfkc, Nfkd };

    explicit UnicodeForm(Form form);
    ~UnicodeForm() override;

    void normalize(std::string_view text, std::string &out) const override;

private:
    struct Data;

    std::unique_ptr<const Data> m_data;
};

} // namespace apiary::text
