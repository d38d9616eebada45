#pragma once

#include "text/pattern.h"
#include "text/tokenizer_files.h"

#include <span>
#include <string_view>

/// The parts of tokenizer.json. Each kind of part has a table from type name to the function that makes it, so that a
/// new component is one more line there. All throw InputError that names file and field.
namespace apiary::text {

/// How to make a component of one type from its object in the file.
template <typename Function>
struct Maker {
    std::string_view type;
    Function *make;
};

/// Makes what the object's field `type` names; `kind` names the table in the error.
template <typename Function, std::size_t count, typename... Arguments>
auto makeByType(const Maker<Function> (&makers)[count], const char *kind, const JsonField &field,
                const Arguments &...arguments)
{
    const JsonField type = field.at("type");
    const std::string name = type.string();
    for (const Maker<Function> &maker : makers)
        if (maker.type == name)
            return maker.make(field, arguments...);
    type.fail(std::string("this build does not know the ") + kind + " \"" + name + "\"", "choose another encoder");
}

std::unique_ptr<const Normalizer> readNormalizer(const JsonField &field, const TokenizerConfig &config);

std::unique_ptr<const PreTokenizer> readPreTokenizer(const JsonField &field);

/// A model and its ids, in ascending order.
struct ModelParts {
    std::unique_ptr<const Model> model;
    std::vector<std::int32_t> ids;
};
ModelParts readModel(const JsonField &field);

/// An object of tokens and their ids.
std::vector<TokenEntry> readVocabulary(const JsonField &field);

/// Adds special tokens before and behind.
void readPostProcessor(const JsonField &field, PipelineParts &parts);

/// An object with one field, String or Regex.
std::unique_ptr<const Pattern> readPattern(const JsonField &field);

/// The bytes that a base64 text stands for.
std::string decodeBase64(const JsonField &field);

} // namespace apiary::text
