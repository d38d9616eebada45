#include "cli/commands.h"
#include "cli/curves.h"
#include "cli/report.h"
#include "run/dataset_place.h"
#include "run/inputs.h"
#include "run/runner.h"
#include "store/project.h"

#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

namespace apiary::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Prints what a run reports: to the terminal, or as JSON lines.
class Printer : public run::RunObserver {
public:
    Printer(Console &console, bool json) : m_console(console), m_json(json) {}

    void onEvent(const run::RunEvent &event) override
    {
        std::visit([this](const auto &value) { print(value); }, event);
    }

private:
    void print(const run::StatusEvent &event)
    {
        if (m_json)
            printJson({{"event", "status"},
                       {"run", event.run},
                       {"status", run::name(event.status)},
                       {"totalSteps", event.totalSteps},
                       {"message", event.message}});
    }
    void print(const Progress &progress) { m_console.progress(progress); }
    void print(const run::StepEvent &event)
    {
        if (m_json) {
            printJson({{"event", "step"},
                       {"step", event.step},
                       {"epoch", event.epoch},
                       {"loss", event.loss},
                       {"learningRate", event.learningRate},
                       {"gradientNorm", event.gradientNorm},
                       {"seconds", event.seconds},
                       {"tokens", event.tokens},
                       {"items", event.items},
                       {"passes", event.passes},
                       {"resident", event.memory.resident},
                       {"allocated", event.memory.allocated},
                       {"gpuAllocated", event.memory.gpuAllocated}});
            return;
        }
        std::ostringstream line;
        line << "step " << event.step << "  loss " << std::setprecision(6) << event.loss << "  " << std::fixed
             << std::setprecision(1) << event.seconds << " s  " << std::setprecision(0)
             << static_cast<double>(event.tokens) / std::max(event.seconds, 1e-9) << " tokens/s  "
             << (event.memory.resident >> 20) << " MiB";
        m_console.message(line.str());
    }
    void print(const run::ValidationEvent &event)
    {
        if (m_json) {
            printJson(
                {{"event", "validation"}, {"step", event.step}, {"metrics", event.metrics}, {"best", event.best}});
            return;
        }
        std::ostringstream line;
        line << "step " << event.step << "  validation" << std::fixed << std::setprecision(4);
        for (const auto &[metric, value] : event.metrics)
            line << "  " << metric << " " << value;
        m_console.message(line.str() + (event.best ? "  best so far" : ""));
    }
    void print(const run::MemoryEvent &) {}
    void print(const run::LogEvent &event)
    {
        static constexpr const char *names[] = {"info", "warning", "error"};
        const char *level = names[static_cast<int>(event.level)];
        if (m_json)
            printJson({{"event", "log"}, {"level", level}, {"text", event.text}});
        else if (event.level != run::Level::Error) // an error ends the run and is printed then
            m_console.message((event.level == run::Level::Warning ? "warning: " : "") + event.text);
    }

    Console &m_console;
    bool m_json;
};

/// What the test of a run was made on.
const char *testedOn(const run::RunSpec &spec)
{
    switch (run::scenarioOptions(spec).kind) {
    case data::ScenarioKind::ColdStart:
    case data::ScenarioKind::ZeroShot:
        return "On test items, which training never saw";
    case data::ScenarioKind::TimeSplit:
        return "On the last interactions, which training never saw";
    case data::ScenarioKind::UserSplit:
        return "On test users, whom training never saw";
    case data::ScenarioKind::LeaveLastOut:
        return "On each user's last interaction, which training never saw";
    case data::ScenarioKind::ReadyMade:
        break;
    }
    return "On the test lists of the ready-made split";
}

struct Options {
    std::string spec;
    std::string project;
};

int train(const Options &options, Context &context)
{
    run::RunSpec spec = run::loadSpec(options.spec);
    if (context.threads > 0)
        spec.threads = context.threads;
    if (!context.device.empty())
        spec.device = context.device;
    run::checkInputs(run::withDatasetFolder(spec, std::filesystem::path(options.project)));

    Console console;
    Printer printer(console, context.json);
    run::PauseGate gate;
    run::RunResult result;
    {
        const auto project = store::Project::open(options.project);
        result = run::execute(spec, *project, printer, gate, context.stop);
    }
    console.clear();
    const bool finished = result.status == run::RunStatus::Finished;
    const Curves curves = result.encoderFolder.empty() ? Curves{} : exportCurves(options.project, result.run);
    if (context.json) {
        Json json{{"event", "result"},
                  {"run", result.run},
                  {"status", run::name(result.status)},
                  {"steps", result.steps},
                  {"bestStep", result.bestStep},
                  {"encoder", result.encoderFolder.string()},
                  {"curves", curves.file.string()}};
        if (finished)
            json["test"] = toJson(result.comparison);
        printJson(json);
        return finished ? success : failure;
    }
    if (finished)
        std::cout << "\n"
                  << testedOn(spec) << " (weights of step " << result.bestStep << "):\n\n"
                  << eval::formatTable(result.comparison) << "\n";
    else
        std::cout << "stopped after " << result.steps << " steps\n";
    std::cout << "run: " << result.run << "\n";
    if (!result.encoderFolder.empty())
        std::cout << "encoder: " << result.encoderFolder.string() << "\n";
    if (!curves.file.empty())
        std::cout << "curves: " << curves.file.string() << "\n";
    else if (!curves.note.empty())
        console.message(curves.note);
    return finished ? success : failure;
}

} // namespace

void addTrain(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("train", "Train as a RunSpec says; keep everything in a project");
    command->add_option("spec", options->spec, "RunSpec file")->required();
    command->add_option("--project", options->project, "Project folder; made where it is missing")->required();
    command->callback(
        [&context, options] { context.action = [options](Context &shared) { return train(*options, shared); }; });
}

} // namespace apiary::cli
