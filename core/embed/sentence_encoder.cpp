#include "embed/sentence_encoder.h"

#include "base/cancel.h"
#include "base/error.h"
#include "encoder/device.h"
#include "encoder/model_folder.h"
#include "encoder/packed_tokens.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <atomic>
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

/// Padded tokens of a micro-batch on the processor: as many as its caches hold the states of.
constexpr std::int64_t processorBudget = 512;

/// Tokens from which on the matrices' second copy is worth making.
constexpr std::size_t tokensWorthPacking = 4096;

/// The matrices arranged for products, as long as this lives: the weights do not change meanwhile.
class PackedWeights {
public:
    PackedWeights(encoder::Transformer &transformer, bool wanted) : m_transformer(wanted ? &transformer : nullptr)
    {
        if (m_transformer)
            m_transformer->packWeights(true);
    }
    ~PackedWeights()
    {
        if (m_transformer)
            m_transformer->packWeights(false);
    }
    PackedWeights(const PackedWeights &) = delete;
    PackedWeights &operator=(const PackedWeights &) = delete;

private:
    encoder::Transformer *m_transformer;
};

/// body(batch) for all, the longest texts first, so that no thread is left alone with them at the end. Each thread takes
/// whole micro-batches, within which operations then run on that thread alone: nothing waits for the slowest. What is
/// left over at the end, fewer than there are threads, is done by all threads together.
template <typename Batches, typename Body>
void forEachShared(const Batches &batches, const Body &body)
{
    const std::size_t threads = static_cast<std::size_t>(at::get_num_threads());
    const std::size_t shared = batches.size() / threads * threads;
    std::atomic<std::size_t> next{0};
    at::parallel_for(0, static_cast<std::int64_t>(shared > 0 ? threads : 0), 1, [&](std::int64_t, std::int64_t) {
        for (std::size_t i = next++; i < shared; i = next++)
            body(batches[batches.size() - 1 - i]);
    });
    for (std::size_t i = shared; i < batches.size(); ++i)
        body(batches[batches.size() - 1 - i]);
}

/// Tokens of a prompt as sentence-transformers counts them: without the special token that ends every text.
std::int64_t promptLength(const text::Tokenizer &tokenizer, const std::string &prompt, std::int64_t maxTokens)
{
    const std::vector<std::int32_t> alone = tokenizer.encode(prompt, maxTokens);
    const std::vector<std::int32_t> empty = tokenizer.encode("", maxTokens);
    const bool ends = !empty.empty() && alone.back() == empty.back();
    return static_cast<std::int64_t>(alone.size()) - (ends ? 1 : 0);
}

} // namespace

struct SentenceEncoder::Private {
    encoder::LoadedModel model;
    std::shared_ptr<const text::Tokenizer> tokenizer;
    EncoderCard card;
    EncoderOptions options;

    at::Tensor forward(const text::TokenBatch &tokens, std::span<const std::int64_t> texts,
                       const std::stop_token &stop) const;
};

/// Embeddings of some texts on the processor. Where a GPU's memory is too small for them, two halves one by one.
at::Tensor SentenceEncoder::Private::forward(const text::TokenBatch &tokens, std::span<const std::int64_t> texts,
                                             const std::stop_token &stop) const
{
    try {
        encoder::PackedTokens batch;
        batch.promptTokens = tokens.promptTokens;
        for (const std::int64_t i : texts)
            batch.add(idsOf(tokens, i), i);
        encoder::ForwardOptions forwardOptions;
        forwardOptions.stop = stop;
        at::Tensor values = model.transformer->forward(batch, forwardOptions);
        if (options.dimension > 0)
            values = values.narrow(1, 0, options.dimension);
        return values.to(at::kCPU).contiguous();
    } catch (const c10::OutOfMemoryError &) {
        if (texts.size() < 2)
            throw Error("the GPU's memory is too small for one text", card.name, "choose the device cpu");
    }
    encoder::releaseDeviceMemory(model.transformer->device().str());
    const std::size_t half = texts.size() / 2;
    const at::Tensor front = forward(tokens, texts.first(half), stop);
    return at::cat({front, forward(tokens, texts.subspan(half), stop)});
}

