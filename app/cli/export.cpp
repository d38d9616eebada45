#include "base/error.h"
#include "cli/commands.h"
#include "run/npy.h"
#include "run/run_files.h"
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

int exportWhat(const Options &options, bool json)
{
    const auto project = store::Project::open(options.project, store::Project::Mode::ReadOnly);
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
    command->callback([&context, options] {
        context.action = [options](Context &shared) { return exportWhat(*options, shared.json); };
    });
}

} // namespace apiary::cli
