// How fast a content model is evaluated, and how much memory that takes. Prints one JSON line.
//
//   bench_evaluate                               a made-up case: 20,000 users, 10,000 items, 384 dimensions
//   bench_evaluate --made USERS ITEMS DIMS DIR [COLD]
//                                                writes a made-up case into DIR; with COLD the last COLD items are cold:
//                                                they alone are targets and candidates
//   bench_evaluate --prepare SPEC DIR            writes the test of a RunSpec, its items encoded, into DIR
//   bench_evaluate DIR [THREADS]                 evaluates the case of DIR
//
// A case is embeddings.npy (a row an item), sources.csv and targets.csv (user,item as numbers) and candidates.csv (item).
// tests/golden/bench_evaluate.py evaluates the same case in the published way and compares.
#include "eval/evaluate.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/random.h"
#include "run/inputs.h"
#include "run/item_embeddings.h"
#include "run/npy.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unistd.h>

using namespace apiary;
namespace fs = std::filesystem;

namespace {

struct Case {
    recsys::Embeddings items;
    Csr sources;
    Csr targets;
    std::vector<std::int32_t> candidates;
};

void writePairs(const fs::path &file, const CsrView &rows)
{
    std::ofstream out(file);
    out << "user,item\n";
    for (std::int64_t u = 0; u < rows.rows; ++u)
        for (const std::int32_t item : rows.row(u))
            out << u << "," << item << "\n";
}

void write(const fs::path &folder, const Case &one)
{
    fs::create_directories(folder);
    run::writeNpy(folder / "embeddings.npy", one.items);
    writePairs(folder / "sources.csv", one.sources);
    writePairs(folder / "targets.csv", one.targets);
    std::ofstream out(folder / "candidates.csv");
    out << "item\n";
    for (const std::int32_t item : one.candidates)
        out << item << "\n";
}

Csr readPairs(const fs::path &file, std::int64_t items)
{
    std::ifstream in(file);
    std::string header;
    std::getline(in, header);
    Csr rows;
    rows.cols = items;
    std::vector<std::int32_t> row;
    std::int64_t user = 0, current = 0;
    std::int32_t item = 0;
    char comma = 0;
    while (in >> user >> comma >> item) {
        for (; current < user; ++current, row.clear())
            rows.addRow(row);
        row.push_back(item);
    }
    rows.addRow(row);
    return rows;
}

Case read(const fs::path &folder)
{
    Case one;
    one.items = run::readNpy(folder / "embeddings.npy");
    one.sources = readPairs(folder / "sources.csv", one.items.rows());
    one.targets = readPairs(folder / "targets.csv", one.items.rows());
    std::ifstream in(folder / "candidates.csv");
    std::string header;
    std::getline(in, header);
    for (std::int32_t item = 0; in >> item;)
        one.candidates.push_back(item);
    return one;
}

/// Users like items near a point of their own; half of what they like is known. All items are candidates, or the cold ones.
Case made(std::int64_t users, std::int32_t items, int dimensions, std::int32_t cold = 0)
{
    CounterRng random(7);
    Case one;
    one.items.resize(items, dimensions);
    for (Eigen::Index i = 0; i < one.items.size(); ++i)
        one.items.data()[i] = static_cast<float>(random.uniform() - 0.45);
    one.sources.cols = one.targets.cols = items;
    for (std::int64_t u = 0; u < users; ++u) {
        std::vector<std::int32_t> liked;
        const auto count = 20 + random.below(120);
        const auto from = random.below(static_cast<std::uint64_t>(items));
        const auto reach = static_cast<std::uint64_t>(cold > 0 ? items : std::min(items, 2000));
        for (std::uint64_t n = 0; n < count; ++n)
            liked.push_back(
                static_cast<std::int32_t>((from + random.below(reach)) % static_cast<std::uint64_t>(items)));
        std::sort(liked.begin(), liked.end());
        liked.erase(std::unique(liked.begin(), liked.end()), liked.end());
        std::vector<std::int32_t> sources, targets;
        for (std::size_t n = 0; n < liked.size(); ++n)
            ((cold > 0 ? liked[n] >= items - cold : n % 2 > 0) ? targets : sources).push_back(liked[n]);
        if (sources.empty() || targets.empty())
            continue;
        one.sources.addRow(sources);
        one.targets.addRow(targets);
    }
    one.candidates.resize(static_cast<std::size_t>(cold > 0 ? cold : items));
    std::iota(one.candidates.begin(), one.candidates.end(), cold > 0 ? items - cold : 0);
    return one;
}

Case prepared(const fs::path &file)
{
    const run::RunSpec spec = run::loadSpec(file);
    run::checkInputs(spec);
    const run::Inputs inputs = run::loadInputs(spec, {}, {});
    const auto encoder = run::openEncoder(spec, spec.encoder.folder);
    const data::EvaluationTask &test = inputs.scenario.test;
    return {run::encodeItemsCached(spec, inputs.dataset.catalog, *encoder, run::openCache().get(), "encoding items", {},
                                   {}),
            test.sources, test.targets, test.candidates};
}

/// Largest resident set of this program alone: getrusage() counts that of the program that started it, too.
std::int64_t peakResident()
{
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("VmHWM:"))
            return std::stoll(line.substr(6)) * 1024;
    return processMemory().peakResident;
}

int evaluate(const Case &one, int threads)
{
    const std::int64_t before = processMemory().resident;
    const auto began = std::chrono::steady_clock::now();
    eval::EvaluationOptions options;
    options.metrics = eval::parseMetrics("recall@20, recall@50, ndcg@100, coverage@20");
    options.threads = threads;
    const auto model = recsys::contentRecommender("content", one.items);
    const auto result = eval::evaluate(*model, {one.sources, one.targets, one.candidates}, options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const std::int64_t peak = peakResident();
    nlohmann::ordered_json json{{"users", one.sources.rows()},
                                {"items", one.items.rows()},
                                {"candidates", one.candidates.size()},
                                {"dimensions", one.items.cols()},
                                {"threads", threads},
                                {"seconds", seconds},
                                {"peak_bytes", peak},
                                {"added_bytes", std::max<std::int64_t>(0, peak - before)}};
    for (const eval::MetricValues &values : result.metrics)
        json[values.metric] = values.mean();
    for (const eval::TotalValue &total : result.totals)
        json[total.metric] = total.value;
    std::cout << json.dump() << "\n";
    return 0;
}

int work(const std::vector<std::string> &words)
{
    if (words.empty())
        return evaluate(made(20000, 10000, 384), 0);
    if (words[0] == "--made" && (words.size() == 5 || words.size() == 6)) {
        const int cold = words.size() > 5 ? std::stoi(words[5]) : 0;
        write(words[4], made(std::stoll(words[1]), std::stoi(words[2]), std::stoi(words[3]), cold));
        return 0;
    }
    if (words[0] == "--prepare" && words.size() == 3) {
        write(words[2], prepared(words[1]));
        return 0;
    }
    if (words[0].starts_with("-") || words.size() > 2) {
        std::cerr << "bench_evaluate [DIR [THREADS] | --made USERS ITEMS DIMS DIR [COLD] | --prepare SPEC DIR]\n";
        return 2;
    }
    return evaluate(read(words[0]), words.size() > 1 ? std::stoi(words[1]) : 0);
}

} // namespace

int main(int argc, char **argv)
{
    prepareProcess(argv);
    try {
        return work({argv + 1, argv + argc});
    } catch (const Error &error) {
        std::cerr << error.what() << "\n";
        return 2;
    }
}
