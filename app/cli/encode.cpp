#include "base/error.h"
#include "cli/commands.h"
#include "cli/encoder_option.h"
#include "cli/texts.h"
#include "embed/agreement.h"
#include "embed/sentence_encoder.h"
#include "encoder/device.h"
#include "run/npy.h"

#include <chrono>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <unistd.h>

namespace apiary::cli {

namespace {

struct Options {
    std::string encoder;
    std::string texts;
    std::string field;
    std::string out;
    std::int64_t maxTokens = 0;
    std::int64_t budget = 4096;
    std::int64_t dimension = 0;
    std::string prompt;
    bool int8 = false;
};

/// Refuses a file that could not be written, before the work that would be lost.
void checkOutput(const std::filesystem::path &file)
{
    std::error_code ignored;
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    if (!std::filesystem::is_directory(folder, ignored))
        throw InputError("there is no such folder: " + folder.string(), "--out", "make it, or name another file");
    if (file.filename().empty() || std::filesystem::is_directory(file, ignored))
        throw InputError("this is a folder: " + file.string(), "--out", "name a file in it");
    if (access(folder.c_str(), W_OK | X_OK) != 0)
        throw InputError("the folder cannot be written to: " + folder.string(), "--out", "name a file elsewhere");
}

int encode(const Options &options, Context &context)
{
    checkOutput(options.out);
    const auto texts = readTexts(options.texts, options.field);
    const std::string device = encoder::resolveDevice(context.deviceName());
    encoder::setThreads(context.threadCount());
    embed::SentenceEncoder opened(
        encoderOf(options.encoder).folder,
        embed::EncoderOptions{device, options.dimension,
                              options.int8 ? embed::Precision::Int8 : embed::Precision::Exact});
    opened.tokenBudget = options.budget;
    embed::TextOptions how;
    how.maxTokens = options.maxTokens;
    how.threads = context.threadCount();
    if (options.prompt == "none")
        how.prompt = "";
    else if (!options.prompt.empty())
        how.prompt = opened.prompt(options.prompt);
    Console console;
    const auto began = std::chrono::steady_clock::now();
    const auto tokens = opened.tokenize(texts, how, context.stop);
    const auto embeddings = opened.encode(tokens, console.progressFn(), context.stop);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::optional<embed::Agreement> agreed;
    if (options.int8)
        agreed = embed::measureAgreement(opened, tokens, embeddings, 64, nullptr, context.stop);
    console.clear();
    run::writeNpy(options.out, embeddings);
    if (context.json) {
        nlohmann::ordered_json json{
            {"texts", texts.size()},       {"dimension", embeddings.cols()},
            {"tokens", tokens.ids.size()}, {"precision", agreed ? "int8, approximate" : "exact"},
            {"seconds", seconds},          {"out", options.out}};
        if (agreed)
            json["cosine_to_exact"] = {
                {"texts", agreed->texts}, {"mean", agreed->meanCosine}, {"least", agreed->leastCosine}};
        printJson(json);
        return success;
    }
    std::cout << texts.size() << " texts, " << embeddings.cols() << " dimensions";
    if (agreed)
        std::cout << std::setprecision(4) << ", approximate (int8; cosine to exact of " << agreed->texts
                  << " texts: mean " << agreed->meanCosine << ", least " << agreed->leastCosine << ")";
    std::cout << ": " << options.out << "\n";
    return success;
}

} // namespace

void addEncode(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("encode", "Embeddings of texts, one row a line, as float32 .npy");
    command->add_option("--encoder", options->encoder, encoderHelp)->required();
    command->add_option("--texts", options->texts, "UTF-8 file, one text a line (\"-\": standard input)")->required();
    command->add_option("--field", options->field, "Lines are JSON objects: the field that holds the text");
    command->add_option("--out", options->out, "File to write")->required();
    command->add_option("--max-tokens", options->maxTokens, "Cut longer texts (default: the encoder's own maximum)")
        ->check(CLI::Range(2, 1000000));
    command->add_option("--prompt", options->prompt,
                        "Name of the encoder's prompt to put before every text (default: its own default; \"none\")");
    command->add_option("--dimension", options->dimension, "Keep the first so many values (Matryoshka)")
        ->check(CLI::Range(1, 1000000));
    command->add_flag("--int8", options->int8, "Quick and approximate: matrices of whole numbers");
    command->add_option("--budget", options->budget, "Padded tokens at once: changes cost, never results")
        ->check(CLI::Range(1, 100000000));
    command->callback(
        [&context, options] { context.action = [options](Context &shared) { return encode(*options, shared); }; });
}

} // namespace apiary::cli
