#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace apiary::text {

/// Token ids of many texts, packed: text i holds ids[offsets[i] .. offsets[i + 1]).
struct TokenBatch {
    std::vector<std::int32_t> ids;
    std::vector<std::int64_t> offsets{0};
    std::int64_t promptTokens =
        0; ///< how many at each text's front an encoder that pools without its prompt leaves out

    std::int64_t size() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
    std::int64_t length(std::int64_t i) const
    {
        return offsets[static_cast<std::size_t>(i) + 1] - offsets[static_cast<std::size_t>(i)];
    }
};

/// Text → token ids, special tokens included, truncated to a maximum. Immutable and safe to share between threads.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// `text` is UTF-8; each maximal subpart of an ill-formed sequence counts as one U+FFFD. At most maxTokens ids,
    /// special tokens included: what is too long loses its end (or, where the encoder says truncation_side left, its
    /// beginning), the special tokens stay. Throws InputError where
    /// maxTokens is below specialTokenCount().
    std::vector<std::int32_t> encode(std::string_view text, std::int64_t maxTokens) const;
    /// What stands for no token in a padded batch; 0 where the encoder names none (attention masks it out anyway).
    virtual std::int32_t padId() const = 0;
    /// One more than the largest id: the rows that an embedding table needs.
    virtual std::int64_t vocabularySize() const = 0;
    /// How many special tokens every text gets.
    virtual std::int64_t specialTokenCount() const = 0;

    /// All texts, in order, on `threads` threads (0: all cores). Throws Cancelled soon after a stop is asked for.
    TokenBatch encodeAll(std::span<const std::string> texts, std::int64_t maxTokens, int threads = 0,
                         std::stop_token stop = {}) const;

protected:
    /// Appends the ids of one text, as encode() describes; maxTokens is large enough.
    virtual void append(std::string_view text, std::int64_t maxTokens, std::vector<std::int32_t> &ids) const = 0;

private:
    void checkMaximum(std::int64_t maxTokens) const;
};

/// What an encoder's folder asks for outside of its tokenizer's files.
struct TokenizerOptions {
    bool lowercase = false; ///< texts in lower case, before all else
};

/// The tokenizer of an encoder folder: tokenizer.json where it is there, else what came before it, as transformers
/// builds it: sentencepiece.bpe.model (XLM-RoBERTa), vocab.json with merges.txt (RoBERTa, GPT-2, Qwen) or vocab.txt
/// (BERT, DistilBERT, MPNet), each with tokenizer_config.json. Of the sections truncation and padding of
/// tokenizer.json only the direction counts: callers say how long, and pad on their own. Ids equal those of the `tokenizers` package 0.23.3 (see
/// tests/golden/check_tokens.py). Throws InputError for what this build does not know, naming the file and the field.
std::shared_ptr<const Tokenizer> loadTokenizer(const std::filesystem::path &folder,
                                               const TokenizerOptions &options = {});

} // namespace apiary::text
