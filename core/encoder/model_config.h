#pragma once

#include "encoder/modules.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace apiary::encoder {

/// What a sentence-transformers folder says about its network; sizes are checked, so that nothing is allocated on the
/// word of a broken file. What only one architecture needs is read where that is made.
struct ModelConfig {
    std::string modelType; ///< config.json's model_type, e.g. "bert"
    std::int64_t hiddenSize = 0;
    std::int64_t layers = 0;
    std::int64_t vocabularySize = 0;
    std::int64_t maxPositions = 0;
    /// Tokens a text at most, special tokens included: max_seq_length of sentence_bert_config.json (or the file of one
    /// of its older names; where it has none, tokenizer_config.json's model_max_length), and never more than maxPositions.
    std::int64_t maxTokens = 0;
    bool lowercase = false;   ///< sentence_bert_config.json's do_lower_case: before whatever the tokenizer does
    std::vector<Module> head; ///< begins with the pooling; ends with the truncation that truncate_dim asks for
    /// Texts to put before a text, by their names ("query", "document"), and the name of the one that
    /// sentence-transformers puts there unasked; empty where there is none.
    std::map<std::string, std::string> prompts;
    std::string defaultPrompt;
    /// Where config.json, the weights and the tokenizer lie, relative to the folder; usually empty.
    std::filesystem::path transformerPath;

    std::int64_t dimension() const { return head.back().out; }
    const std::vector<Pooling> &pooling() const { return head.front().modes; }
    /// Whether embeddings have length 1 before any truncation.
    bool normalized() const
    {
        const std::size_t last = head.size() - (head.back().kind == Module::Kind::Truncate ? 2 : 1);
        return head[last].kind == Module::Kind::Normalize;
    }
};

/// Reads config.json, modules.json, sentence_bert_config.json, config_sentence_transformers.json and the modules'
/// config.json. Throws InputError naming the file, the field and what is known here.
ModelConfig readModelConfig(const std::filesystem::path &folder);

} // namespace apiary::encoder
