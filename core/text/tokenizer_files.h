#pragma once

#include "text/bert_normalizer.h"
#include "text/json_field.h"
#include "text/pipeline.h"

#include <filesystem>
#include <optional>

namespace apiary::text {

/// What tokenizer_config.json and special_tokens_map.json say, for both ways to load. A value that is absent is unset.
struct TokenizerConfig {
    std::string where; ///< the file, for errors; empty where there is none
    nlohmann::json json = nlohmann::json::object();
    std::string tokenizerClass;
    std::optional<std::string> padToken;
};

TokenizerConfig readTokenizerConfig(const std::filesystem::path &folder);

/// The text of a special token, which files give as a text or as an object with the field `content`.
std::string tokenContent(const JsonField &token);

/// BERT's normalizer by the file's options (an object with clean_text, ..., or null), where transformers lets
/// tokenizer_config.json overrule them.
BertNormalizer::Options bertOptions(const std::optional<JsonField> &normalizer, const TokenizerConfig &config);

/// A side that truncation takes away: "left" or "right", in any case.
bool isLeft(const JsonField &side);

/// From tokenizer.json.
PipelineParts partsFromTokenizerJson(const std::filesystem::path &file, const TokenizerConfig &config);

/// From vocab.txt (a token a line, its id the number of its line).
PipelineParts partsFromVocabTxt(const std::filesystem::path &file, const TokenizerConfig &config);

/// From vocab.json and merges.txt: byte-level BPE of RoBERTa, GPT-2 or Qwen.
PipelineParts partsFromMergesTxt(const std::filesystem::path &vocabulary, const std::filesystem::path &merges,
                                 const TokenizerConfig &config);

/// From sentencepiece.bpe.model: XLM-RoBERTa's.
PipelineParts partsFromSentencePiece(const std::filesystem::path &file, const TokenizerConfig &config);

} // namespace apiary::text
