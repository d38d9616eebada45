#include "text/bpe.h"
#include "text/byte_level.h"
#include "text/json_readers.h"
#include "text/pattern_split.h"
#include "text/simple_normalizers.h"
#include "text/token_list.h"
#include "text/utf8.h"
#include "text/word_pattern.h"

#include "base/error.h"

#include <algorithm>

namespace apiary::text {

namespace {

enum class Kind { Roberta, Gpt2, Qwen };

/// By the configuration, or by the vocabulary where that is silent.
Kind kindOf(const TokenizerConfig &config, const Model &model)
{
    const std::string &name = config.tokenizerClass;
    if (name.starts_with("Qwen"))
        return Kind::Qwen;
    if (name.starts_with("GPT2"))
        return Kind::Gpt2;
    return !name.empty() || model.idOf("<s>") >= 0 ? Kind::Roberta : Kind::Gpt2;
}

/// "left right" a line, the first line may give a version.
std::vector<Bpe::Pair> readMergeLines(const std::filesystem::path &file)
{
    const std::string content = readWholeFile(file);
    std::vector<Bpe::Pair> merges;
    std::string_view rest = content;
    for (std::size_t line = 1; !rest.empty(); ++line) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view text = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        if (text.starts_with("#version"))
            continue;
        const std::size_t space = text.find(' ');
        const bool isPair = space != std::string_view::npos && text.find(' ', space + 1) == std::string_view::npos;
        if (!isPair || validPrefix(text) != text.size())
            throw InputError("two tokens with a space between are needed here",
                             file.string() + ":" + std::to_string(line), "get the encoder's files again");
        merges.emplace_back(text.substr(0, space), text.substr(space + 1));
    }
    return merges;
}

} // namespace

PipelineParts partsFromMergesTxt(const std::filesystem::path &vocabulary, const std::filesystem::path &merges,
                                 const TokenizerConfig &config)
{
    const JsonField fields(config.json, config.where.empty() ? vocabulary.string() : config.where);
    const nlohmann::json json = readJsonFile(vocabulary);
    PipelineParts parts;
    parts.model = std::make_unique<Bpe>(readVocabulary(JsonField(json, vocabulary.string())), readMergeLines(merges),
                                        Bpe::Options{}, vocabulary.string());
    const Kind kind = kindOf(config, *parts.model);
    const bool prefixed = fields.booleanOr("add_prefix_space", false);
    if (kind == Kind::Qwen) {
        parts.normalizer = std::make_unique<UnicodeForm>(UnicodeForm::Form::Nfc);
        std::vector<std::unique_ptr<const PreTokenizer>> stages;
        stages.push_back(std::make_unique<PatternSplit>(makeRegex(std::string(qwenRegex), fields.where()),
                                                        SplitBehavior::Isolated, false));
        stages.push_back(std::make_unique<ByteLevel>(prefixed, false));
        parts.preTokenizer = std::make_unique<PreTokenizerSequence>(std::move(stages));
    } else {
        parts.preTokenizer = std::make_unique<ByteLevel>(prefixed, true);
    }

    constexpr auto append = TokenList::Missing::Append;
    TokenList list(fields, *parts.model);
    if (kind == Kind::Roberta) {
        list.addSpecial("bos_token", "<s>", append);
        list.addSpecial("eos_token", "</s>", append);
        list.addSpecial("unk_token", "<unk>", append);
        parts.after = {list.addSpecial("sep_token", "</s>", append)};
        parts.padId = list.addSpecial("pad_token", "<pad>", append);
        parts.before = {list.addSpecial("cls_token", "<s>", append)};
        list.addSpecial("mask_token", "<mask>", append);
    } else {
        const char *end = "<|endoftext|>";
        list.addSpecial("eos_token", end, append);
        list.addSpecial("unk_token", end, append);
        if (fields.find("pad_token") || kind == Kind::Qwen)
            parts.padId = list.addSpecial("pad_token", end, append);
    }
    list.finish(parts);
    return parts;
}

} // namespace apiary::text
