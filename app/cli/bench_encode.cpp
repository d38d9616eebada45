#include "base/cancel.h"
#include "base/memory.h"
#include "cli/bench.h"
#include "cli/encoder_option.h"
#include "data/csv_table.h"
#include "embed/agreement.h"
#include "embed/sentence_encoder.h"
#include "encoder/device.h"
#include "encoder/packed_tokens.h"
#include "encoder/transformer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

namespace apiary::cli {

namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct Options {
    std::string encoder;
    std::string items;
    std::string text = "description";
    std::int64_t itemCount = 0;
    std::int64_t budget = 4096;
    int repeats = 2;
    bool int8 = false;
};

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double rounded(double value)
{
    return std::round(value * 1000) / 1000;
}

std::vector<std::string> readColumn(const Options &options, const std::stop_token &stop)
{
    const data::CsvTable table = data::CsvTable::read(options.items, ",", {options.text}, false, stop);
    const data::TextColumn &column = table.column(options.text);
    std::vector<std::string> texts;
    for (std::int64_t row = 0; row < table.rows(); ++row) {
        const std::string_view text = column[row];
        if (text.find_first_not_of(" \t\r\n") != std::string_view::npos)
            texts.emplace_back(text);
        if (options.itemCount > 0 && static_cast<std::int64_t>(texts.size()) == options.itemCount)
            break;
    }
    return texts;
}

/// The best of some products of the encoder's own shapes, in operations a second.
double sgemmRate(std::int64_t width)
{
    const at::Tensor x = at::randn({2048, width}), weights = at::randn({4 * width, width});
    double best = 0;
    for (int i = 0; i < 12; ++i) {
        const auto start = Clock::now();
        const at::Tensor y = x.mm(weights.t());
        best = std::max(best, 2.0 * 2048 * 4 * static_cast<double>(width * width) / secondsSince(start));
    }
    return best;
}

struct Timed {
    Json seconds = Json::array();
    double best = 1e300;
    embed::Embeddings embeddings;
};

Timed encodeRepeatedly(embed::SentenceEncoder &encoder, const std::vector<std::string> &texts, const Options &options,
                       const Context &context)
{
    encoder.tokenBudget = options.budget;
    embed::TextOptions how;
    how.threads = context.threadCount();
    encoder.encode(encoder.tokenize(std::span(texts).first(std::min<std::size_t>(texts.size(), 64)), how));
    Timed timed;
    for (int i = 0; i < options.repeats; ++i) {
        throwIfStopped(context.stop);
        const auto start = Clock::now();
        timed.embeddings = encoder.encode(encoder.tokenize(texts, how), {}, context.stop);
        const double seconds = secondsSince(start);
        timed.best = std::min(timed.best, seconds);
        timed.seconds.push_back(rounded(seconds));
    }
    return timed;
}

int benchEncode(const Options &options, Context &context)
{
    const std::string device = encoder::resolveDevice(context.deviceName());
    encoder::setThreads(context.threadCount());
    const auto texts = readColumn(options, context.stop);
    const std::filesystem::path folder = encoderOf(options.encoder).folder;
    embed::SentenceEncoder opened(folder, embed::EncoderOptions{device});
    embed::TextOptions how;
    how.threads = context.threadCount();
    const auto start = Clock::now();
    const text::TokenBatch tokens = opened.tokenize(texts, how);
    const double tokenization = secondsSince(start);
    const Timed exact = encodeRepeatedly(opened, texts, options, context);
    double operations = 0;
    for (std::int64_t i = 0; i < tokens.size(); ++i)
        operations += static_cast<double>(tokens.length(i)) * opened.transformer().operationsPerToken(tokens.length(i));

    Json json{{"texts", texts.size()},
              {"tokens", tokens.ids.size()},
              {"threads", context.threadCount()},
              {"device", device},
              {"seconds", exact.seconds},
              {"texts_per_second", rounded(static_cast<double>(texts.size()) / exact.best)},
              {"tokenization_seconds", rounded(tokenization)},
              {"gflops", rounded(operations / exact.best * 1e-9)}};
    if (device == "cpu") {
        const double rate = sgemmRate(opened.transformer().parameters().front().value.size(1));
        json["sgemm_gflops"] = rounded(rate * 1e-9);
        json["share_of_sgemm"] = rounded(operations / exact.best / rate);
    }
    if (options.int8) {
        embed::SentenceEncoder approximate(folder, embed::EncoderOptions{device, 0, embed::Precision::Int8});
        const Timed timed = encodeRepeatedly(approximate, texts, options, context);
        const embed::Agreement agreed = embed::agreement(exact.embeddings, timed.embeddings);
        json["int8"] = {{"seconds", timed.seconds},
                        {"texts_per_second", rounded(static_cast<double>(texts.size()) / timed.best)},
                        {"times_as_fast", rounded(exact.best / timed.best)},
                        {"mean_cosine", agreed.meanCosine},
                        {"least_cosine", agreed.leastCosine}};
    }
    json["peak_mib"] = processMemory().peakResident >> 20;
    printJson(json);
    return success;
}

} // namespace

void addBenchEncode(CLI::App &bench, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = bench.add_subcommand(
        "encode", "Encoding of a catalogue's texts: seconds with tokenization, share of the machine's matrix products");
    command->add_option("--encoder", options->encoder, encoderHelp)->required();
    command->add_option("--items", options->items, "CSV with the texts")->required();
    command->add_option("--text", options->text, "Column of the text")->capture_default_str();
    command->add_option("--n-items", options->itemCount, "First rows with a text (0: all)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--budget", options->budget, "Padded tokens a micro-batch at most")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--repeats", options->repeats, "Times to encode")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_flag("--int8", options->int8, "Measure the approximate mode too, and how near it comes");
    command->callback(
        [&context, options] { context.action = [options](Context &shared) { return benchEncode(*options, shared); }; });
}

} // namespace apiary::cli
