/// Time to fit and to rank, and metrics, of recommenders on real data, as JSON lines. tests/golden/bench_recommenders.py
/// runs it and then the implementations of others on the same lists.
///
///     bench_recommenders --interactions FILE --items FILE [--text description] [--rating rating] [--time COLUMN]
///                        [--scenario KIND] [--encoder DIR] [--models '[["ease",{"lambda":100}], …]'] [--threads 2]
///                        [--seed 1] [--device cpu] [--lists DIR] [--stop-after SECONDS]
///
/// The paper's filter. Without --scenario a fifth of each user's items (drawn, or the last ones with --time) is the test
/// and all items are candidates; KIND is user-split, cold-start, time-split or leave-last-out with the seed and the
/// defaults of data::ScenarioOptions. --encoder gives embeddings of the texts to those that need them. --lists writes what
/// the others need: split.json (items, training, sources, targets: lists of item indices, a list a user, with training_times
/// and source_times where there are any; candidates), embeddings.f32 (items × dimensions) and, a model each, top.N.json with
/// the lists of 100. --stop-after measures in place of metrics how long a fit runs on after a stop, asked for after so long.
#include "run/recommenders.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/random.h"
#include "data/dataset.h"
#include "data/scenario.h"
#include "embed/cached_encoding.h"
#include "eval/evaluate.h"
#include "recsys/registry.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

