#include "base/cancel.h"
#include "cli/commands.h"
#include "cli/encoder_option.h"
#include "cli/texts.h"
#include "encoder/model_config.h"
#include "text/tokenizer.h"

#include <iostream>
#include <limits>
#include <memory>

namespace apiary::cli {

namespace {

struct Options {
    std::string encoder;
    std::string texts;
    std::string field;
    std::int64_t maxTokens = 0;
};

int tokenize(const Options &options, Context &context)
{
    const auto texts = readTexts(options.texts, options.field);
    const std::filesystem::path folder = encoderOf(options.encoder).folder;
    const auto config = encoder::readModelConfig(folder);
    const auto tokenizer = text::loadTokenizer(folder / config.transformerPath, {.lowercase = config.lowercase});
    const std::int64_t limit = options.maxTokens > 0 ? std::min(options.maxTokens, config.maxTokens) : config.maxTokens;
    const auto tokens = tokenizer->encodeAll(texts, limit, context.threadCount(), context.stop);
    std::string out;
    for (std::int64_t i = 0; i < tokens.size(); ++i) {
        throwIfStopped(context.stop);
        out = "[";
        const std::int64_t begin = tokens.offsets[static_cast<std::size_t>(i)];
        for (std::int64_t t = begin; t < begin + tokens.length(i); ++t)
            out += (t > begin ? "," : "") + std::to_string(tokens.ids[static_cast<std::size_t>(t)]);
        std::cout << (context.json ? "{\"ids\":" + out + "]}\n" : out + "]\n");
    }
    return success;
}

} // namespace

void addTokenize(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("tokenize", "Token ids of texts, one array a line");
    command->add_option("--encoder", options->encoder, encoderHelp)->required();
    command->add_option("--texts", options->texts, "UTF-8 file, one text a line (\"-\": standard input)")->required();
    command->add_option("--field", options->field, "Lines are JSON objects: the field that holds the text");
    command->add_option("--max-tokens", options->maxTokens, "Cut longer texts (default: the encoder's own maximum)")
        ->check(CLI::Range(2, 1000000));
    command->callback(
        [&context, options] { context.action = [options](Context &shared) { return tokenize(*options, shared); }; });
}

} // namespace apiary::cli
