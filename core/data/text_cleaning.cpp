#include "data/text_cleaning.h"

#include "data/strings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

namespace apiary::data {

namespace {

void appendUtf8(std::string &out, std::uint32_t c)
{
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xC0 | c >> 6);
        byte(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        byte(0xE0 | c >> 12);
        byte(0x80 | (c >> 6 & 0x3F));
        byte(0x80 | (c & 0x3F));
    } else {
        byte(0xF0 | c >> 18);
        byte(0x80 | (c >> 12 & 0x3F));
        byte(0x80 | (c >> 6 & 0x3F));
        byte(0x80 | (c & 0x3F));
    }
}

/// Names of U+00A0 … U+00FF in HTML 4, in order.
constexpr std::array<std::string_view, 96> latin{
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

/// The other names of HTML 4 that texts use: markup, punctuation, a few letters and signs.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 46> others{{
    {"quot", 34},       {"amp", 38},        {"apos", 39},       {"lt", 60},         {"gt", 62},
    {"OElig", 338},     {"oelig", 339},     {"Scaron", 352},    {"scaron", 353},    {"Yuml", 376},
    {"fnof", 402},      {"circ", 710},      {"tilde", 732},     {"ensp", 0x2002},   {"emsp", 0x2003},
    {"thinsp", 0x2009}, {"zwnj", 0x200C},   {"zwj", 0x200D},    {"lrm", 0x200E},    {"rlm", 0x200F},
    {"ndash", 0x2013},  {"mdash", 0x2014},  {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"sbquo", 0x201A},
    {"ldquo", 0x201C},  {"rdquo", 0x201D},  {"bdquo", 0x201E},  {"dagger", 0x2020}, {"Dagger", 0x2021},
    {"bull", 0x2022},   {"hellip", 0x2026}, {"permil", 0x2030}, {"prime", 0x2032},  {"Prime", 0x2033},
    {"lsaquo", 0x2039}, {"rsaquo", 0x203A}, {"oline", 0x203E},  {"frasl", 0x2044},  {"euro", 0x20AC},
    {"trade", 0x2122},  {"larr", 0x2190},   {"rarr", 0x2192},   {"infin", 0x221E},  {"hearts", 0x2665},
    {"minus", 0x2212},
}};

std::uint32_t named(std::string_view name)
{
    static const auto names = [] {
        std::unordered_map<std::string_view, std::uint32_t> map;
        for (std::size_t i = 0; i < latin.size(); ++i)
            map.emplace(latin[i], static_cast<std::uint32_t>(0xA0 + i));
        map.insert(others.begin(), others.end());
        return map;
    }();
    const auto found = names.find(name);
    return found == names.end() ? 0 : found->second;
}

/// What a browser makes of references to 0x80 … 0x9F: Windows-1252.
constexpr std::array<std::uint16_t, 32> windows{0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

/// The character of "#233" or "#xE9"; 0 where there is none.
std::uint32_t numbered(std::string_view reference)
{
    reference.remove_prefix(1);
    const bool hex = !reference.empty() && (reference.front() == 'x' || reference.front() == 'X');
    if (hex)
        reference.remove_prefix(1);
    std::uint32_t c = 0;
    const auto [end, error] = std::from_chars(reference.data(), reference.data() + reference.size(), c, hex ? 16 : 10);
    if (reference.empty() || error != std::errc{} || end != reference.data() + reference.size())
        return 0;
    if (c >= 0x80 && c <= 0x9F)
        return windows[c - 0x80];
    return c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : c;
}

/// The name of the tag that begins at `<`, in lower case; empty where what follows is text.
std::string tagName(std::string_view text)
{
    std::size_t at = 1;
    if (at < text.size() && text[at] == '/')
        ++at;
    std::string name;
    for (; at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])); ++at)
        name += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at])));
    const bool letter = !name.empty() && name.front() >= 'a';
    const bool ends = at < text.size() && (text[at] == '>' || text[at] == '/' || text[at] == ' ' || text[at] == '\n' ||
                                           text[at] == '\t' || text[at] == '\r');
    return letter && ends ? name : std::string();
}

bool isBlock(const std::string &tag)
{
    static constexpr std::array<std::string_view, 22> tags{
        "p",  "br", "div", "li", "ul", "ol", "tr", "td",         "th",      "table",   "h1",
        "h2", "h3", "h4",  "h5", "h6", "hr", "dd", "blockquote", "section", "article", "dt"};
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

/// The place behind a tag, comment, script or style that begins at `at`.
std::size_t behindTag(std::string_view text, std::size_t at, const std::string &name)
{
    const std::size_t end = text.find('>', at);
    if (end == std::string_view::npos)
        return text.size();
    if ((name == "script" || name == "style") && text[at + 1] != '/') {
        const std::size_t close = text.find("</" + name, end);
        const std::size_t last = close == std::string_view::npos ? close : text.find('>', close);
        return last == std::string_view::npos ? text.size() : last + 1;
    }
    return end + 1;
}

constexpr std::string_view openCurly = "\xE2\x80\x9C", closeCurly = "\xE2\x80\x9D";

} // namespace

