#include "text/json_readers.h"

namespace apiary::text {

namespace {

using Ids = std::vector<std::int32_t>;

/// Sets special tokens around what is there already.
void surround(PipelineParts &parts, const Ids &before, const Ids &after)
{
    parts.before.insert(parts.before.begin(), before.begin(), before.end());
    parts.after.insert(parts.after.end(), after.begin(), after.end());
}

/// For single texts: special tokens, $A once, special tokens.
void readTemplate(const JsonField &processor, PipelineParts &parts)
{
    const JsonField single = processor.at("single");
    Ids before, after;
    bool seenText = false;
    for (std::size_t i = 0; i < single.size(); ++i) {
        const JsonField piece = single.at(i);
        if (const auto sequence = piece.find("Sequence")) {
            if (seenText || sequence->at("id").string() != "A")
                sequence->fail("the template of a single text holds it once, as A");
            seenText = true;
            continue;
        }
        const std::string name = piece.at("SpecialToken").at("id").string();
        const JsonField ids = processor.at("special_tokens").at(name).at("ids");
        for (std::size_t k = 0; k < ids.size(); ++k)
            (seenText ? after : before).push_back(static_cast<std::int32_t>(ids.at(k).integer(0, INT32_MAX)));
    }
    if (!seenText)
        single.fail("the template of a single text does not hold it");
    surround(parts, before, after);
}

/// BertProcessing and RobertaProcessing: ["token", id] before and behind.
void readPair(const JsonField &processor, PipelineParts &parts)
{
    const auto id = [&](const char *name) {
        const JsonField pair = processor.at(name);
        if (pair.size() != 2)
            pair.fail("a token and its id are needed here");
        return static_cast<std::int32_t>(pair.at(1).integer(0, INT32_MAX));
    };
    surround(parts, {id("cls")}, {id("sep")});
}

/// Only moves offsets, which nobody asks for here.
void readByteLevel(const JsonField &, PipelineParts &) {}

void readSequence(const JsonField &processor, PipelineParts &parts)
{
    const JsonField list = processor.at("processors");
    for (std::size_t i = 0; i < list.size(); ++i)
        readPostProcessor(list.at(i), parts);
}

constexpr Maker<void(const JsonField &, PipelineParts &)> readers[] = {
    {"BertProcessing", readPair}, {"ByteLevel", readByteLevel},         {"RobertaProcessing", readPair},
    {"Sequence", readSequence},   {"TemplateProcessing", readTemplate},
};

} // namespace

void readPostProcessor(const JsonField &field, PipelineParts &parts)
{
    const JsonField type = field.at("type");
    for (const auto &reader : readers)
        if (reader.type == type.string())
            return reader.make(field, parts);
    type.fail("this build does not know the post-processor \"" + type.string() + "\"", "choose another encoder");
}

} // namespace apiary::text
