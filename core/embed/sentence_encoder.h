#pragma once

#include "base/progress.h"
#include "text/tokenizer.h"

#include <Eigen/Core>
#include <filesystem>
#include <memory>
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
    std::string pooling;      ///< e.g. "mean"
    std::int64_t parameters = 0;
    std::int64_t dimension = 0;
    std::int64_t maxTokens = 0;
    std::string hash;
};

/// A tokenizer joined to a Transformer: texts in, embeddings out. One thread at a time.
class SentenceEncoder {
public:
    explicit SentenceEncoder(const std::filesystem::path &folder, const std::string &device = "cpu");
    ~SentenceEncoder();

    const EncoderCard &card() const;
    const text::Tokenizer &tokenizer() const;
    encoder::Transformer &transformer();
    const std::filesystem::path &folder() const;

    /// Embeddings in evaluation mode, one row a text, in the texts' order; equal texts are encoded once.
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
