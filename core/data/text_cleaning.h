#pragma once

#include <string>
#include <string_view>

namespace apiary::data {

/// What is done to every value before the template takes it; off at first.
struct Cleaning {
    bool tags = false;     ///< <…> of HTML go; those that end a block leave a blank
    bool entities = false; ///< HTML character references become characters: numeric ones and most of those of HTML 4
    bool quotes = false;   ///< quotation marks around the whole value go, see withoutWholeQuotes()
    bool refusals = false; ///< a language model's refusal counts as no text

    friend bool operator==(const Cleaning &, const Cleaning &) = default;
};

/// By the rules in the order above, without blanks at the ends.
std::string cleaned(std::string_view value, const Cleaning &rules);

/// "&amp;" → "&", "&#233;" and "&#xE9;" → "é". What is no reference, or names no character, stays.
std::string withoutEntities(std::string_view text);
/// Without HTML tags (before references are resolved: "&lt;b&gt;" is text) and comments; script and style go with their content. "a < b" stays.
std::string withoutTags(std::string_view text);
/// Without the double quotes (straight or curly) around the whole text, or the single one at its beginning that nothing
/// closes. A quote that closes before the end belongs to the text: "\"Emma\" is a novel" stays.
std::string withoutWholeQuotes(std::string_view text);
/// Whether this is a language model that says it cannot answer, by phrases at the beginning.
bool isRefusal(std::string_view text);

} // namespace apiary::data
