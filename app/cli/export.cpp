#include "base/error.h"
#include "cli/commands.h"
#include "run/npy.h"
#include "run/run_files.h"
#include "run/stored_comparison.h"
#include "store/project.h"

#include <iostream>
#include <map>
#include <memory>
#include <set>

namespace apiary::cli {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string what;
    std::string project;
    std::string out;
    std::string model = "tuned";
    std::string table;
    std::string segment;
    std::string baseline;
    std::int64_t run = 0;
};

std::vector<std::int64_t> chosen(const store::Project &project, std::int64_t wanted)
{
    if (wanted > 0) {
        if (!project.run(wanted))
            throw InputError("there is no run " + std::to_string(wanted), project.folder().string(),
                             "list them with `apiary-cli runs`");
        return {wanted};
    }
    std::vector<std::int64_t> ids;
    for (const store::RunRecord &record : project.runs())
        ids.insert(ids.begin(), record.id);
    return ids;
}

std::string scalars(const store::Project &project, const std::vector<std::int64_t> &ids)
{
    std::string text;
    for (const std::int64_t id : ids)
        text += run::scalarsCsv(project, id, id == ids.front());
    return text;
}

/// Of the run's own models, then of the encoders that were tested beside them.
std::vector<store::MetricRecord> allMetrics(const store::Project &project, std::int64_t run)
{
    auto records = project.metrics(run);
    for (const store::TestedEncoder &tested : project.tested(run))
        records.insert(records.end(), tested.metrics.begin(), tested.metrics.end());
    return records;
}

std::string metrics(const store::Project &project, const std::vector<std::int64_t> &ids)
{
    std::string text = "run,model,metric,user,value\n";
    for (const std::int64_t id : ids)
        for (const store::MetricRecord &record : allMetrics(project, id))
            for (std::size_t i = 0; i < record.perUser.size(); ++i)
                text += std::to_string(id) + "," + run::csvField(record.model) + "," + record.metric + "," +
                        run::csvField(record.users[i]) + "," + run::csvNumber(record.perUser[i]) + "\n";
    return text;
}

std::string memory(const store::Project &project, const std::vector<std::int64_t> &ids)
{
    const auto optional = [](std::int64_t value) { return value < 0 ? std::string() : std::to_string(value); };
    std::string text = "run,time,resident,allocated,gpu_allocated,gpu_reserved\n";
    for (const std::int64_t id : ids)
        for (const store::MemoryRecord &record : project.memory(id))
            text += std::to_string(id) + "," + run::csvNumber(record.time) + "," + std::to_string(record.resident) +
                    "," + std::to_string(record.allocated) + "," + optional(record.gpuAllocated) + "," +
                    optional(record.gpuReserved) + "\n";
    return text;
}

