#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::data {

/// A text with "{column}" placeholders, filled in for each item. "{{" and "}}" stand for braces.
///
/// Values are used without blanks at their ends. Where all of an item's values are there, the result is the template
/// with the values in place. Where one is empty, what would be left around it goes by three rules:
/// 1. Brackets — (), [] — of the template whose placeholders are all empty go, with the blanks before them.
/// 2. The template falls into parts, each ending after ". ", ", ", "; ", " - ", "|" or a line end (inside brackets
///    likewise). A part whose placeholders are all empty goes whole, its label included: "Genres: {class}".
/// 3. Doubled blanks that an empty value leaves, and blanks and any of , ; | - at the end, go.
/// A part without placeholders always stays. So "{title} ({year}). Genres: {class}" becomes "Heat. Genres: Crime"
/// without a year, "Heat (1995)." without a class, and "Genres: Crime" with neither title nor year.
class TextTemplate {
public:
    /// Throws InputError with `field` as its place where a brace is not closed or no column is named.
    TextTemplate(std::string_view text, const std::string &field);

    /// The columns named, each once, in order of appearance.
    const std::vector<std::string> &columns() const { return m_columns; }

    /// `values` are those of columns(), in its order. Empty where all of them are blank.
    std::string fill(std::span<const std::string_view> values) const;

private:
    struct Part;
    struct Node {
        enum class Kind { Literal, Column, Brackets };
        Kind kind = Kind::Literal;
        std::string text;        ///< of a literal; the two brackets of brackets
        std::size_t column = 0;  ///< index in columns()
        std::vector<Part> parts; ///< inside brackets
    };
    struct Part {
        std::vector<Node> nodes;
    };
    enum class Content { None, Empty, Some, All }; ///< of placeholders: there are none, all empty, mixed, all filled

    static std::vector<Part> divided(std::span<const Node> nodes);
    static Content content(const Node &node, std::span<const std::string_view> values);
    static Content content(std::span<const Part> parts, std::span<const std::string_view> values);
    static Content joined(Content a, Content b);
    static std::string rendered(std::span<const Part> parts, std::span<const std::string_view> values);
    static std::string rendered(const Part &part, std::span<const std::string_view> values);

    std::vector<std::string> m_columns;
    std::vector<Part> m_parts;
};

} // namespace apiary::data
