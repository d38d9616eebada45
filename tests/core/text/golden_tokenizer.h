#pragma once

#include "base/random.h"
#include "support/assets.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// What tests/golden/tokenizer.py and its checks share.
namespace apiary::tests {

/// "No truncation".
inline constexpr std::int64_t anyLength = 1'000'000'000;

/// FNV-1a over 64 bits, a 32-bit number at a time.
class Digest {
public:
    template <typename Numbers>
    void add(const Numbers &numbers)
    {
        for (const auto number : numbers)
            step(static_cast<std::uint32_t>(number));
        step(0xFFFFFFFF);
    }

    void addScalars(std::string_view text)
    {
        for (std::size_t i = 0; i < text.size();)
            step(static_cast<std::uint32_t>(text::nextScalar(text, i)));
        step(0xFFFFFFFF);
    }

    std::string text() const
    {
        std::array<char, 17> digits{};
        std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(m_state));
        return digits.data();
    }

private:
    void step(std::uint32_t number) { m_state = (m_state ^ number) * 0x100000001B3ULL; }

    std::uint64_t m_state = 0xCBF29CE484222325ULL;
};

inline nlohmann::json readJson(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    return nlohmann::json::parse(in);
}

inline const nlohmann::json &tokenizerGolden()
{
    static const nlohmann::json values = readJson(golden() / "tokenizer.json");
    return values;
}

/// The random texts of the golden script: number n is mix64(n).
class Fuzz {
public:
    explicit Fuzz(const nlohmann::json &plan)
    {
        for (const auto &range : plan.at("ranges"))
            m_ranges.push_back({range.at(0).get<std::uint32_t>(), range.at(1).get<std::uint32_t>()});
        for (const auto &piece : plan.at("pieces"))
            m_pieces.push_back(piece.get<std::string>());
    }

    std::string text()
    {
        std::string out;
        const std::uint64_t parts = below(24);
        for (std::uint64_t i = 0; i < parts; ++i) {
            if (below(3) == 0) {
                out += m_pieces[below(m_pieces.size())];
                continue;
            }
            const auto [first, last] = m_ranges[below(m_ranges.size())];
            text::appendScalar(out, static_cast<char32_t>(first + below(last - first + 1)));
        }
        return out;
    }

    std::vector<std::string> texts(std::size_t count)
    {
        std::vector<std::string> out;
        out.reserve(count);
        while (out.size() < count)
            out.push_back(text());
        return out;
    }

private:
    std::uint64_t below(std::uint64_t bound) { return (mix64(++m_n) >> 33) % bound; }

    std::uint64_t m_n = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> m_ranges;
    std::vector<std::string> m_pieces;
};

/// Every scalar value, alone and between two letters.
template <typename Take>
void forEachScalarText(const Take &take)
{
    for (char32_t c = 0; c < 0x110000; ++c) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        std::string text;
        text::appendScalar(text, c);
        take(text);
        take("a" + text + "b");
    }
}

/// The fields of all rows of a CSV file (quotes, doubled quotes, line ends in quotes), one after the other.
inline std::vector<std::string> csvFields(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(in)), {});
    std::vector<std::string> fields;
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < content.size(); ++i) {
        const char c = content[i];
        if (quoted && c == '"' && i + 1 < content.size() && content[i + 1] == '"') {
            field += content[++i];
        } else if (c == '"' && (quoted || field.empty())) {
            quoted = !quoted;
        } else if (!quoted && (c == ',' || c == '\n')) {
            fields.push_back(std::move(field));
            field.clear();
        } else if (quoted || c != '\r') {
            field += c;
        }
    }
    return fields;
}

/// The texts of ml-100k.item by the quickstart's template.
inline std::vector<std::string> ml100kTexts(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    std::string line;
    std::getline(in, line);
    std::vector<std::string> texts;
    while (std::getline(in, line)) {
        const std::size_t title = line.find('\t') + 1;
        const std::size_t year = line.find('\t', title) + 1;
        const std::size_t genres = line.find('\t', year) + 1;
        texts.push_back(line.substr(title, year - title - 1) + " (" + line.substr(year, genres - year - 1) +
                        "). Genres: " + line.substr(genres));
    }
    return texts;
}

} // namespace apiary::tests