namespace {

using namespace apiary;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Task {
    Csr train; ///< users × items
    Csr sources, targets;
    std::vector<std::int32_t> candidates;
};

/// Holds out a fifth of each user's items; users of fewer than five are trained on only.
Task splitUsers(const data::Interactions &interactions, std::uint64_t seed)
{
    Task task;
    task.train.cols = task.sources.cols = task.targets.cols = interactions.itemCount();
    task.candidates.resize(static_cast<std::size_t>(interactions.itemCount()));
    std::iota(task.candidates.begin(), task.candidates.end(), 0);
    const CsrView all = interactions.csr;
    for (std::int64_t u = 0; u < all.rows; ++u) {
        const auto items = all.row(u);
        std::vector<std::size_t> order(items.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const std::int64_t *times = nullptr;
        if (interactions.timestamps.empty()) {
            CounterRng(mixKey(seed, u)).shuffle(order);
        } else {
            times = interactions.timestamps.data() + all.offsets[static_cast<std::size_t>(u)];
            std::stable_sort(order.begin(), order.end(),
                             [&](std::size_t a, std::size_t b) { return times[a] > times[b]; });
        }
        const std::size_t held = items.size() / 5;
        std::vector<bool> isTest(items.size(), false);
        for (std::size_t n = 0; n < held; ++n)
            isTest[order[n]] = true;
        std::vector<std::int32_t> train, test;
        std::vector<std::int64_t> trainTimes;
        for (std::size_t n = 0; n < items.size(); ++n) {
            (isTest[n] ? test : train).push_back(items[n]);
            if (!isTest[n] && times)
                trainTimes.push_back(times[n]);
        }
        const auto add = [&](Csr &rows) {
            rows.addRow(train);
            rows.times.insert(rows.times.end(), trainTimes.begin(), trainTimes.end());
        };
        add(task.train);
        if (test.empty())
            continue;
        add(task.sources);
        task.targets.addRow(test);
    }
    return task;
}

Task taskOf(const data::Interactions &interactions, const std::string &scenario, std::uint64_t seed)
{
    if (scenario.empty())
        return splitUsers(interactions, seed);
    data::ScenarioOptions options;
    const auto kind = data::scenarioKind(scenario);
    if (!kind)
        throw InputError("there is no scenario \"" + scenario + "\"", "--scenario", "write user-split, for one");
    options.kind = *kind;
    options.seed = seed;
    const data::Scenario divided = data::makeScenario(interactions, options);
    return {run::withTimes(divided.training, divided.trainingUsers, interactions),
            run::withTimes(divided.test.sources, divided.test.users, interactions), divided.test.targets,
            divided.test.candidates};
}

template <typename Value>
Json listsOf(const Csr &rows, const std::vector<Value> &values)
{
    Json lists = Json::array();
    for (std::size_t u = 0; u + 1 < rows.offsets.size(); ++u)
        lists.push_back(std::vector<Value>(values.begin() + rows.offsets[u], values.begin() + rows.offsets[u + 1]));
    return lists;
}

void writeTask(const std::string &folder, const Task &task, const recsys::Embeddings *embeddings)
{
    Json split{{"items", task.train.cols},
               {"training", listsOf(task.train, task.train.columns)},
               {"sources", listsOf(task.sources, task.sources.columns)},
               {"targets", listsOf(task.targets, task.targets.columns)},
               {"candidates", task.candidates}};
    if (!task.train.times.empty()) {
        split["training_times"] = listsOf(task.train, task.train.times);
        split["source_times"] = listsOf(task.sources, task.sources.times);
    }
    std::ofstream(folder + "/split.json") << split.dump();
    if (embeddings)
        std::ofstream(folder + "/embeddings.f32", std::ios::binary)
            .write(reinterpret_cast<const char *>(embeddings->data()),
                   static_cast<std::streamsize>(embeddings->size()) * static_cast<std::streamsize>(sizeof(float)));
}

/// A fit with the longest time between two reports of its progress.
Json fitted(recsys::Recommender &model, const Task &task, recsys::FitContext context)
{
    double silence = 0;
    std::string unit;
    auto last = Clock::now();
    context.progress = [&](const Progress &progress) {
        silence = std::max(silence, secondsSince(last));
        last = Clock::now();
        unit = progress.unit;
    };
    const auto begin = Clock::now();
    const std::clock_t work = std::clock();
    model.fit(task.train, context);
    return {{"fit_seconds", secondsSince(begin)},
            {"fit_cpu_seconds", static_cast<double>(std::clock() - work) / CLOCKS_PER_SEC},
            {"progress_unit", unit},
            {"longest_silence_seconds", std::max(silence, secondsSince(last))}};
}

Json stopped(recsys::Recommender &model, const Task &task, recsys::FitContext context, double after)
{
    std::stop_source source;
    context.stop = source.get_token();
    bool early = true;
    std::jthread worker([&] {
        try {
            model.fit(task.train, context);
        } catch (const Cancelled &) {
            early = false;
        }
    });
    std::this_thread::sleep_for(std::chrono::duration<double>(after));
    const auto asked = Clock::now();
    source.request_stop();
    worker.join();
    return {{"stop_after_seconds", after}, {"stop_seconds", secondsSince(asked)}, {"ended_before", early}};
}

int bench(std::map<std::string, std::string> arguments)
{
    const auto get = [&](const std::string &name, const std::string &fallback) {
        return arguments.contains(name) ? arguments[name] : fallback;
    };
    data::DatasetSource source;
    source.interactions = get("--interactions", "");
    source.items = get("--items", "");
    source.ratingColumn = get("--rating", "rating");
    source.timestampColumn = get("--time", "");
    source.textTemplate = "{" + get("--text", "description") + "}";
    const data::Dataset dataset = data::loadDataset(source, {});
    const Task task = taskOf(dataset.interactions, get("--scenario", ""), std::stoull(get("--seed", "1")));
    const int threads = std::stoi(get("--threads", "2"));
    std::shared_ptr<recsys::Embeddings> embeddings;
    if (const std::string folder = get("--encoder", ""); !folder.empty()) {
        embed::SentenceEncoder encoder(folder);
        embed::EmbeddingCache cache;
        const auto tokens = encoder.tokenize(dataset.catalog.texts);
        embeddings = std::make_shared<recsys::Embeddings>(embed::encodeCached(encoder, tokens, &cache));
    }
    const std::string folder = get("--lists", "");
    if (!folder.empty())
        writeTask(folder, task, embeddings.get());

    const Json models = Json::parse(get("--models", R"([["popularity",{}],["item-knn",{}],["ials",{}],["ease",{}]])"));
    for (std::size_t n = 0; n < models.size(); ++n) {
        const auto model =
            recsys::makeRecommender(models[n].at(0).get<std::string>(), models[n].at(1), "--models", embeddings);
        const recsys::FitContext context{.threads = threads, .device = get("--device", "cpu")};
        Json line{{"program", "apiary"},
                  {"model", model->kind()},
                  {"parameters", model->parameters()},
                  {"threads", threads},
                  {"users", task.train.rows()},
                  {"items", task.train.cols},
                  {"interactions", task.train.columns.size()}};
        if (arguments.contains("--stop-after")) {
            line.update(stopped(*model, task, context, std::stod(arguments["--stop-after"])));
            std::cout << line.dump() << std::endl;
            continue;
        }
        line.update(fitted(*model, task, context));
        const eval::Task what{task.sources, task.targets, task.candidates};
        const auto begin = Clock::now();
        const std::clock_t work = std::clock();
        const auto lists = eval::rank(*model, what, 100, threads);
        line["rank_seconds"] = secondsSince(begin);
        line["rank_cpu_seconds"] = static_cast<double>(std::clock() - work) / CLOCKS_PER_SEC;
        line["peak_bytes"] = processMemory().peakResident;
        for (const auto &metric : eval::evaluate(*model, what, false, threads).metrics)
            line[metric.metric] = metric.mean();
        if (!folder.empty()) {
            Json top = Json::array();
            for (const eval::Ranking &list : lists)
                top.push_back(list.items);
            std::ofstream(folder + "/top." + std::to_string(n) + ".json") << top.dump();
        }
        std::cout << line.dump() << std::endl;
    }
    return 0;
}

} // namespace

int main(int count, char **texts)
{
    apiary::prepareProcess(texts);
    std::map<std::string, std::string> arguments;
    for (int i = 1; i + 1 < count; i += 2)
        arguments[texts[i]] = texts[i + 1];
    try {
        return bench(std::move(arguments));
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
