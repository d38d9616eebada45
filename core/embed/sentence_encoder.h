#pragma once

#include "base/progress.h"
#include "text/tokenizer.h"

#include <Eigen/Core>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace apiary::encoder {
class Transformer;
}

namespace apiary::embed {

/// One row a text, float32.
using Embeddings = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// What a person wants to know of an encoder folder before using it.
struct EncoderCard {
    std::string name;         ///< the folder's name
    std::string architecture; ///< e.g. "bert"
    std::string pooling;      ///< e.g. "mean", "cls+mean"
    std::int64_t parameters = 0;
    std::int64_t dimension = 0;
    std::int64_t maxTokens = 0;
    std::string hash; ///< of the encoder alone, whatever the options it is opened with
    /// Texts to put before a text, by their names ("query", "document"); defaultPrompt is empty or the name of the one
    /// that is put there unasked.
    std::map<std::string, std::string> prompts;
    std::string defaultPrompt;
};

/// Exact: float32. Int8: matrices of whole numbers, made on opening; quick and approximate, for browsing.
enum class Precision { Exact, Int8 };

struct EncoderOptions {
    std::string device = "cpu";
    /// Matryoshka truncation: the first so many values of an embedding, as they are; 0: all.
    std::int64_t dimension = 0;
    Precision precision = Precision::Exact;
};

/// How texts become tokens.
struct TextOptions {
    std::int64_t maxTokens = 0;        ///< 0, or more than the encoder takes: the encoder's maximum
    std::optional<std::string> prompt; ///< a text to put before each; unset: the encoder's default prompt
    int threads = 0;                   ///< 0: all cores
};

/// A tokenizer joined to a Transformer: texts in, embeddings out. One thread at a time.
class SentenceEncoder {
public:
    explicit SentenceEncoder(const std::filesystem::path &folder, const EncoderOptions &options = {});
    ~SentenceEncoder();

    const EncoderCard &card() const;
    const text::Tokenizer &tokenizer() const;
    encoder::Transformer &transformer();
    const std::filesystem::path &folder() const;
    const EncoderOptions &options() const;

    /// The prompt of a name; throws InputError naming those that there are.
    std::string prompt(const std::string &name) const;
    text::TokenBatch tokenize(std::span<const std::string> texts, const TextOptions &how = {},
                              std::stop_token stop = {}) const;

    /// Embeddings in evaluation mode, one row a text, in the texts' order; equal texts are encoded once. Texts get the
    /// default prompt.
    Embeddings encode(std::span<const std::string> texts, const ProgressFn &progress = {}, std::stop_token stop = {});
    /// The same for texts that are tokenized already.
    Embeddings encode(const text::TokenBatch &tokens, const ProgressFn &progress = {}, std::stop_token stop = {});

    /// Tokens a micro-batch, padding counted. Changes cost, never results.
    std::int64_t tokenBudget = 4096;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace apiary::embed
