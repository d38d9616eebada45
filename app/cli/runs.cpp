#include "cli/commands.h"
#include "run/evaluation.h"
#include "run/stored_comparison.h"
#include "store/project.h"

#include <cstdio>
#include <ctime>
#include <iostream>
#include <map>
#include <memory>
#include <set>

namespace apiary::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string localTime(std::int64_t seconds)
{
    const std::time_t time = seconds;
    std::tm parts{};
    localtime_r(&time, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
    return text;
}

int runs(const std::string &folder, Context &context)
{
    const auto project = store::Project::open(folder, store::Project::Mode::ReadOnly);
    const auto records = project->runs();
    if (!context.json && records.empty())
        std::cout << "no runs yet\n";
    for (const store::RunRecord &record : records) {
        if (context.json) {
            std::map<std::string, std::map<std::string, double>> means;
            for (const store::MetricRecord &metric : project->metrics(record.id)) {
                double sum = 0;
                for (const double value : metric.perUser)
                    sum += value;
                if (!metric.perUser.empty())
                    means[metric.model][metric.metric] = sum / static_cast<double>(metric.perUser.size());
            }
            printJson({{"run", record.id},
                       {"name", record.name},
                       {"status", record.status},
                       {"message", record.message},
                       {"started", record.started},
                       {"ended", record.ended},
                       {"dataset", record.datasetName},
                       {"datasetHash", record.datasetHash},
                       {"encoder", record.encoderName},
                       {"encoderHash", record.encoderHash},
                       {"steps", project->steps(record.id).size()},
                       {"totalSteps", record.totalSteps},
                       {"bestStep", record.bestStep},
                       {"folder", record.folder.string()},
                       {"specHash", run::specHash(record.specJson, record.specHash)},
                       {"storedHash", record.specHash},
                       {"spec", Json::parse(record.specJson, nullptr, false)},
                       {"environment", Json::parse(record.environment, nullptr, false)},
                       {"test", means}});
            continue;
        }
        char text[96];
        std::snprintf(text, sizeof text, "%4lld  %s  %-11s  %4zu of %4d steps, best %d  ",
                      static_cast<long long>(record.id), localTime(record.started).c_str(), record.status.c_str(),
                      project->steps(record.id).size(), record.totalSteps, record.bestStep);
        std::cout << text << record.name << (record.message.empty() ? "" : ": " + record.message) << "\n";
    }
    return success;
}

/// Tuned encoders whose runs differ in their seed only: mean and deviation of each metric over those runs.
int spreads(const std::string &folder, Context &context)
{
    const auto project = store::Project::open(folder, store::Project::Mode::ReadOnly);
    std::set<std::int64_t> seen;
    std::vector<run::SeedSpread> lines;
    for (const store::RunRecord &record : project->runs()) {
        if (record.status != "finished" || seen.contains(record.id))
            continue;
        const run::ScoreSet scores = run::collectScores(*project, record.id, context.stop);
        for (const run::ModelScores &model : scores.models)
            seen.insert(model.run); // of the same test: covered by this one
        std::vector<std::string> names = scores.metrics;
        names.insert(names.end(), scores.totals.begin(), scores.totals.end());
        for (const run::SpreadRow &row : run::seedSpreads(scores, scores.metrics, scores.totals)) {
            Json metrics = Json::object();
            for (std::size_t i = 0; i < names.size(); ++i) {
                if (row.cells[i].runs == 0)
                    continue;
                metrics[names[i]] = {{"mean", row.cells[i].mean}, {"deviation", row.cells[i].deviation}};
                lines.push_back({row.label, names[i], row.cells[i]});
            }
            if (context.json)
                printJson({{"model", row.label}, {"runs", row.runs}, {"metrics", metrics}});
        }
    }
    if (!context.json)
        std::cout << (lines.empty() ? "no two finished runs differ in their seed only\n"
                                    : run::formatSpread(lines, "mean and standard deviation over runs that differ in "
                                                               "their seed only"));
    return success;
}

} // namespace

void addRuns(CLI::App &app, Context &context)
{
    auto folder = std::make_shared<std::string>();
    CLI::App *command = app.add_subcommand("runs", "The runs of a project, newest first");
    command->add_option("--project", *folder, "Project folder")->required();
    auto spread = std::make_shared<bool>(false);
    command->add_flag("--spread", *spread,
                      "In place of the list: how far test metrics differ between runs that differ in their seed only");
    command->callback([&context, folder, spread] {
        context.action = [folder, spread](Context &shared) {
            return *spread ? spreads(*folder, shared) : runs(*folder, shared);
        };
    });
}

} // namespace apiary::cli
