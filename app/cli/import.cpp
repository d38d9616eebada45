#include "data/import.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/import_report.h"
#include "data/recipes.h"
#include "data/stored_dataset.h"
#include "hub/durable.h"
#include "hub/library.h"
#include "run/dataset_place.h"
#include "store/project.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <unistd.h>

namespace apiary::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// How a file is read, as options name it.
struct FileOptions {
    std::string file, delimiter, encoding, kind, columns;
    bool header = false, noHeader = false, quotes = false, noQuotes = false;
};

struct Options {
    std::optional<std::string> name;
    std::string project, recipe, downloads, spec;
    FileOptions interactions, items, descriptions;
    std::string user, item, rating, time, timeUnit;
    std::string id, title, titleTemplate, text, descriptionsId;
    std::string clean, duplicates;
    std::optional<double> minRating, maxBadShare;
    int kCore = 0, minUser = -1, minItem = -1, rows = 10;
    bool preview = false, strict = false, replace = false, yes = false, listRecipes = false,
         templateColumnsOnly = false;
};

std::vector<std::string> split(const std::string &text)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

void apply(const FileOptions &options, const std::string &option, fs::path &file, data::TableFormat &format)
{
    if (!options.file.empty())
        file = options.file;
    if (!options.delimiter.empty())
        format.delimiter = options.delimiter;
    if (!options.encoding.empty())
        format.encoding = data::encodingOf(options.encoding, option + "-encoding");
    if (!options.kind.empty())
        format.kind = data::fileKindOf(options.kind, option + "-format");
    if (options.header || options.noHeader)
        format.header = options.header;
    if (options.quotes || options.noQuotes)
        format.quotes = options.quotes;
    if (!options.columns.empty()) {
        format.columns = split(options.columns);
        format.header = format.header.value_or(false);
    }
}

void setUnlessEmpty(std::string &field, const std::string &option)
{
    if (!option.empty())
        field = option;
}

data::Cleaning cleaningOf(const std::string &list)
{
    data::Cleaning cleaning;
    for (const std::string &name : split(list)) {
        const bool all = name == "all";
        if (!all && name != "none" && name != "tags" && name != "entities" && name != "quotes" && name != "refusals")
            throw InputError("\"" + name + "\" is no way of cleaning", "--clean",
                             "give all, none, or some of tags,entities,quotes,refusals");
        cleaning.tags |= all || name == "tags";
        cleaning.entities |= all || name == "entities";
        cleaning.quotes |= all || name == "quotes";
        cleaning.refusals |= all || name == "refusals";
    }
    return cleaning;
}

/// What the options change of a spec that a recipe or a file has given.
void apply(const Options &options, data::ImportSpec &spec)
{
    if (options.name)
        spec.name = *options.name;
    apply(options.interactions, "--interactions", spec.interactions.file, spec.interactions.format);
    apply(options.items, "--items", spec.items.file, spec.items.format);
    apply(options.descriptions, "--descriptions", spec.items.descriptions, spec.items.descriptionsFormat);
    setUnlessEmpty(spec.interactions.user, options.user);
    setUnlessEmpty(spec.interactions.item, options.item);
    setUnlessEmpty(spec.interactions.rating, options.rating);
    setUnlessEmpty(spec.interactions.time, options.time);
    if (!options.timeUnit.empty())
        spec.interactions.timeUnit = data::timeUnitOf(options.timeUnit, "--time-unit");
    setUnlessEmpty(spec.items.id, options.id);
    setUnlessEmpty(spec.items.title, options.title);
    setUnlessEmpty(spec.items.titleTemplate, options.titleTemplate);
    setUnlessEmpty(spec.items.textTemplate, options.text);
    setUnlessEmpty(spec.items.descriptionsId, options.descriptionsId);
    if (!options.clean.empty())
        spec.items.cleaning = cleaningOf(options.clean);
    if (options.templateColumnsOnly)
        spec.items.allColumns = false;
    if (!options.duplicates.empty())
        spec.filter.duplicates = data::duplicatesOf(options.duplicates, "--duplicates");
    if (options.minRating)
        spec.filter.minRating = options.minRating;
    if (options.kCore > 0) {
        spec.filter.kCore = true;
        spec.filter.minItem = spec.filter.minUser = options.kCore;
    }
    if (options.minUser >= 0)
        spec.filter.minUser = options.minUser;
    if (options.minItem >= 0)
        spec.filter.minItem = options.minItem;
    spec.strict |= options.strict;
    if (options.maxBadShare)
        spec.maxBadShare = *options.maxBadShare;
}

/// Fills in what was not said; a rating or time column named "none" is none.
data::ImportSpec filledIn(data::ImportSpec spec, const std::stop_token &stop)
{
    const bool noRating = spec.interactions.rating == "none", noTime = spec.interactions.time == "none";
    spec = data::completed(std::move(spec), stop);
    if (noRating)
        spec.interactions.rating.clear();
    if (noTime)
        spec.interactions.time.clear();
    spec.guess = false;
    return spec;
}