std::string withoutEntities(std::string_view text)
{
    constexpr std::size_t longest = 12;
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = text[i] == '&' ? text.substr(0, i + longest).find(';', i) : std::string_view::npos;
        std::uint32_t c = 0;
        if (end != std::string_view::npos && end > i + 1) {
            const std::string_view reference = text.substr(i + 1, end - i - 1);
            c = reference.front() == '#' ? numbered(reference) : named(reference);
        }
        if (c == 0) {
            out += text[i++];
            continue;
        }
        appendUtf8(out, c);
        i = end + 1;
    }
    return out;
}

std::string withoutTags(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '<') {
            out += text[i++];
            continue;
        }
        if (text.substr(i).starts_with("<!--")) {
            const std::size_t end = text.find("-->", i + 4);
            i = end == std::string_view::npos ? text.size() : end + 3;
            continue;
        }
        const std::string name = tagName(text.substr(i));
        if (name.empty()) {
            out += text[i++];
            continue;
        }
        i = behindTag(text, i, name);
        if (isBlock(name) && !out.empty() && blanks.find(out.back()) == std::string_view::npos)
            out += ' ';
    }
    return out;
}

std::string withoutWholeQuotes(std::string_view text)
{
    text = trimmed(text);
    if (text.starts_with(openCurly)) {
        const std::size_t close = text.find(closeCurly, openCurly.size());
        const std::size_t again = text.find(openCurly, openCurly.size());
        if (close == std::string_view::npos)
            return std::string(trimmed(text.substr(openCurly.size())));
        if (close + closeCurly.size() == text.size() || (again < close && text.ends_with(closeCurly)))
            text = text.substr(openCurly.size(), text.size() - openCurly.size() - closeCurly.size());
        return std::string(trimmed(text));
    }
    if (!text.starts_with('"'))
        return std::string(text);
    const std::size_t next = text.find('"', 1);
    if (next == std::string_view::npos)
        return std::string(trimmed(text.substr(1)));
    // Does the next quote close the first, or open another inside it? A closing one follows a character and is followed
    // by none.
    const auto blankAt = [text](std::size_t i) {
        return i >= text.size() || blanks.find(text[i]) != std::string_view::npos;
    };
    const bool opensAnother = blankAt(next - 1) && !blankAt(next + 1);
    const auto quotes = std::count(text.begin(), text.end(), '"');
    if (next + 1 == text.size() || (opensAnother && text.ends_with('"') && quotes % 2 == 0))
        return std::string(trimmed(text.substr(1, text.size() - 2)));
    if (opensAnother && quotes % 2 == 1)
        return std::string(trimmed(text.substr(1)));
    return std::string(text);
}

bool isRefusal(std::string_view text)
{
    static constexpr std::array<std::string_view, 5> openers{"i'm sorry", "i am sorry", "i apologize",
                                                             "unfortunately, i", "i'm happy to help, but"};
    static constexpr std::array<std::string_view, 8> selves{
        "large language model", "as an ai language", "as an ai model",      "as an ai assistant", "as an ai,",
        "i'm an ai ",           "i am an ai ",       "i have to inform you"};
    static constexpr std::array<std::string_view, 7> inabilities{"i cannot ",
                                                                 "i can't ",
                                                                 "i'm unable to ",
                                                                 "i am unable to ",
                                                                 "i'm not able to ",
                                                                 "i am not able to ",
                                                                 "i don't have the capability to "};
    static constexpr std::array<std::string_view, 15> tasks{"provide", "fulfill",  "fulfil",   "create",    "generate",
                                                            "write",   "assist",   "access",   "browse",    "answer",
                                                            "read",    "complete", "describe", "help with", "help you"};
    text = trimmed(text);
    while (!text.empty() && (text.front() == '"' || text.front() == '\''))
        text.remove_prefix(1);
    constexpr std::size_t beginning = 240, near = 12; // "I'm a large language model"
    constexpr std::string_view curved = "\xE2\x80\x99";
    const std::string_view front = text.substr(0, beginning);
    std::string start; // in lower case, with straight apostrophes
    for (std::size_t i = 0; i < front.size(); ++i) {
        const bool isCurved = front.substr(i).starts_with(curved);
        start += isCurved ? '\'' : static_cast<char>(std::tolower(static_cast<unsigned char>(front[i])));
        i += isCurved ? curved.size() - 1 : 0;
    }
    const bool opens = std::any_of(openers.begin(), openers.end(),
                                   [&start](std::string_view opener) { return start.starts_with(opener); });
    const auto place = [&](std::string_view phrase) {
        const std::size_t at = start.find(phrase);
        return at != std::string::npos && (opens || at <= near) ? at : std::string::npos;
    };
    if (std::any_of(selves.begin(), selves.end(),
                    [&place](std::string_view phrase) { return place(phrase) != std::string::npos; }))
        return true;
    return std::any_of(inabilities.begin(), inabilities.end(), [&](std::string_view phrase) {
        const std::size_t at = place(phrase);
        if (at == std::string::npos)
            return false;
        const std::string_view task = std::string_view(start).substr(at + phrase.size());
        return std::any_of(tasks.begin(), tasks.end(),
                           [task](std::string_view verb) { return task.starts_with(verb); });
    });
}

std::string cleaned(std::string_view value, const Cleaning &rules)
{
    std::string text(trimmed(value));
    if (rules.tags)
        text = withoutTags(text);
    if (rules.entities)
        text = withoutEntities(text);
    if (rules.quotes)
        text = withoutWholeQuotes(text);
    if (rules.refusals && isRefusal(text))
        text.clear();
    return std::string(trimmed(text));
}

} // namespace apiary::data
