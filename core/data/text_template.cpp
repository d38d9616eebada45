#include "data/text_template.h"

#include "base/error.h"
#include "data/strings.h"

#include <algorithm>

namespace apiary::data {

namespace {

constexpr std::string_view openings = "([";
constexpr std::string_view closings = ")]";

bool isBlank(char c)
{
    return blanks.find(c) != std::string_view::npos;
}

/// The place after the mark, and the blanks behind it, that ends a part of a literal; npos where none does.
std::size_t endOfPart(std::string_view literal, std::size_t from)
{
    for (std::size_t i = from; i < literal.size(); ++i) {
        const char c = literal[i];
        const bool blankAfter = i + 1 == literal.size() || isBlank(literal[i + 1]);
        const bool ends = c == '|' || c == '\n' || ((c == '.' || c == ',' || c == ';') && blankAfter) ||
                          (c == '-' && i > 0 && isBlank(literal[i - 1]) && blankAfter);
        if (!ends)
            continue;
        const std::size_t next = literal.find_first_not_of(blanks, i + 1);
        return next == std::string_view::npos ? literal.size() : next;
    }
    return std::string_view::npos;
}

void trimEnd(std::string &text, std::string_view unwanted)
{
    const std::size_t last = text.find_last_not_of(unwanted);
    text.erase(last == std::string::npos ? 0 : last + 1);
}

/// Appends what follows an empty value, without doubling the blanks around it.
void appendAfterGap(std::string &text, std::string_view more)
{
    if (text.empty() || isBlank(text.back()))
        more.remove_prefix(std::min(more.find_first_not_of(blanks), more.size()));
    if (!more.empty() && std::string_view(".,;:!?)]").find(more.front()) != std::string_view::npos)
        trimEnd(text, blanks);
    text += more;
}

} // namespace

TextTemplate::TextTemplate(std::string_view text, const std::string &field)
{
    // One list of nodes for each bracket that is open; the outermost first.
    std::vector<std::vector<Node>> open(1);
    std::string brackets;
    const auto addLiteral = [&open](std::string_view more) {
        auto &nodes = open.back();
        if (nodes.empty() || nodes.back().kind != Node::Kind::Literal)
            nodes.push_back({Node::Kind::Literal, {}, 0, {}});
        nodes.back().text += more;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
            addLiteral(text.substr(i++, 1));
        } else if (c == '{') {
            const std::size_t end = text.find('}', i);
            if (end == std::string_view::npos)
                throw InputError("the brace at character " + std::to_string(i + 1) + " is not closed", field,
                                 "write {column}, or {{ for a brace");
            const std::string column(trimmed(text.substr(i + 1, end - i - 1)));
            if (column.empty() || column.find('{') != std::string::npos)
                throw InputError("the braces at character " + std::to_string(i + 1) + " name no column", field,
                                 "write {column}, or {{ for a brace");
            auto known = std::find(m_columns.begin(), m_columns.end(), column);
            if (known == m_columns.end())
                known = m_columns.insert(known, column);
            open.back().push_back({Node::Kind::Column, {}, static_cast<std::size_t>(known - m_columns.begin()), {}});
            i = end;
        } else if (openings.find(c) != std::string_view::npos) {
            open.emplace_back();
            brackets += c;
        } else if (const std::size_t closing = closings.find(c);
                   closing != std::string_view::npos && !brackets.empty() && brackets.back() == openings[closing]) {
            Node node{Node::Kind::Brackets, {brackets.back(), c}, 0, divided(open.back())};
            brackets.pop_back();
            open.pop_back();
            open.back().push_back(std::move(node));
        } else {
            addLiteral(text.substr(i, 1));
        }
    }
    for (; !brackets.empty(); brackets.erase(0, 1)) { // brackets without an end are plain characters
        std::vector<Node> inner = std::move(open[1]);
        open.erase(open.begin() + 1);
        open[0].push_back({Node::Kind::Literal, {brackets.front()}, 0, {}});
        open[0].insert(open[0].end(), std::make_move_iterator(inner.begin()), std::make_move_iterator(inner.end()));
    }
    if (m_columns.empty())
        throw InputError("names no column, so every item would read the same", field, "write at least one {column}");
    m_parts = divided(open.front());
}

std::vector<TextTemplate::Part> TextTemplate::divided(std::span<const Node> nodes)
{
    std::vector<Part> parts(1);
    for (const Node &node : nodes) {
        if (node.kind != Node::Kind::Literal) {
            parts.back().nodes.push_back(node);
            continue;
        }
        std::size_t from = 0;
        while (from < node.text.size()) {
            const std::size_t end = endOfPart(node.text, from);
            parts.back().nodes.push_back({Node::Kind::Literal, node.text.substr(from, end - from), 0, {}});
            if (end == std::string::npos)
                break;
            parts.emplace_back();
            from = end;
        }
    }
    if (parts.back().nodes.empty())
        parts.pop_back();
    return parts;
}

TextTemplate::Content TextTemplate::joined(Content a, Content b)
{
    if (a == Content::None || a == b)
        return b;
    return b == Content::None ? a : Content::Some;
}

TextTemplate::Content TextTemplate::content(const Node &node, std::span<const std::string_view> values)
{
    if (node.kind == Node::Kind::Literal)
        return Content::None;
    if (node.kind == Node::Kind::Brackets)
        return content(node.parts, values);
    return values[node.column].empty() ? Content::Empty : Content::All;
}

TextTemplate::Content TextTemplate::content(std::span<const Part> parts, std::span<const std::string_view> values)
{
    Content result = Content::None;
    for (const Part &part : parts)
        for (const Node &node : part.nodes)
            result = joined(result, content(node, values));
    return result;
}

std::string TextTemplate::rendered(const Part &part, std::span<const std::string_view> values)
{
    std::string text;
    bool gap = false;
    for (const Node &node : part.nodes) {
        if (content(node, values) == Content::Empty) {
            if (node.kind == Node::Kind::Brackets)
                trimEnd(text, blanks);
            gap = true;
            continue;
        }
        std::string more = node.text;
        if (node.kind == Node::Kind::Column)
            more = values[node.column];
        else if (node.kind == Node::Kind::Brackets)
            more = node.text[0] + rendered(node.parts, values) + node.text[1];
        if (gap && node.kind == Node::Kind::Literal)
            appendAfterGap(text, more);
        else
            text += more;
        gap = false;
    }
    return text;
}

std::string TextTemplate::rendered(std::span<const Part> parts, std::span<const std::string_view> values)
{
    std::string text;
    bool emptyAtEnd = false;
    for (const Part &part : parts) {
        const Content found = content(std::span(&part, 1), values);
        if (found != Content::Empty)
            text += rendered(part, values);
        if (found != Content::None)
            emptyAtEnd = found != Content::All;
        else
            emptyAtEnd = false;
    }
    if (emptyAtEnd)
        trimEnd(text, " \t\r\n\f\v,;|:/-");
    return text;
}

std::string TextTemplate::fill(std::span<const std::string_view> values) const
{
    std::vector<std::string_view> clean(values.begin(), values.end());
    for (std::string_view &value : clean)
        value = trimmed(value);
    if (std::all_of(clean.begin(), clean.end(), [](std::string_view value) { return value.empty(); }))
        return {};
    return rendered(m_parts, clean);
}

} // namespace apiary::data
