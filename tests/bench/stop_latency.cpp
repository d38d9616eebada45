// How long a stop takes with the largest micro-batch: MiniLM, one micro-batch of many long texts, stops at random moments.
// Prints one JSON line; seconds from the request until training has returned with the best weights in place.
#include "base/process.h"
#include "base/random.h"
#include "encoder/device.h"
#include "encoder/model_folder.h"
#include "support/assets.h"
#include "train/trainer.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <thread>

using namespace apiary;
using Clock = std::chrono::steady_clock;

int main(int argc, char **argv)
{
    prepareProcess(argv);
    encoder::setThreads(2);
    const std::int64_t texts = argc > 1 ? std::atoll(argv[1]) : 128;
    const std::int64_t length = argc > 2 ? std::atoll(argv[2]) : 256;
    const int stops = argc > 3 ? std::atoi(argv[3]) : 12;
    const std::string folder = tests::encoderFolder().string();

    CounterRng rng(11);
    encoder::PackedTokens tokens;
    for (std::int64_t i = 0; i < texts; ++i) {
        std::vector<std::int32_t> ids(static_cast<std::size_t>(length));
        for (std::int32_t &id : ids)
            id = static_cast<std::int32_t>(1000 + rng.below(20000));
        tokens.add(ids, i);
    }
    Csr interactions;
    interactions.cols = texts;
    for (int user = 0; user < 256; ++user) {
        const auto item = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(texts - 1)));
        const std::int32_t row[] = {item, item + 1};
        interactions.addRow(row);
    }
    std::vector<std::int32_t> items(static_cast<std::size_t>(texts));
    std::iota(items.begin(), items.end(), 0);
    train::TrainerConfig config;
    config.tokenBudget = texts * length; // one micro-batch
    config.passes = train::Passes::Two;
    config.evaluateEvery = 1000;

    double longest = 0, sum = 0;
    for (int i = 0; i < stops; ++i) {
        const encoder::LoadedModel model = encoder::loadModel(folder);
        train::Trainer trainer(*model.transformer, interactions, tokens, items, config);
        std::stop_source source;
        std::jthread worker([&] {
            train::TrainerHooks hooks;
            hooks.validate = [](int step) { return -step; };
            trainer.train(hooks, source.get_token());
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(500 + rng.below(9500)));
        const auto asked = Clock::now();
        source.request_stop();
        worker.join();
        const double seconds = std::chrono::duration<double>(Clock::now() - asked).count();
        longest = std::max(longest, seconds);
        sum += seconds;
    }
    std::printf("{\"tokens\":%lld,\"texts\":%lld,\"stops\":%d,\"mean_s\":%.3f,\"longest_s\":%.3f}\n",
                static_cast<long long>(texts * length), static_cast<long long>(texts), stops, sum / stops, longest);
}
