/// Time to fit and to rank, and metrics, of recommenders on real data, as JSON lines. tests/golden/bench_recommenders.py
/// runs it and then the packages of others on the same lists.
///
///     bench_recommenders --interactions FILE --items FILE [--text description] [--rating rating] [--time COLUMN]
///                        [--models '[["ease",{"lambda":100}], …]'] [--threads 2] [--seed 1] [--device cpu] [--lists DIR]
///
/// The paper's filter; a fifth of each user's items (drawn, or the last ones with --time) is the test, all items are
/// candidates. --lists writes train.json and test.json, one list of item indices a user, and users.json.
#include "base/error.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/random.h"
#include "data/dataset.h"
#include "eval/evaluate.h"
#include "recsys/registry.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

namespace {

using namespace apiary;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Task {
    Csr train; ///< users × items; also the sources
    Csr test;
    std::vector<std::int32_t> candidates;
};

/// Holds out a fifth of each user's items; users of fewer than five are trained on only.
Task splitUsers(const data::Interactions &interactions, std::uint64_t seed)
{
    Task task;
    task.train.cols = task.test.cols = interactions.itemCount();
    task.candidates.resize(static_cast<std::size_t>(interactions.itemCount()));
    std::iota(task.candidates.begin(), task.candidates.end(), 0);
    const CsrView all = interactions.csr;
    for (std::int64_t u = 0; u < all.rows; ++u) {
        const auto items = all.row(u);
        std::vector<std::size_t> order(items.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (interactions.timestamps.empty()) {
            CounterRng(mixKey(seed, u)).shuffle(order);
        } else {
            const std::int64_t *times = interactions.timestamps.data() + all.offsets[static_cast<std::size_t>(u)];
            std::stable_sort(order.begin(), order.end(),
                             [&](std::size_t a, std::size_t b) { return times[a] > times[b]; });
        }
        const std::size_t held = items.size() / 5;
        std::vector<bool> isTest(items.size(), false);
        for (std::size_t n = 0; n < held; ++n)
            isTest[order[n]] = true;
        std::vector<std::int32_t> train, test;
        for (std::size_t n = 0; n < items.size(); ++n) {
            (isTest[n] ? test : train).push_back(items[n]);
            if (!isTest[n] && !interactions.timestamps.empty())
                task.train.times.push_back(
                    interactions.timestamps[static_cast<std::size_t>(all.offsets[static_cast<std::size_t>(u)]) + n]);
        }
        task.train.addRow(train);
        task.test.addRow(test);
    }
    return task;
}

void writeLists(const std::string &file, const Csr &rows)
{
    Json lists = Json::array();
    for (std::int64_t u = 0; u < rows.rows(); ++u)
        lists.push_back(std::vector<std::int32_t>(rows.view().row(u).begin(), rows.view().row(u).end()));
    std::ofstream(file) << lists.dump();
}

/// The rows of users with a test item.
Csr rowsOf(const Csr &rows, const Csr &test)
{
    Csr result;
    result.cols = rows.cols;
    for (std::int64_t u = 0; u < rows.rows(); ++u) {
        if (test.view().row(u).empty())
            continue;
        result.addRow(rows.view().row(u));
        const auto times = rows.view().rowTimes(u);
        result.times.insert(result.times.end(), times.begin(), times.end());
    }
    return result;
}

int run(std::map<std::string, std::string> arguments)
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
    const Task task = splitUsers(dataset.interactions, std::stoull(get("--seed", "1")));
    if (const std::string folder = get("--lists", ""); !folder.empty()) {
        writeLists(folder + "/train.json", task.train);
        writeLists(folder + "/test.json", task.test);
        std::ofstream(folder + "/items.json") << task.train.cols;
    }
    const Csr sources = rowsOf(task.train, task.test), targets = rowsOf(task.test, task.test);

    const int threads = std::stoi(get("--threads", "2"));
    const Json models = Json::parse(get("--models", R"([["popularity",{}],["item-knn",{}],["ials",{}],["ease",{}]])"));
    for (const Json &entry : models) {
        const auto model = recsys::makeRecommender(entry.at(0).get<std::string>(), entry.at(1), "--models");
        auto begin = Clock::now();
        model->fit(task.train, {.threads = threads, .device = get("--device", "cpu")});
        const double fitting = secondsSince(begin);
        begin = Clock::now();
        const auto lists = eval::rank(*model, {sources, targets, task.candidates}, 100, threads);
        const double ranking = secondsSince(begin);
        const auto metrics = eval::evaluate(*model, {sources, targets, task.candidates}, false, threads);
        Json line{{"program", "apiary"},
                  {"model", model->kind()},
                  {"parameters", model->parameters()},
                  {"threads", threads},
                  {"users", task.train.rows()},
                  {"items", task.train.cols},
                  {"interactions", task.train.columns.size()},
                  {"fit_seconds", fitting},
                  {"rank_seconds", ranking},
                  {"peak_bytes", processMemory().peakResident}};
        for (const auto &metric : metrics.metrics)
            line[metric.metric] = metric.mean();
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
        return run(std::move(arguments));
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
