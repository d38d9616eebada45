/// Time and peak memory of an import, as JSON; tests/golden/bench_import.py does the same work with pandas.
///
///     bench_import --make FOLDER [--rows 25000000]    writes ratings.csv and items.csv, the same bytes for the same rows
///     bench_import --run FOLDER [--core N] [--store FOLDER]    imports them: rating ≥ 4, users with at least 5
#include "data/import.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/stored_dataset.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t items = 60'000;
constexpr std::int64_t rowsOfUser = 154; ///< on average, as in MovieLens 25M
constexpr std::uint64_t seed = 20;

void append(std::string &text, std::int64_t number)
{
    char digits[24];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

/// Ratings like MovieLens': users in order, popular items more often, half stars, Unix seconds.
void make(const fs::path &folder, std::int64_t rows)
{
    fs::create_directories(folder);
    std::ofstream ratings(folder / "ratings.csv", std::ios::binary);
    std::string text = "userId,movieId,rating,timestamp\n";
    apiary::CounterRng rng(seed);
    std::int64_t written = 0;
    for (std::int64_t user = 1; written < rows; ++user) {
        const auto count =
            std::min<std::int64_t>(rows - written, 20 + static_cast<std::int64_t>(rng.below(2 * (rowsOfUser - 20))));
        const auto began = static_cast<std::int64_t>(800'000'000 + rng.below(770'000'000));
        for (std::int64_t i = 0; i < count; ++i) {
            const double skewed = std::pow(rng.uniform(), 3.0); // cubes crowd at the popular end
            append(text, user);
            text += ',';
            append(text, 1 + static_cast<std::int64_t>(skewed * static_cast<double>(items)));
            text += ',';
            const std::uint64_t halves = 1 + rng.below(10);
            append(text, static_cast<std::int64_t>(halves / 2));
            text += halves % 2 == 0 ? ".0," : ".5,";
            append(text, began + static_cast<std::int64_t>(rng.below(100'000)));
            text += '\n';
        }
        written += count;
        if (text.size() > (std::size_t{1} << 22)) {
            ratings << text;
            text.clear();
        }
    }
    ratings << text;
    std::ofstream movies(folder / "items.csv", std::ios::binary);
    movies << "movieId,title,genres\n";
    for (std::int64_t item = 1; item <= items; ++item)
        movies << item << ",\"Film " << item << ", The (1995)\",Drama|Comedy\n";
    if (!ratings.flush() || !movies.flush())
        throw apiary::Error("cannot be written", folder.string(), "check the disk");
}

double seconds(Clock::time_point since)
{
    return std::chrono::duration<double>(Clock::now() - since).count();
}

void run(const fs::path &folder, int core, const fs::path &store)
{
    apiary::data::ImportSpec spec;
    spec.name = "bench";
    spec.interactions.file = folder / "ratings.csv";
    spec.items.file = folder / "items.csv";
    spec.filter.minRating = 4;
    spec.filter.minUser = core > 0 ? core : 5;
    spec.filter.minItem = core;
    spec.filter.kCore = core > 0;
    const auto began = Clock::now();
    const apiary::data::Imported imported = apiary::data::importDataset(spec);
    nlohmann::ordered_json json;
    json["seconds"] = seconds(began);
    if (!store.empty()) {
        fs::create_directories(store);
        const auto writing = Clock::now();
        apiary::data::writeDataset(imported, store);
        json["storeSeconds"] = seconds(writing);
    }
    json["peakMiB"] = apiary::processMemory().peakResident >> 20;
    json["fileBytes"] = fs::file_size(folder / "ratings.csv");
    json["rows"] = imported.report.peakRows;
    json["pairs"] = imported.dataset.counts.at(1).interactions;
    json["users"] = imported.dataset.interactions.userCount();
    json["items"] = imported.dataset.interactions.itemCount();
    json["interactions"] = imported.dataset.interactions.count();
    json["hash"] = imported.dataset.hash;
    std::cout << json.dump() << std::endl;
}

} // namespace

int main(int argc, char **argv)
{
    std::map<std::string, std::string> arguments;
    for (int i = 1; i + 1 < argc; i += 2)
        arguments[argv[i]] = argv[i + 1];
    try {
        if (arguments.contains("--make"))
            make(arguments["--make"], arguments.contains("--rows") ? std::stoll(arguments["--rows"]) : 25'000'000);
        if (arguments.contains("--run"))
            run(arguments["--run"], std::atoi(arguments["--core"].c_str()), arguments["--store"]);
    } catch (const apiary::Error &error) {
        std::cerr << error.what() << std::endl;
        return 1;
    }
    return arguments.empty() ? 2 : 0;
}