/// A row of an export on its line; not flushed, as there may be very many.
void printRow(const Json &row)
{
    std::cout << row.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

/// Bytes of a GPU; null where there is none.
Json bytesOrNull(std::int64_t value)
{
    return value < 0 ? Json() : Json(value);
}

/// The rows and columns of scalars(), null for an empty cell.
void printScalars(const store::Project &project, std::int64_t id)
{
    std::map<int, store::StepRecord> steps;
    for (const store::StepRecord &record : project.steps(id))
        steps.emplace(record.step, record);
    std::set<std::string> names;
    std::map<int, std::map<std::string, double>> validations;
    std::set<int> numbers;
    for (const auto &[number, record] : steps)
        numbers.insert(number);
    for (const store::ValidationRecord &record : project.validation(id)) {
        names.insert(record.metric);
        numbers.insert(record.step);
        validations[record.step][record.metric] = record.value;
    }
    for (const int number : numbers) {
        Json row{{"run", id}, {"step", number}};
        if (const auto found = steps.find(number); found != steps.end()) {
            const store::StepRecord &step = found->second;
            row.update({{"epoch", step.epoch},
                        {"time", step.time},
                        {"loss", step.loss},
                        {"learning_rate", step.learningRate},
                        {"gradient_norm", step.gradientNorm},
                        {"seconds", step.seconds},
                        {"tokens", step.tokens},
                        {"items", step.items},
                        {"passes", step.passes},
                        {"resident", step.resident},
                        {"allocated", step.allocated},
                        {"gpu_allocated", bytesOrNull(step.gpuAllocated)},
                        {"gpu_reserved", bytesOrNull(step.gpuReserved)}});
        } else {
            for (const char *column : {"epoch", "time", "loss", "learning_rate", "gradient_norm", "seconds", "tokens",
                                       "items", "passes", "resident", "allocated", "gpu_allocated", "gpu_reserved"})
                row[column] = nullptr;
        }
        const auto &values = validations[number];
        for (const std::string &name : names) {
            const auto value = values.find(name);
            row["validation_" + name] = value == values.end() ? Json() : Json(value->second);
        }
        printRow(row);
    }
}

void printMetrics(const store::Project &project, std::int64_t id)
{
    for (const store::MetricRecord &record : allMetrics(project, id))
        for (std::size_t i = 0; i < record.perUser.size(); ++i)
            printRow({{"run", id},
                      {"model", record.model},
                      {"metric", record.metric},
                      {"user", record.users[i]},
                      {"value", record.perUser[i]}});
}

void printMemory(const store::Project &project, std::int64_t id)
{
    for (const store::MemoryRecord &record : project.memory(id))
        printRow({{"run", id},
                  {"time", record.time},
                  {"resident", record.resident},
                  {"allocated", record.allocated},
                  {"gpu_allocated", bytesOrNull(record.gpuAllocated)},
                  {"gpu_reserved", bytesOrNull(record.gpuReserved)}});
}

void embeddings(const store::Project &project, const Options &options, bool json)
{
    if (options.out.empty())
        throw InputError("embeddings need a file", "--out", "name a .npy file to write");
    const std::string name = options.model == "tuned" ? "embeddings_tuned.npy" : "embeddings_base.npy";
    for (const store::RunRecord &record : project.runs()) {
        if (options.run > 0 && record.id != options.run)
            continue;
        if (record.folder.empty() || !std::filesystem::exists(record.folder / name)) {
            if (options.run > 0)
                break;
            continue;
        }
        const run::Matrix matrix = run::readNpy(record.folder / name);
        run::writeNpy(options.out, matrix);
        std::filesystem::path items = options.out;
        items.replace_extension(".items.csv");
        std::filesystem::copy_file(record.folder / "items.csv", items,
                                   std::filesystem::copy_options::overwrite_existing);
        if (json)
            printJson({{"file", options.out},
                       {"rows", matrix.rows()},
                       {"columns", matrix.cols()},
                       {"items", items.string()},
                       {"run", record.id}});
        else
            std::cerr << options.out << " (rows as in " << items.string() << ", run " << record.id << ")" << std::endl;
        return;
    }
    throw InputError("no run has " + options.model + " embeddings", project.folder().string(), "train first");
}

/// The run that a table is of where none is named: the newest with test metrics.
std::int64_t newestTested(const store::Project &project)
{
    for (const store::RunRecord &record : project.runs())
        if (record.status == "finished" && !project.metrics(record.id).empty())
            return record.id;
    throw InputError("no run was tested yet", project.folder().string(), "train first");
}

template <typename Names, typename NameOf>
std::size_t placeOf(const Names &names, const std::string &wanted, const std::string &option, const NameOf &nameOf)
{
    std::string known;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (nameOf(names[i]) == wanted)
            return i;
        known += (i > 0 ? ", " : "") + ("\"" + nameOf(names[i]) + "\"");
    }
    throw InputError("there is no \"" + wanted + "\"", option, "there are: " + known);
}