SentenceEncoder::SentenceEncoder(const std::filesystem::path &folder, const EncoderOptions &options)
    : d(std::make_unique<Private>())
{
    const std::string resolved = encoder::resolveDevice(options.device);
    d->options = options;
    d->model = encoder::loadModel(folder);
    const encoder::ModelConfig &config = d->model.config;
    d->tokenizer = text::loadTokenizer(folder / config.transformerPath, {.lowercase = config.lowercase});
    if (d->tokenizer->vocabularySize() > config.vocabularySize)
        throw InputError("the tokenizer has " + std::to_string(d->tokenizer->vocabularySize()) +
                             " tokens, the network " + std::to_string(config.vocabularySize),
                         folder.string(), "the folder mixes two encoders: download it again");
    const std::int64_t dimension = config.dimension();
    if (options.dimension < 0 || options.dimension > dimension)
        throw InputError("embeddings cannot be cut to " + std::to_string(options.dimension) + " values",
                         folder.string(), "this encoder's have " + std::to_string(dimension));
    if (options.precision == Precision::Int8) {
        if (resolved != "cpu")
            throw InputError("whole numbers are for the processor, not for " + resolved, "precision",
                             "choose the device cpu, or the precision exact");
        d->model.transformer->quantize();
    }
    if (resolved != "cpu")
        d->model.transformer->to(at::Device(resolved));
    const std::filesystem::path name = folder.filename().empty() ? folder.parent_path().filename() : folder.filename();
    d->card = {name.string(),
               d->model.architecture,
               encoder::poolingName(config.pooling()),
               d->model.parameterCount,
               options.dimension > 0 ? options.dimension : dimension,
               d->model.transformer->maxTokens(),
               d->model.hash,
               config.prompts,
               config.defaultPrompt};
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

const EncoderOptions &SentenceEncoder::options() const
{
    return d->options;
}

std::string SentenceEncoder::prompt(const std::string &name) const
{
    const auto found = d->card.prompts.find(name);
    if (found != d->card.prompts.end())
        return found->second;
    std::string names;
    for (const auto &[one, text] : d->card.prompts)
        names += (names.empty() ? "" : ", ") + one;
    throw InputError("this encoder has no prompt \"" + name + "\"", d->model.folder.string(),
                     names.empty() ? "it has none at all" : "it has: " + names);
}

text::TokenBatch SentenceEncoder::tokenize(std::span<const std::string> texts, const TextOptions &how,
                                           std::stop_token stop) const
{
    const std::int64_t most = how.maxTokens > 0 ? std::min(how.maxTokens, d->card.maxTokens) : d->card.maxTokens;
    std::string before;
    if (how.prompt)
        before = *how.prompt;
    else if (!d->card.defaultPrompt.empty())
        before = prompt(d->card.defaultPrompt);
    if (before.empty())
        return d->tokenizer->encodeAll(texts, most, how.threads, stop);
    std::vector<std::string> prompted;
    prompted.reserve(texts.size());
    for (const std::string &text : texts)
        prompted.push_back(before + text);
    text::TokenBatch tokens = d->tokenizer->encodeAll(prompted, most, how.threads, stop);
    if (!d->model.config.head.front().includePrompt)
        tokens.promptTokens = promptLength(*d->tokenizer, before, most);
    return tokens;
}

Embeddings SentenceEncoder::encode(std::span<const std::string> texts, const ProgressFn &progress, std::stop_token stop)
{
    return encode(tokenize(texts, {}, stop), progress, stop);
}

Embeddings SentenceEncoder::encode(const text::TokenBatch &tokens, const ProgressFn &progress, std::stop_token stop)
{
    for (std::int64_t i = 0; i < tokens.size(); ++i) {
        if (tokens.length(i) < 1 || tokens.length(i) > d->card.maxTokens)
            throw InputError("text " + std::to_string(i) + " has " + std::to_string(tokens.length(i)) + " tokens",
                             d->card.name, "this encoder takes 1 to " + std::to_string(d->card.maxTokens));
    }
    const Distinct distinct(tokens);
    std::vector<std::int64_t> lengths;
    for (const std::int64_t i : distinct.first)
        lengths.push_back(tokens.length(i));

    const bool onProcessor = d->model.transformer->device().is_cpu();
    const std::int64_t budget = onProcessor ? std::min(tokenBudget, processorBudget) : tokenBudget;
    const std::vector<std::vector<std::int64_t>> batches = encoder::cutByLength(lengths, budget);
    const auto kinds = static_cast<Eigen::Index>(distinct.first.size());
    Embeddings embeddings(kinds, d->card.dimension);
    ProgressMeter meter("encoding texts", "texts", tokens.size(), progress);
    std::atomic<std::int64_t> finished{0}; // texts that are not yet reported: only the caller's thread reports
    const PackedWeights packed(*d->model.transformer, onProcessor && tokens.ids.size() >= tokensWorthPacking);
    const auto encodeBatch = [&](const std::vector<std::int64_t> &batch) {
        throwIfStopped(stop);
        const at::NoGradGuard noGradients; // of this thread
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
        finished += done;
        if (at::get_thread_num() == 0)
            meter.advance(finished.exchange(0));
    };
    if (onProcessor)
        forEachShared(batches, encodeBatch);
    else
        std::for_each(batches.begin(), batches.end(), encodeBatch);
    meter.advance(finished.exchange(0));
    if (kinds == tokens.size())
        return embeddings;
    Embeddings spread(tokens.size(), d->card.dimension);
    for (std::size_t i = 0; i < distinct.kind.size(); ++i)
        spread.row(static_cast<Eigen::Index>(i)) = embeddings.row(static_cast<Eigen::Index>(distinct.kind[i]));
    return spread;
}

} // namespace apiary::embed
