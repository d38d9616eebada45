#include "embed/sentence_encoder.h"

#include "base/cancel.h"
#include "base/error.h"
#include "encoder/device.h"
#include "encoder/model_folder.h"
#include "encoder/packed_tokens.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace apiary::embed {

namespace {

std::span<const std::int32_t> idsOf(const text::TokenBatch &tokens, std::int64_t i)
{
    return std::span(tokens.ids)
        .subspan(static_cast<std::size_t>(tokens.offsets[static_cast<std::size_t>(i)]),
                 static_cast<std::size_t>(tokens.length(i)));
}

/// Which texts have the same token ids.
struct Distinct {
    std::vector<std::int64_t> first; ///< a text of each kind
    std::vector<std::size_t> kind;   ///< of each text
    std::vector<std::int64_t> count; ///< texts of each kind

    explicit Distinct(const text::TokenBatch &tokens)
    {
        std::unordered_map<std::string_view, std::size_t> seen;
        for (std::int64_t i = 0; i < tokens.size(); ++i) {
            const auto bytes = std::as_bytes(idsOf(tokens, i));
            const std::string_view key(reinterpret_cast<const char *>(bytes.data()), bytes.size());
            const auto [entry, isNew] = seen.emplace(key, first.size());
            if (isNew) {
                first.push_back(i);
                count.push_back(0);
            }
            kind.push_back(entry->second);
            ++count[entry->second];
        }
    }
};

} // namespace

struct SentenceEncoder::Private {
    encoder::LoadedModel model;
    std::shared_ptr<const text::Tokenizer> tokenizer;
    EncoderCard card;

    at::Tensor forward(const text::TokenBatch &tokens, std::span<const std::int64_t> texts,
                       const std::stop_token &stop) const;
};

/// Embeddings of some texts on the processor. Where a GPU's memory is too small for them, two halves one by one.
at::Tensor SentenceEncoder::Private::forward(const text::TokenBatch &tokens, std::span<const std::int64_t> texts,
                                             const std::stop_token &stop) const
{
    try {
        encoder::PackedTokens batch;
        for (const std::int64_t i : texts)
            batch.add(idsOf(tokens, i), i);
        encoder::ForwardOptions options;
        options.stop = stop;
        return model.transformer->forward(batch, options).to(at::kCPU).contiguous();
    } catch (const c10::OutOfMemoryError &) {
        if (texts.size() < 2)
            throw Error("the GPU's memory is too small for one text", card.name, "choose the device cpu");
    }
    encoder::releaseDeviceMemory(model.transformer->device().str());
    const std::size_t half = texts.size() / 2;
    const at::Tensor front = forward(tokens, texts.first(half), stop);
    return at::cat({front, forward(tokens, texts.subspan(half), stop)});
}

SentenceEncoder::SentenceEncoder(const std::filesystem::path &folder, const std::string &device)
    : d(std::make_unique<Private>())
{
    const std::string resolved = encoder::resolveDevice(device);
    d->model = encoder::loadModel(folder);
    const encoder::ModelConfig &config = d->model.config;
    d->tokenizer = text::loadTokenizer(folder / config.transformerPath);
    if (d->tokenizer->vocabularySize() > config.vocabularySize)
        throw InputError("the tokenizer has " + std::to_string(d->tokenizer->vocabularySize()) +
                             " tokens, the network " + std::to_string(config.vocabularySize),
                         folder.string(), "the folder mixes two encoders: download it again");
    if (resolved != "cpu")
        d->model.transformer->to(at::Device(resolved));
    const std::filesystem::path name = folder.filename().empty() ? folder.parent_path().filename() : folder.filename();
    d->card = {name.string(),
               d->model.architecture,
               encoder::poolingName(config.pooling()),
               d->model.parameterCount,
               d->model.transformer->dimension(),
               d->model.transformer->maxTokens(),
               d->model.hash};
}

SentenceEncoder::~SentenceEncoder() = default;

const EncoderCard &SentenceEncoder::card() const
{
    return d->card;
}

const text::Tokenizer &SentenceEncoder::tokenizer() const
{
    return *d->tokenizer;
}

encoder::Transformer &SentenceEncoder::transformer()
{
    return *d->model.transformer;
}

const std::filesystem::path &SentenceEncoder::folder() const
{
    return d->model.folder;
}

Embeddings SentenceEncoder::encode(std::span<const std::string> texts, const ProgressFn &progress, std::stop_token stop)
{
    return encode(d->tokenizer->encodeAll(texts, d->card.maxTokens, 0, stop), progress, stop);
}

Embeddings SentenceEncoder::encode(const text::TokenBatch &tokens, const ProgressFn &progress, std::stop_token stop)
{
    for (std::int64_t i = 0; i < tokens.size(); ++i) {
        if (tokens.length(i) < 1 || tokens.length(i) > d->card.maxTokens)
            throw InputError("text " + std::to_string(i) + " has " + std::to_string(tokens.length(i)) + " tokens",
                             d->card.name, "this encoder takes 1 to " + std::to_string(d->card.maxTokens));
    }
    const at::NoGradGuard noGradients;
    const Distinct distinct(tokens);
    std::vector<std::int64_t> lengths;
    for (const std::int64_t i : distinct.first)
        lengths.push_back(tokens.length(i));

    const auto kinds = static_cast<Eigen::Index>(distinct.first.size());
    Embeddings embeddings(kinds, d->card.dimension);
    ProgressMeter meter("encoding texts", "texts", tokens.size(), progress);
    for (const std::vector<std::int64_t> &batch : encoder::cutByLength(lengths, tokenBudget)) {
        throwIfStopped(stop);
        std::vector<std::int64_t> texts;
        std::int64_t done = 0;
        for (const std::int64_t k : batch) {
            texts.push_back(distinct.first[static_cast<std::size_t>(k)]);
            done += distinct.count[static_cast<std::size_t>(k)];
        }
        const at::Tensor values = d->forward(tokens, texts, stop);
        const Eigen::Map<const Embeddings> rows(values.const_data_ptr<float>(), static_cast<Eigen::Index>(batch.size()),
                                                d->card.dimension);
        for (std::size_t row = 0; row < batch.size(); ++row)
            embeddings.row(batch[row]) = rows.row(static_cast<Eigen::Index>(row));
        meter.advance(done);
    }
    if (kinds == tokens.size())
        return embeddings;
    Embeddings spread(tokens.size(), d->card.dimension);
    for (std::size_t i = 0; i < distinct.kind.size(); ++i)
        spread.row(static_cast<Eigen::Index>(i)) = embeddings.row(static_cast<Eigen::Index>(distinct.kind[i]));
    return spread;
}

} // namespace apiary::embed