/// In a terminal, asks; elsewhere the licence must have been accepted in the command.
void agree(const data::Recipe &recipe, const Options &options, Console &console)
{
    const std::int64_t bytes = recipe.downloadBytes();
    std::string unknown;
    for (const data::RecipeFile &file : recipe.files)
        if (file.sha256.empty())
            unknown += (unknown.empty() ? "" : ", ") + file.file;
    if (!unknown.empty())
        unknown = "\nNo hash is known for " + unknown + ": that of the first fetch is kept and holds from then on.";
    console.message(recipe.title + "\n" + recipe.home + "\n\n" + recipe.licence + "\n\n" +
                    (bytes < 0 ? "The size of the download is not known."
                               : hub::sizeText(bytes) + " to fetch, less what is there already.") +
                    unknown);
    if (options.yes)
        return;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        throw InputError("the data's licence was not accepted", "--recipe " + recipe.name,
                         "read it above and add --yes");
    std::cerr << "Accept the licence and fetch? [y/N] " << std::flush;
    std::string answer;
    if (!std::getline(std::cin, answer) || (answer != "y" && answer != "Y" && answer != "yes"))
        throw Cancelled();
}

data::ImportSpec startingSpec(const Options &options, Console &console, const Context &context)
{
    if (!options.recipe.empty()) {
        const data::Recipe &recipe = data::recipe(options.recipe);
        const hub::EncoderLibrary library;
        const fs::path folder =
            options.downloads.empty() ? library.home() / "downloads" / recipe.name : fs::path(options.downloads);
        agree(recipe, options, console);
        hub::Network network;
        network.offline = hub::offlineReason(hub::loadSettings(library.home()).offline);
        return data::fetchRecipe(recipe, folder, network, console.progressFn(), context.stop);
    }
    if (options.spec.empty())
        return {};
    std::ifstream stream(options.spec, std::ios::binary);
    const Json json = stream ? Json::parse(stream, nullptr, false) : Json();
    if (!json.is_object())
        throw InputError("is no JSON object", options.spec, "name a file that holds what an import's \"import\" says");
    return data::importSpecOf(json.contains("import") ? json["import"] : json, options.spec);
}

int listRecipes(const Context &context)
{
    for (const data::Recipe &recipe : data::recipes()) {
        if (context.json)
            printJson(toJson(recipe));
        else
            std::cout << recipe.name << std::string(recipe.name.size() < 20 ? 20 - recipe.name.size() : 1, ' ')
                      << recipe.about << "\n";
    }
    return success;
}

/// Says which runs lose their dataset where another takes its name.
void warnOfRuns(const store::Project &project, const data::Dataset &dataset, Console &console)
{
    for (const store::ImportedDataset &other : project.importedDatasets()) {
        if (other.name != dataset.name || other.hash == dataset.hash)
            continue;
        std::string runs;
        for (const std::int64_t run : run::runsUsingDataset(project, other.hash))
            runs += (runs.empty() ? "" : ", ") + std::to_string(run);
        if (!runs.empty())
            console.message("warning: what is replaced (hash " + other.hash.substr(0, 12) +
                            ") was the dataset of the runs " + runs +
                            ": they cannot be explored or tested further until it is imported again the same way");
    }
}

int import(const Options &options, Context &context)
{
    if (options.listRecipes)
        return listRecipes(context);
    Console console;
    data::ImportSpec spec = startingSpec(options, console, context);
    apply(options, spec);
    if (spec.interactions.file.empty() || spec.items.file.empty())
        throw InputError("no file is named", spec.interactions.file.empty() ? "--interactions" : "--items",
                         "name the files, or a known dataset with --recipe (--recipes lists them)");
    if (spec.name.empty() && !options.name)
        spec.name = spec.interactions.file.stem().string();
    const data::ImportSpec given = spec;
    spec = filledIn(std::move(spec), context.stop);
    const std::vector<std::string> doubts = data::doubtfulGuesses(given, spec);
    for (const std::string &doubt : doubts)
        console.message("warning: " + doubt);
    if (options.preview) {
        console.clear();
        printPreview(spec, options.rows, context);
        return success;
    }
    if (options.project.empty())
        throw InputError("no project is named", "--project", "name a folder, or look at the files with --preview");

    store::checkDatasetName(spec.name);
    const auto project = store::Project::open(options.project);
    data::Imported imported = data::importDataset(spec, console.progressFn(), context.stop);
    auto &warnings = imported.dataset.warnings;
    warnings.insert(warnings.begin(), doubts.begin(), doubts.end());
    if (options.replace)
        warnOfRuns(*project, imported.dataset, console);
    const fs::path staging = project->datasetStaging();
    data::writeDataset(imported, staging, context.stop);
    Json card = data::datasetCard(imported);
    const auto stored =
        project->publishDataset({imported.dataset.name, imported.dataset.hash, card["counts"].dump()}, options.replace);
    console.clear();
    card["folder"] = stored.folder.string();
    if (context.json)
        printJson(card);
    else
        printImported(imported, stored.folder);
    return success;
}

