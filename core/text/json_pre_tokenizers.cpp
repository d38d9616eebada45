#include "text/byte_level.h"
#include "text/character_split.h"
#include "text/json_readers.h"
#include "text/metaspace.h"
#include "text/pattern_split.h"
#include "text/utf8.h"

namespace apiary::text {

namespace {

using Made = std::unique_ptr<const PreTokenizer>;

SplitBehavior readBehavior(const JsonField &field)
{
    constexpr std::pair<std::string_view, SplitBehavior> behaviors[] = {
        {"Removed", SplitBehavior::Removed},
        {"Isolated", SplitBehavior::Isolated},
        {"MergedWithPrevious", SplitBehavior::MergedWithPrevious},
        {"MergedWithNext", SplitBehavior::MergedWithNext},
        {"Contiguous", SplitBehavior::Contiguous},
    };
    const std::string name = field.string();
    for (const auto &[text, behavior] : behaviors)
        if (text == name)
            return behavior;
    field.fail("this build does not know the behavior \"" + name + "\"", "choose another encoder");
}

/// A text of one character.
std::string readCharacter(const JsonField &field)
{
    std::string text = field.string();
    if (scalarCount(text) != 1)
        field.fail("one character is needed here");
    return text;
}

Made makeMetaspace(const JsonField &field)
{
    Metaspace::Options options;
    options.replacement = readCharacter(field.at("replacement"));
    options.split = field.booleanOr("split", true);
    const bool adds = field.booleanOr("add_prefix_space", true); // what older files have
    const std::string scheme = field.stringOr("prepend_scheme", adds ? "always" : "never");
    if (scheme == "always")
        options.prepend = Metaspace::Prepend::Always;
    else if (scheme == "first")
        options.prepend = Metaspace::Prepend::First;
    else if (scheme == "never")
        options.prepend = Metaspace::Prepend::Never;
    else
        field.at("prepend_scheme").fail("always, first or never is needed here");
    return std::make_unique<Metaspace>(options);
}

Made makeByteLevel(const JsonField &field)
{
    return std::make_unique<ByteLevel>(field.booleanOr("add_prefix_space", true), field.booleanOr("use_regex", true));
}

Made makeSplit(const JsonField &field)
{
    return std::make_unique<PatternSplit>(readPattern(field.at("pattern")), readBehavior(field.at("behavior")),
                                          field.booleanOr("invert", false));
}

Made makeSequence(const JsonField &field)
{
    const JsonField list = field.at("pretokenizers");
    std::vector<Made> stages;
    for (std::size_t i = 0; i < list.size(); ++i)
        stages.push_back(readPreTokenizer(list.at(i)));
    return std::make_unique<PreTokenizerSequence>(std::move(stages));
}

Made makeDigitSplit(const JsonField &field)
{
    return makeDigits(field.booleanOr("individual_digits", false));
}

Made makePunctuationSplit(const JsonField &field)
{
    const auto behavior = field.find("behavior");
    return makePunctuation(behavior ? readBehavior(*behavior) : SplitBehavior::Isolated);
}

Made makeDelimiter(const JsonField &field)
{
    std::size_t position = 0;
    return makeDelimiterSplit(nextScalar(readCharacter(field.at("delimiter")), position));
}

template <Made (*make)()>
Made makePlain(const JsonField &)
{
    return make();
}

constexpr Maker<Made(const JsonField &)> makers[] = {
    {"BertPreTokenizer", makePlain<makeBertPreTokenizer>},
    {"ByteLevel", makeByteLevel},
    {"CharDelimiterSplit", makeDelimiter},
    {"Digits", makeDigitSplit},
    {"Metaspace", makeMetaspace},
    {"Punctuation", makePunctuationSplit},
    {"Sequence", makeSequence},
    {"Split", makeSplit},
    {"Whitespace", makePlain<makeWhitespacePreTokenizer>},
    {"WhitespaceSplit", makePlain<makeWhitespaceSplit>},
};

} // namespace

std::unique_ptr<const PreTokenizer> readPreTokenizer(const JsonField &field)
{
    return makeByType(makers, "pre-tokenizer", field);
}

std::unique_ptr<const Pattern> readPattern(const JsonField &field)
{
    if (const auto regex = field.find("Regex"))
        return makeRegex(regex->string(), regex->where());
    const JsonField literal = field.at("String");
    std::string text = literal.string();
    if (text.empty())
        literal.fail("an empty pattern matches nothing", "choose another encoder");
    return makeLiteral(std::move(text));
}

} // namespace apiary::text