/// The table of the window's Compare page: the run's models and those of all runs of the same test.
void table(store::Project &project, const Options &options, bool json, const std::stop_token &stop)
{
    const run::TableFormat format = run::tableFormatOf(options.table);
    const std::vector<std::int64_t> ids = chosen(project, options.run > 0 ? options.run : newestTested(project));
    const run::ScoreSet scores = run::collectScores(project, ids.front(), stop);
    if (scores.models.empty())
        throw InputError("run " + std::to_string(ids.front()) + " was not tested", project.folder().string(),
                         "name a finished run; `apiary-cli runs` lists them");
    if (!options.segment.empty() && scores.segments.empty())
        throw InputError("there are no segments", "--segment", scores.noSegments);
    if (!options.segment.empty())
        placeOf(scores.segments, options.segment, "--segment", [](const std::string &name) { return name; });
    const std::size_t baseline = options.baseline.empty()
                                     ? 0
                                     : placeOf(scores.models, options.baseline, "--baseline",
                                               [](const run::ModelScores &model) { return model.label; });
    const std::string text = run::exportTable(run::compareModels(scores, baseline, options.segment, stop), format);
    run::writeText(options.table, text);
    if (json)
        printJson({{"file", options.table}, {"bytes", text.size()}, {"run", ids.front()}});
}

int exportWhat(const Options &options, bool json, const std::stop_token &stop)
{
    if (options.table.empty() && (!options.segment.empty() || !options.baseline.empty()))
        throw InputError("only tables have segments and a baseline",
                         options.segment.empty() ? "--baseline" : "--segment", "name a file with --table");
    if (!options.table.empty() && options.what != "metrics")
        throw InputError("a table is one of metrics", "--table", "write `apiary-cli export metrics --table FILE`");
    const auto project = store::Project::open(options.project, store::Project::Mode::ReadOnly);
    if (!options.table.empty()) {
        table(*project, options, json, stop);
        return success;
    }
    if (options.what == "embeddings") {
        embeddings(*project, options, json);
        return success;
    }
    const auto ids = chosen(*project, options.run);
    if (json && options.out.empty()) {
        for (const std::int64_t id : ids)
            options.what == "scalars"   ? printScalars(*project, id)
            : options.what == "metrics" ? printMetrics(*project, id)
                                        : printMemory(*project, id);
        std::cout.flush();
        return success;
    }
    const std::string text = options.what == "scalars"   ? scalars(*project, ids)
                             : options.what == "metrics" ? metrics(*project, ids)
                                                         : memory(*project, ids);
    if (options.out.empty())
        std::cout << text;
    else
        run::writeText(options.out, text);
    if (json)
        printJson({{"file", options.out}, {"bytes", text.size()}});
    return success;
}

} // namespace

void addExport(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("export", "What a project holds, as CSV (with --json: JSON lines) or .npy");
    command->add_option("what", options->what, "scalars, metrics, memory or embeddings")
        ->required()
        ->check(CLI::IsMember({"scalars", "metrics", "memory", "embeddings"}));
    command->add_option("--project", options->project, "Project folder")->required();
    command->add_option("--run", options->run, "Run (default: all; for embeddings the newest that has them)")
        ->check(CLI::PositiveNumber);
    command->add_option("--out", options->out, "File to write, as CSV or .npy (default: standard output)");
    command->add_option("--model", options->model, "Embeddings of which encoder")
        ->check(CLI::IsMember({"tuned", "untrained"}))
        ->capture_default_str();
    command->add_option("--table", options->table,
                        "metrics: write the comparison of the run's models (default: of the newest tested run) and of "
                        "all runs of the same test, with intervals, p-values and hashes: .csv, .md or .tex");
    command->add_option("--segment", options->segment, "The table of a segment alone, such as \"items: tail\"");
    command->add_option("--baseline", options->baseline, "The model that the table compares with (default: the first)");
    command->callback([&context, options] {
        context.action = [options](Context &shared) { return exportWhat(*options, shared.json, shared.stop); };
    });
}

} // namespace apiary::cli
