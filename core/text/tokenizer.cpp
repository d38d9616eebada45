#include "text/tokenizer.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace apiary::text {

namespace {

/// Texts that a thread takes at a time: enough to make sharing cheap, few enough to stop and balance well.
constexpr std::size_t chunkTexts = 64;

} // namespace

void Tokenizer::checkMaximum(std::int64_t maxTokens) const
{
    if (maxTokens < specialTokenCount())
        throw InputError("a maximum of " + std::to_string(maxTokens) + " tokens leaves no room for the " +
                             std::to_string(specialTokenCount()) + " special tokens",
                         "maximum length", "set a larger one");
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view text, std::int64_t maxTokens) const
{
    checkMaximum(maxTokens);
    std::vector<std::int32_t> ids;
    append(text, maxTokens, ids);
    return ids;
}

TokenBatch Tokenizer::encodeAll(std::span<const std::string> texts, std::int64_t maxTokens, int threads,
                                std::stop_token stop) const
{
    checkMaximum(maxTokens);
    throwIfStopped(stop);
    TokenBatch batch;
    batch.offsets.resize(texts.size() + 1);
    const std::size_t chunks = (texts.size() + chunkTexts - 1) / chunkTexts;
    std::vector<std::vector<std::int32_t>> parts(chunks);
    std::atomic<std::size_t> nextChunk{0};
    std::atomic<bool> failed{false};
    std::exception_ptr failure;
    std::mutex failureMutex;

    const auto work = [&] {
        try {
            for (std::size_t chunk = nextChunk++; chunk < chunks && !failed; chunk = nextChunk++) {
                std::vector<std::int32_t> &ids = parts[chunk];
                const std::size_t end = std::min((chunk + 1) * chunkTexts, texts.size());
                for (std::size_t i = chunk * chunkTexts; i < end && !stop.stop_requested(); ++i) {
                    const std::size_t before = ids.size();
                    append(texts[i], maxTokens, ids);
                    batch.offsets[i + 1] = static_cast<std::int64_t>(ids.size() - before); // its length, summed below
                }
            }
        } catch (...) {
            const std::lock_guard lock(failureMutex);
            failure = std::current_exception();
            failed = true;
        }
    };
    std::size_t count =
        threads > 0 ? static_cast<std::size_t>(threads) : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
    count = std::min(count, chunks);
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < count; ++i)
            others.emplace_back(work);
        work();
    }
    if (failure)
        std::rethrow_exception(failure);
    throwIfStopped(stop);

    for (std::size_t i = 1; i < batch.offsets.size(); ++i)
        batch.offsets[i] += batch.offsets[i - 1];
    batch.ids.reserve(static_cast<std::size_t>(batch.offsets.back()));
    for (std::vector<std::int32_t> &part : parts) {
        batch.ids.insert(batch.ids.end(), part.begin(), part.end());
        part = {};
    }
    return batch;
}

} // namespace apiary::text
