#include "base/error.h"
#include "cli/commands.h"
#include "cli/encoder_option.h"
#include "hub/encoder_names.h"
#include "run/explore_session.h"
#include "store/project.h"

#include <cstdio>
#include <iostream>
#include <memory>

namespace apiary::cli {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string project;
    std::string item;
    std::vector<std::string> encoders;
    bool int8 = false;
    int k = 20;
    std::int64_t run = 0;
};

/// The run asked for, else the newest that kept an encoder, else the newest.
std::int64_t chooseRun(const store::Project &project, std::int64_t wanted)
{
    if (wanted > 0)
        return wanted;
    const auto runs = project.runs();
    for (const store::RunRecord &record : runs)
        if (!record.folder.empty())
            return record.id;
    if (runs.empty())
        throw InputError("the project has no runs", project.folder().string(), "train first");
    return runs.front().id;
}

std::int32_t findItem(const run::ExploreSession &session, const std::string &id)
{
    if (const auto item = session.find(id))
        return *item;
    std::string near;
    for (const std::int32_t item : session.search(id, 5)) {
        const auto i = static_cast<std::size_t>(item);
        near += (near.empty() ? "items with such a title: " : ", ") + session.dataset.catalog.ids[i] + " (" +
                session.dataset.catalog.titles[i] + ")";
    }
    throw InputError("there is no item \"" + id + "\"", session.dataset.name,
                     near.empty() ? "name an item by its id in the items file" : near);
}

Json describe(const run::ExploreSession &session, std::int32_t item)
{
    const auto i = static_cast<std::size_t>(item);
    return {{"item", session.dataset.catalog.ids[i]},
            {"title", session.dataset.catalog.titles[i]},
            {"role", data::name(session.split.roles[i])}};
}

/// The encoders named, under names that no other list has.
std::vector<std::shared_ptr<const run::ExploreEncoder>> others(std::vector<hub::KnownEncoder> named, bool int8,
                                                               const run::ExploreSession &session, Console &console,
                                                               const Context &context)
{
    std::vector<std::string> taken{"tuned", "interactions"};
    for (const auto &encoder : session.encoders)
        if (encoder->role != run::EncoderRole::Tuned)
            taken.push_back(encoder->name);
    hub::tellApart(named, taken);
    std::vector<std::shared_ptr<const run::ExploreEncoder>> loaded;
    const auto precision = int8 ? embed::Precision::Int8 : embed::Precision::Exact;
    for (const hub::KnownEncoder &encoder : named) {
        const std::string name = encoder.name + (int8 ? ", approximate (int8)" : "");
        loaded.push_back(
            run::loadExploreEncoder(session, name, encoder.folder, precision, console.progressFn(), context.stop));
        console.clear();
    }
    return loaded;
}

int neighbors(const Options &options, Context &context)
{
    const std::vector<hub::KnownEncoder> named = encodersOf(options.encoders);
    const auto project = store::Project::open(options.project, store::Project::Mode::ReadOnly);
    Console console;
    const auto session =
        run::loadExploreSession(*project, chooseRun(*project, options.run), console.progressFn(), context.stop);
    console.clear();
    const std::int32_t item = findItem(*session, options.item);

    struct List {
        std::string name;
        std::vector<explore::Neighbour> neighbours;
    };
    const auto interactions = session->interactions->nearest(item, options.k);
    std::vector<List> lists;
    for (const auto &encoder : session->encoders)
        lists.push_back({encoder->role == run::EncoderRole::Tuned ? "tuned" : encoder->name,
                         encoder->index->nearest(item, options.k)});
    for (const auto &encoder : others(named, options.int8, *session, console, context))
        lists.push_back({encoder->name, encoder->index->nearest(item, options.k)});
    lists.push_back({"interactions", interactions});

    Json json = describe(*session, item);
    json["run"] = session->run;
    json["users"] = session->interactions->users(item);
    json["lists"] = Json::array();
    for (const List &list : lists) {
        Json entry{{"name", list.name}};
        if (&list != &lists.back())
            entry["overlap"] = explore::overlap(list.neighbours, interactions, options.k);
        entry["neighbours"] = Json::array();
        for (const explore::Neighbour &neighbour : list.neighbours) {
            Json row = describe(*session, neighbour.item);
            row["similarity"] = neighbour.similarity;
            entry["neighbours"].push_back(row);
        }
        json["lists"].push_back(entry);
    }
    if (context.json) {
        printJson(json);
        return success;
    }
    std::cout << json["title"].get<std::string>() << " (" << json["item"].get<std::string>() << ", "
              << json["role"].get<std::string>() << ", " << json["users"] << " users, run " << session->run << ")\n";
    for (const Json &list : json["lists"]) {
        std::cout << "\n" << list["name"].get<std::string>();
        char text[64];
        if (list.contains("overlap")) {
            std::snprintf(text, sizeof text, ", overlap@%d with interactions %.2f", options.k,
                          list["overlap"].get<double>());
            std::cout << text;
        }
        std::cout << "\n";
        for (const Json &row : list["neighbours"]) {
            std::snprintf(text, sizeof text, "  %6.3f  %-10s  ", row["similarity"].get<double>(),
                          row["role"].get<std::string>().c_str());
            std::cout << text << row["title"].get<std::string>() << " (" << row["item"].get<std::string>() << ")\n";
        }
    }
    return success;
}

} // namespace

void addNeighbors(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("neighbors", "An item's nearest by each encoder and by interactions");
    command->add_option("--project", options->project, "Project folder")->required();
    command->add_option("--item", options->item, "Item id")->required();
    command->add_option("-k", options->k, "Neighbours a list")->check(CLI::Range(1, 10000))->capture_default_str();
    command->add_option(
        "--encoder", options->encoders,
        "Further encoders (may be given several times): folders, or names as `encoders list` shows them");
    command->add_flag("--int8", options->int8, "Further encoders quicker and approximate");
    command->add_option("--run", options->run, "Run (default: the newest that kept an encoder)")
        ->check(CLI::PositiveNumber);
    command->callback(
        [&context, options] { context.action = [options](Context &shared) { return neighbors(*options, shared); }; });
}

} // namespace apiary::cli
