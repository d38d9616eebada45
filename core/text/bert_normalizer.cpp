#include "text/bert_normalizer.h"

#include "text/unicode.h"
#include "text/utf8.h"

#include <algorithm>

namespace apiary::text {

namespace {

/// What becomes of a character, in the low bits of its entry in a page.
enum Action : std::uint32_t {
    Copy,        ///< stays as it is; a starter
    Spaced,      ///< stays, between spaces
    Drop,        ///< leaves no trace
    DropStarter, ///< leaves no text, but marks before it are not ordered with marks behind it
    Replace,     ///< becomes a piece of the page's pool: offset << 16 | length << 8 | Replace
    Order,       ///< holds a kept nonstarter: has to find its place among its neighbours
};

constexpr std::uint32_t actionMask = 0xFF;

} // namespace

struct BertNormalizer::Page {
    std::array<std::uint32_t, 256> actions{};
    std::string pool;
};

/// Kept nonstarters since the last starter, not yet in canonical order.
struct BertNormalizer::Pending {
    struct Mark {
        std::uint8_t order;
        char32_t scalar;
    };
    std::vector<Mark> marks;
};

BertNormalizer::BertNormalizer(const Options &options)
    : m_clean(options.cleanText)
    , m_chinese(options.chineseChars)
    , m_strip(options.stripAccents.value_or(options.lowercase))
    , m_lower(options.lowercase)
{
    for (char32_t c = 0; c < 0x80; ++c) {
        AsciiRule &rule = m_ascii[c];
        rule = {static_cast<char>(c), true};
        if (m_clean && (c < ' ' || c == 0x7F)) {
            rule.keep = c == '\t' || c == '\n' || c == '\r';
            rule.to = ' ';
        } else if (m_lower && c >= 'A' && c <= 'Z') {
            rule.to = static_cast<char>(c - 'A' + 'a');
        }
    }
}

BertNormalizer::~BertNormalizer() = default;

/// The character after cleaning and decomposition, marks still there.
std::u32string BertNormalizer::expansion(char32_t scalar) const
{
    std::u32string out;
    if (m_clean &&
        (scalar == 0 || scalar == replacementCharacter || unicode::category(scalar) == unicode::Category::Control))
        return out;
    if (m_clean && unicode::isWhitespace(scalar))
        scalar = U' ';
    const bool spaced = m_chinese && unicode::isChinese(scalar);
    if (spaced)
        out += U' ';
    if (m_strip)
        unicode::appendDecomposed(out, scalar);
    else
        out += scalar;
    if (spaced)
        out += U' ';
    return out;
}

void BertNormalizer::appendLowered(std::string &out, char32_t scalar) const
{
    if (!m_lower) {
        appendScalar(out, scalar);
        return;
    }
    std::u32string lower;
    unicode::appendLower(lower, scalar);
    for (const char32_t c : lower)
        appendScalar(out, c);
}

std::uint32_t BertNormalizer::actionFor(char32_t scalar, std::string &pool) const
{
    const std::u32string all = expansion(scalar);
    if (all.empty())
        return Drop;
    std::string text;
    bool hasStarter = false;
    for (const char32_t c : all) {
        const bool starter = !m_strip || unicode::combiningClass(c) == 0;
        const bool dropped = m_strip && unicode::category(c) == unicode::Category::Mark;
        if (!starter && !dropped)
            return Order;
        hasStarter |= starter;
        if (!dropped)
            appendLowered(text, c);
    }
    if (text.empty())
        return hasStarter ? DropStarter : Drop;
    std::string same;
    appendScalar(same, scalar);
    if (text == same)
        return Copy;
    if (text == " " + same + " ")
        return Spaced;
    const auto offset = static_cast<std::uint32_t>(pool.size());
    pool += text;
    return offset << 16 | static_cast<std::uint32_t>(text.size()) << 8 | Replace;
}

std::unique_ptr<const BertNormalizer::Page> BertNormalizer::makePage(char32_t first) const
{
    auto page = std::make_unique<Page>();
    for (char32_t i = 0; i < 256; ++i)
        page->actions[i] = actionFor(first + i, page->pool);
    return page;
}

void BertNormalizer::flush(Pending &pending, std::string &out) const
{
    std::stable_sort(pending.marks.begin(), pending.marks.end(),
                     [](const Pending::Mark &a, const Pending::Mark &b) { return a.order < b.order; });
    for (const Pending::Mark &mark : pending.marks)
        appendLowered(out, mark.scalar);
    pending.marks.clear();
}

void BertNormalizer::appendInOrder(char32_t scalar, Pending &pending, std::string &out) const
{
    for (const char32_t c : expansion(scalar)) {
        const std::uint8_t order = unicode::combiningClass(c);
        const bool dropped = unicode::category(c) == unicode::Category::Mark;
        if (order == 0)
            flush(pending, out);
        if (dropped)
            continue;
        if (order == 0)
            appendLowered(out, c);
        else
            pending.marks.push_back({order, c});
    }
}

/// Appends the ASCII run that starts at `begin`; returns its end.
std::size_t BertNormalizer::appendAscii(std::string_view text, std::size_t begin, std::string &out) const
{
    std::size_t end = begin;
    while (end < text.size() && static_cast<unsigned char>(text[end]) < 0x80)
        ++end;
    const std::size_t before = out.size();
    out.resize(before + (end - begin));
    char *to = out.data() + before;
    for (std::size_t i = begin; i < end; ++i) {
        const AsciiRule rule = m_ascii[static_cast<unsigned char>(text[i])];
        *to = rule.to;
        to += rule.keep;
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
    return end;
}

void BertNormalizer::normalize(std::string_view text, std::string &out) const
{
    Pending pending;
    out.reserve(out.size() + text.size() + text.size() / 8);
    for (std::size_t i = 0; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            // A dropped control leaves the marks around it neighbours; anything else in ASCII is a starter.
            if (!pending.marks.empty()) {
                const AsciiRule rule = m_ascii[static_cast<unsigned char>(text[i])];
                if (!rule.keep) {
                    ++i;
                    continue;
                }
                flush(pending, out);
            }
            i = appendAscii(text, i, out);
            continue;
        }
        const std::size_t begin = i;
        const char32_t scalar = nextScalar(text, i);
        const Page &page = m_pages.at(scalar, [this](char32_t first) { return makePage(first); });
        const std::uint32_t entry = page.actions[scalar & 0xFF];
        const std::uint32_t action = entry & actionMask;
        if (action == Drop)
            continue;
        if (action == Order) {
            appendInOrder(scalar, pending, out);
            continue;
        }
        if (!pending.marks.empty())
            flush(pending, out);
        if (action == Copy) {
            out.append(text, begin, i - begin);
        } else if (action == Spaced) {
            out += ' ';
            out.append(text, begin, i - begin);
            out += ' ';
        } else if (action == Replace) {
            out.append(page.pool, entry >> 16, entry >> 8 & 0xFF);
        }
    }
    flush(pending, out);
}

} // namespace apiary::text
