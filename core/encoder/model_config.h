#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace apiary::encoder {

/// How token vectors become one vector a text.
enum class Pooling { Mean, Cls, Max };

/// The name that sentence-transformers gives the mode: "mean", "cls", "max".
const char *poolingName(Pooling pooling);

/// What a sentence-transformers folder says about its network; sizes are checked, so that nothing is allocated on the
/// word of a broken file.
struct ModelConfig {
    std::string modelType; ///< config.json's model_type, e.g. "bert"
    std::int64_t hiddenSize = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t intermediateSize = 0;
    std::int64_t vocabularySize = 0;
    std::int64_t maxPositions = 0;
    std::int64_t typeVocabularySize = 0;
    double layerNormEps = 1e-12;
    double hiddenDropout = 0;
    double attentionDropout = 0;
    std::string activation; ///< config.json's hidden_act, e.g. "gelu"
    /// Tokens a text at most, special tokens included: sentence_bert_config.json's max_seq_length (where it has none,
    /// tokenizer_config.json's model_max_length), and never more than maxPositions.
    std::int64_t maxTokens = 0;
    Pooling pooling = Pooling::Mean;
    bool normalize = false;
    /// Where config.json, the weights and the tokenizer lie, relative to the folder; usually empty.
    std::filesystem::path transformerPath;
};

/// Reads config.json, modules.json, sentence_bert_config.json and the pooling's config.json. A folder without
/// modules.json is read as sentence-transformers reads it: the bare Transformer with mean pooling.
/// Throws InputError naming the file, the field and what is known here.
ModelConfig readModelConfig(const std::filesystem::path &folder);

} // namespace apiary::encoder
