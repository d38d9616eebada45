#include "cli/bench.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/encoder_option.h"
#include "data/dataset.h"
#include "embed/sentence_encoder.h"
#include "encoder/device.h"
#include "run/trainer_config.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <numeric>

namespace apiary::cli {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string encoder;
    std::string items;
    std::string text = "description";
    std::string interactions;
    std::int64_t itemCount = 300;
    std::int64_t users = 1024;
    std::int64_t m = 10000;
    int steps = 2;
    std::string passes = "auto";
    std::int64_t budget = 4096;
    std::int64_t memory = 0;
    std::int64_t maxTokens = 384;
    double learningRate = 1e-5;
    std::uint64_t seed = 42;
    bool dropoutOff = false;
};

bool hasRatings(const std::string &file)
{
    std::ifstream in(file);
    std::string header;
    std::getline(in, header);
    return header.find("rating") != std::string::npos;
}

/// The rows of the `count` most-read items (ties: the earlier item), in the order of the catalogue.
std::vector<std::int32_t> mostRead(const data::Interactions &interactions, std::int64_t count)
{
    std::vector<std::int64_t> readers(static_cast<std::size_t>(interactions.itemCount()), 0);
    for (const std::int32_t item : interactions.csr.columns)
        ++readers[static_cast<std::size_t>(item)];
    std::vector<std::int32_t> order(readers.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return readers[static_cast<std::size_t>(a)] > readers[static_cast<std::size_t>(b)];
    });
    order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
    std::sort(order.begin(), order.end());
    return order;
}

/// Users × the kept items alone; users without one of them left out.
Csr narrowed(const CsrView &all, const std::vector<std::int32_t> &kept)
{
    std::vector<std::int32_t> place(static_cast<std::size_t>(all.cols), -1);
    for (std::size_t i = 0; i < kept.size(); ++i)
        place[static_cast<std::size_t>(kept[i])] = static_cast<std::int32_t>(i);
    Csr out;
    out.cols = static_cast<std::int64_t>(kept.size());
    std::vector<std::int32_t> row;
    for (std::int64_t user = 0; user < all.rows; ++user) {
        row.clear();
        for (const std::int32_t item : all.row(user))
            if (place[static_cast<std::size_t>(item)] >= 0)
                row.push_back(place[static_cast<std::size_t>(item)]);
        if (!row.empty())
            out.addRow(row);
    }
    return out;
}

train::TrainerConfig configOf(const Options &options)
{
    train::TrainerConfig config;
    config.usersPerStep = options.users;
    config.itemsPerStep = options.m;
    config.epochs = 1000000;
    config.learningRate = options.learningRate;
    config.dropout = !options.dropoutOff;
    config.tokenBudget = options.budget;
    config.memoryBudget = options.memory << 20;
    config.seed = options.seed;
    config.passes = options.passes == "one"   ? train::Passes::One
                    : options.passes == "two" ? train::Passes::Two
                                              : train::Passes::Auto;
    return config;
}

int step(const Options &options, Context &context)
{
    const std::string device = encoder::resolveDevice(context.deviceName());
    encoder::setThreads(context.threadCount());
    data::DatasetSource source;
    source.name = "bench";
    source.interactions = options.interactions;
    source.items = options.items;
    source.ratingColumn = hasRatings(options.interactions) ? "rating" : "";
    source.titleColumn = "";
    source.textTemplate = "{" + options.text + "}";
    const data::Dataset dataset = data::loadDataset(source, {4.0, 1}, {}, context.stop);
    const auto kept = mostRead(dataset.interactions, options.itemCount);
    const Csr rows = narrowed(dataset.interactions.csr, kept);
    std::vector<std::string> texts;
    for (const std::int32_t item : kept)
        texts.push_back(dataset.catalog.texts[static_cast<std::size_t>(item)]);
    std::vector<std::int32_t> items(kept.size());
    std::iota(items.begin(), items.end(), 0);

    embed::SentenceEncoder opened(encoderOf(options.encoder).folder, embed::EncoderOptions{device});
    const encoder::PackedTokens tokens = run::packed(opened.tokenizer().encodeAll(
        texts, std::min(options.maxTokens, opened.card().maxTokens), context.threadCount(), context.stop));
    train::Trainer trainer(opened.transformer(), rows, tokens, items, configOf(options));

    Json seconds = Json::array(), losses = Json::array(), passes = Json::array();
    train::StepReport last;
    for (int i = 0; i < options.steps; ++i) {
        throwIfStopped(context.stop);
        last = trainer.step(context.stop);
        seconds.push_back(std::round(last.seconds * 1000) / 1000);
        losses.push_back(last.loss);
        passes.push_back(last.passes);
    }
    Json json{{"seconds", seconds},
              {"loss", losses},
              {"items_encoded", last.items},
              {"users", last.users},
              {"tokens", last.tokens},
              {"padded_tokens", last.paddedTokens},
              {"peak_mib", processMemory().peakResident >> 20},
              {"threads", context.threadCount()},
              {"passes", passes},
              {"budget", options.budget},
              {"device", device}};
    if (device != "cpu") {
        MemoryUse use;
        encoder::addDeviceMemory(use, device);
        json["gpu_mib"] = use.gpuReserved >> 20;
    }
    printJson(json);
    return success;
}

} // namespace

void addBench(CLI::App &app, Context &context)
{
    CLI::App *bench = app.add_subcommand("bench", "Measures, printed as JSON");
    bench->require_subcommand(1);
    bench->fallthrough();
    auto options = std::make_shared<Options>();
    CLI::App *command = bench->add_subcommand(
        "step", "Training steps on the most-read items of a catalogue: seconds, losses, peak memory");
    command->add_option("--encoder", options->encoder, encoderHelp)->required();
    command->add_option("--items", options->items, "CSV with item_id and the text")->required();
    command->add_option("--text", options->text, "Column of the text")->capture_default_str();
    command
        ->add_option("--interactions", options->interactions,
                     "CSV with user_id, item_id and, maybe, rating (4 and more count)")
        ->required();
    command->add_option("--n-items", options->itemCount, "Most-read items to keep")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--users", options->users, "Users a step")->check(CLI::PositiveNumber)->capture_default_str();
    command->add_option("--m", options->m, "Items a step")->check(CLI::PositiveNumber)->capture_default_str();
    command->add_option("--steps", options->steps, "Steps")->check(CLI::PositiveNumber)->capture_default_str();
    command->add_option("--passes", options->passes, "one, two or auto")
        ->check(CLI::IsMember({"one", "two", "auto"}))
        ->capture_default_str();
    command->add_option("--budget", options->budget, "Padded tokens a micro-batch")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        ->add_option("--memory", options->memory,
                     "MiB that activations may take with --passes auto (0: half of what is free)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--max-seq", options->maxTokens, "Tokens a text")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--lr", options->learningRate, "Learning rate")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--seed", options->seed, "Seed")->capture_default_str();
    command->add_flag("--dropout-off", options->dropoutOff, "Train without dropout");
    command->callback(
        [&context, options] { context.action = [options](Context &shared) { return step(*options, shared); }; });
    addBenchEncode(*bench, context);
}

} // namespace apiary::cli