void addFile(CLI::App &command, const std::string &name, FileOptions &options, const std::string &help)
{
    const std::string option = "--" + name;
    command.add_option(option, options.file, help);
    command.add_option(option + "-format", options.kind, "delimited, json-lines, feather, parquet (default: detected)");
    command.add_option(option + "-delimiter", options.delimiter,
                       "Up to four characters, such as :: or \\t (default: detected)");
    command.add_option(option + "-encoding", options.encoding,
                       "utf-8, utf-16le, utf-16be, windows-1252, latin-1 (default: detected)");
    command.add_option(option + "-columns", options.columns, "Names for the columns of a file without a header: a,b,c");
    auto *header = command.add_flag(option + "-header", options.header,
                                    "The first row names the columns (default: detected, as is the following)");
    command.add_flag(option + "-no-header", options.noHeader, "The first row is data")->excludes(header);
    auto *quotes =
        command.add_flag(option + "-quotes", options.quotes, "Quotes enclose fields with delimiters in them");
    command.add_flag(option + "-no-quotes", options.noQuotes, "Quotes are characters like others")->excludes(quotes);
}

} // namespace

void addImport(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App &command = *app.add_subcommand(
        "import",
        "Read a dataset of any layout, clean and filter it, and keep it in a project under a name and a hash");
    command.add_option("--project", options->project, "Project folder; made where it is missing");
    command.add_option("--name", options->name, "The dataset's name in the project");
    addFile(command, "interactions", options->interactions,
            "Table of who interacted with what; may be gzipped, or lie in a zip: ml.zip/ml/ratings.csv");
    addFile(command, "items", options->items, "Table of the items");
    addFile(command, "descriptions", options->descriptions, "Table with further columns of the items, joined by id");
    command.add_option("--user-column", options->user, "Column of the users (default: guessed, as are the following)");
    command.add_option("--item-column", options->item, "Column of the items");
    command.add_option("--rating-column", options->rating, "Column of the ratings, or none");
    command.add_option("--time-column", options->time, "Column of the times, or none");
    command.add_option("--time-unit", options->timeUnit, "s, ms, us or iso (default: detected)");
    command.add_option("--id-column", options->id, "Column of the items' ids");
    command.add_option("--title-column", options->title, "Column of the items' titles");
    command.add_option("--title-template", options->titleTemplate, "Titles of several columns: \"{title} ({year})\"");
    command.add_option("--descriptions-id-column", options->descriptionsId, "Column of the descriptions' ids");
    command.add_option("--template", options->text, "What an encoder reads: \"{title}. {description}\"");
    command.add_option("--clean", options->clean,
                       "all, none, or some of tags,entities,quotes,refusals (default: none)");
    command.add_flag("--template-columns-only", options->templateColumnsOnly, "Keep no other columns of the items");
    command.add_option("--min-rating", options->minRating, "Rows with a lower rating are left out");
    command.add_option("--min-user", options->minUser, "Interactions that a user needs")->check(CLI::NonNegativeNumber);
    command.add_option("--min-item", options->minItem, "Interactions that an item needs")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--k-core", options->kCore, "Both, counted again until all that are left have so many")
        ->check(CLI::Range(1, 1'000'000'000));
    command.add_option("--duplicates", options->duplicates,
                       "Of a pair's rows: last, first, sum, any or error (default: last)");
    command.add_flag("--strict", options->strict, "The first row that cannot be used is an error");
    command.add_option("--max-bad-share", options->maxBadShare, "More such rows are an error (default: 0.05)");
    command.add_flag("--replace", options->replace, "Take the place of a dataset of this name");
    command.add_option("--recipe", options->recipe, "A known public dataset, which is fetched");
    command.add_flag("--recipes", options->listRecipes, "List those known");
    command.add_option("--downloads", options->downloads, "Where a recipe's files go (default: in APIARY_HOME)");
    command.add_flag("--yes", options->yes, "Accept the licence of a recipe's data");
    command.add_option("--spec", options->spec, "Start from how another import was done: its dataset.json");
    command.add_flag("--preview", options->preview, "Show the first rows, columns, roles and texts; import nothing");
    command.add_option("--rows", options->rows, "Rows to show with --preview")->check(CLI::Range(1, 1000));
    command.callback(
        [&context, options] { context.action = [options](Context &shared) { return import(*options, shared); }; });
}

} // namespace apiary::cli
