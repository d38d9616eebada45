#include "base/error.h"
#include "cli/commands.h"
#include "cli/encoder_option.h"
#include "cli/report.h"
#include "hub/encoder_names.h"
#include "run/dataset_place.h"
#include "run/encoder_label.h"
#include "run/evaluation.h"
#include "run/run_files.h"
#include "store/project.h"

#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <unistd.h>
#include <utility>

namespace apiary::cli {

namespace {

struct Options {
    std::string spec;
    std::string project;
    std::string predictions;
    std::string targets;
    std::string split;
    std::vector<std::uint64_t> seeds;
    std::vector<std::string> encoders;
    std::optional<std::string> recommenders;
    std::string table;
};

/// The encoder of the newest finished run of the project with this spec: what the spec has led to. False: there is none.
bool addTunedOf(const run::RunSpec &spec, const store::Project &project, std::vector<run::NamedEncoder> &encoders)
{
    for (const store::RunRecord &record : project.runs()) {
        if (record.status != "finished" || record.folder.empty())
            continue;
        run::RunSpec other = run::parseSpec(record.specJson, "run " + std::to_string(record.id));
        if (other.dataset.imported.empty() != spec.dataset.imported.empty())
            continue;
        try {
            other = run::withDatasetName(std::move(other), project);
        } catch (const InputError &) {
            continue; // its dataset has been removed
        }
        other.device = spec.device;
        other.evaluation = spec.evaluation; // what was measured then does not matter
        if (run::specHash(other) != run::specHash(spec))
            continue;
        encoders.push_back({"tuned", record.folder / "encoder", run::tunedLabel(record)});
        return true;
    }
    return false;
}

/// Throws InputError where a file cannot come to be there, or a folder cannot be made or written into.
void checkWritable(const std::filesystem::path &path, const char *option, bool folder)
{
    std::error_code ignored;
    std::filesystem::path place = std::filesystem::absolute(path);
    if (!folder) {
        if (std::filesystem::is_directory(place, ignored))
            throw InputError("is a folder: " + path.string(), option, "name a file in it");
        place = place.parent_path();
    }
    while (folder && !std::filesystem::exists(place, ignored) && place.has_relative_path())
        place = place.parent_path();
    if (!std::filesystem::is_directory(place, ignored))
        throw InputError("there is no such folder: " + place.string(), option, "make it, or name another");
    if (access(place.c_str(), W_OK | X_OK) != 0)
        throw InputError("cannot be written into: " + place.string(), option, "check its permissions, or name another");
}

/// predictions.csv for the first model; predictions-NAME.csv for the others, without what a file's name should not have.
std::filesystem::path fileFor(const std::filesystem::path &file, std::string model, bool first)
{
    if (first)
        return file;
    for (char &c : model)
        if (c == '/' || c == ' ' || c == '(' || c == ')')
            c = '-';
    return file.parent_path() / (file.stem().string() + "-" + model + file.extension().string());
}

void writePredictions(const std::filesystem::path &file, const run::EvaluationResult &result)
{
    const auto &interactions = result.inputs.dataset.interactions;
    const data::EvaluationTask &task = result.inputs.scenario.test;
    for (const eval::Evaluation &evaluation : result.evaluations) {
        std::string text = "user,item,rank,score\n";
        for (std::size_t row = 0; row < evaluation.rankings.size(); ++row) {
            const eval::Ranking &ranking = evaluation.rankings[row];
            const std::string user = run::csvField(interactions.users[static_cast<std::size_t>(task.users[row])]);
            for (std::size_t i = 0; i < ranking.items.size(); ++i)
                text += user + "," + run::csvField(interactions.items[static_cast<std::size_t>(ranking.items[i])]) +
                        "," + std::to_string(i + 1) + "," + run::csvNumber(static_cast<double>(ranking.scores[i])) +
                        "\n";
        }
        run::writeText(fileFor(file, evaluation.model, &evaluation == &result.evaluations.front()), text);
    }
}

void writeTargets(const std::filesystem::path &file, const run::EvaluationResult &result)
{
    const auto &interactions = result.inputs.dataset.interactions;
    std::string text = "user,item\n";
    const data::EvaluationTask &task = result.inputs.scenario.test;
    const CsrView targets = task.targets;
    for (std::int64_t row = 0; row < targets.rows; ++row)
        for (const std::int32_t item : targets.row(row))
            text +=
                run::csvField(interactions.users[static_cast<std::size_t>(task.users[static_cast<std::size_t>(row)])]) +
                "," + run::csvField(interactions.items[static_cast<std::size_t>(item)]) + "\n";
    run::writeText(file, text);
}

/// What goes by the models' names.
void writeFiles(const Options &options, const run::EvaluationResult &result)
{
    if (!options.predictions.empty())
        writePredictions(options.predictions, result);
    if (!options.targets.empty())
        writeTargets(options.targets, result);
    if (!options.split.empty())
        data::saveScenario(result.inputs.scenario, result.inputs.dataset.interactions, options.split);
}

/// Throws InputError where a file could not be written in the end: before anything is computed.
void checkOutputs(const Options &options)
{
    if (!options.table.empty())
        run::tableFormatOf(options.table);
    if (!options.seeds.empty())
        for (const auto &[option, value] :
             {std::pair{"--predictions", &options.predictions}, std::pair{"--targets", &options.targets},
              std::pair{"--write-split", &options.split}})
            if (!value->empty())
                throw InputError("belongs to one split, and --split-seeds makes several", option,
                                 "leave one of the two out; --table writes means and deviations over the seeds");
    for (const auto &[option, value] :
         {std::pair{"--table", &options.table}, std::pair{"--predictions", &options.predictions},
          std::pair{"--targets", &options.targets}})
        if (!value->empty())
            checkWritable(*value, option, false);
    if (options.split.empty())
        return;
    checkWritable(options.split, "--write-split", true);
    std::error_code ignored;
    const std::filesystem::path split = options.split;
    if (std::filesystem::exists(split, ignored) && !std::filesystem::exists(split / "split.json", ignored))
        throw InputError("there is something else already: " + options.split, "--write-split", "choose another folder");
}

int evaluate(const Options &options, Context &context)
{
    run::RunSpec spec = run::loadSpec(options.spec);
    if (context.threads > 0)
        spec.threads = context.threads;
    if (!context.device.empty())
        spec.device = context.device;
    if (options.recommenders)
        spec.evaluation.recommenders = *options.recommenders;
    std::unique_ptr<store::Project> project;
    if (!options.project.empty()) {
        project = store::Project::open(options.project, store::Project::Mode::ReadOnly);
        spec = run::withDatasetName(std::move(spec), *project);
    }
    run::checkInputs(run::withDatasetFolder(spec, project.get()));
    checkOutputs(options);

    std::vector<run::NamedEncoder> encoders{
        {"untrained", spec.encoder.folder, run::untrainedLabel(run::encoderLabel(spec.encoder.folder))}};
    if (project && !addTunedOf(spec, *project, encoders))
        std::cerr << "warning: no finished run of this spec in " << options.project << ": "
                  << (options.encoders.empty() ? "only the untrained encoder is evaluated"
                                               : "only the untrained encoder and those named are evaluated")
                  << std::endl;
    std::vector<hub::KnownEncoder> named = encodersOf(options.encoders);
    hub::tellApart(named, {"untrained", "tuned", "random"});
    for (const hub::KnownEncoder &encoder : named)
        encoders.push_back({encoder.name, encoder.folder});

    Console console;
    if (!options.seeds.empty()) {
        auto result =
            run::evaluateSeeds(spec, encoders, options.seeds, console.progressFn(), context.stop, project.get());
        console.clear();
        if (context.json)
            printJson(toJson(result)); // by name, not by label
        run::labelModels(result, encoders);
        if (!context.json)
            std::cout << run::formatSpread(result.spreads) << run::shortProvenance(result.provenance) << std::flush;
        if (!options.table.empty())
            run::writeText(options.table, run::exportSpread(result, run::tableFormatOf(options.table)));
        return success;
    }
    run::EvaluationResult result = run::evaluateEncoders(spec, encoders, !options.predictions.empty(),
                                                         console.progressFn(), context.stop, project.get());
    console.clear();
    if (context.json) // by name, not by label
        printJson(toJson(result));
    std::exception_ptr unwritten; // a full disk does not take the result
    try {
        writeFiles(options, result);
    } catch (const Error &) {
        unwritten = std::current_exception();
    }
    run::labelModels(result, encoders);
    if (!context.json)
        std::cout << eval::formatTable(result.comparison) << eval::formatSegments(result.evaluations) << "\n"
                  << run::shortProvenance(result.provenance) << std::flush;
    if (!options.table.empty())
        run::writeText(options.table,
                       run::exportTable(result.comparison, result.provenance, run::tableFormatOf(options.table)));
    if (unwritten)
        std::rethrow_exception(unwritten);
    return success;
}

} // namespace

void addEvaluate(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand(
        "evaluate",
        "Metrics on test items of the spec's encoder, of the one tuned by the same spec in the project, and of "
        "others, with intervals");
    command->add_option("spec", options->spec, "RunSpec file")->required();
    command->add_option("--project", options->project, "Project folder, to take the tuned encoder from");
    command->add_option("--encoder", options->encoders,
                        "Further encoders: folders, or names as `encoders list` shows them");
    command->add_option(
        "--recommenders", options->recommenders,
        "Recommenders to compare with in place of the spec's, such as \"popularity, ease(lambda=500)\"; "
        "`apiary-cli recommenders` lists them");
    command->add_option("--table", options->table,
                        "Write the table with data, split, encoder hashes and versions: .csv, .md or .tex");
    command->add_option(
        "--predictions", options->predictions,
        "Write the first model's top lists as CSV (user, item, rank, score), other models' beside it under "
        "their names");
    command->add_option("--write-split", options->split,
                        "Write the split into this folder, to be read again with scenario.kind \"ready-made\"");
    command
        ->add_option("--split-seeds", options->seeds,
                     "Evaluate once for each of these split seeds and print means and deviations")
        ->delimiter(',');
    command->add_option("--targets", options->targets, "Write the held-out interactions as CSV (user, item)");
    command->callback(
        [&context, options] { context.action = [options](Context &shared) { return evaluate(*options, shared); }; });
}

} // namespace apiary::cli
