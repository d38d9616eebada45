/// Tokens a second of an encoder's tokenizer, as JSON; tests/golden/bench_tokenize.py measures the package the same way.
/// With --ids it prints what tests/golden/check_tokens.py compares instead: one array of ids a line.
#include "base/error.h"
#include "text/tokenizer.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
    std::map<std::string, std::string> values;

    std::string get(const std::string &name, const std::string &fallback) const
    {
        const auto value = values.find(name);
        return value == values.end() ? fallback : value->second;
    }
};

/// --name value, or --name by itself.
Arguments parse(int count, char **texts)
{
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string name = texts[i];
        const bool hasValue = i + 1 < count && std::string(texts[i + 1]).rfind("--", 0) != 0;
        arguments.values[name] = hasValue ? texts[++i] : "";
    }
    return arguments;
}

/// One text a line, or one JSON object a line whose field is the text.
std::vector<std::string> readTexts(const std::string &file, const std::string &field)
{
    std::ifstream in(file, std::ios::binary);
    std::vector<std::string> texts;
    for (std::string line; std::getline(in, line);)
        texts.push_back(field.empty() ? line : nlohmann::json::parse(line).at(field).get<std::string>());
    return texts;
}

void printIds(const apiary::text::TokenBatch &batch)
{
    for (std::int64_t i = 0; i < batch.size(); ++i) {
        std::cout << '[';
        const auto begin = static_cast<std::size_t>(batch.offsets[static_cast<std::size_t>(i)]);
        for (std::size_t k = 0; k < static_cast<std::size_t>(batch.length(i)); ++k)
            std::cout << (k > 0 ? "," : "") << batch.ids[begin + k];
        std::cout << "]\n";
    }
}

int run(const Arguments &arguments)
{
    using namespace apiary;
    const auto begin = Clock::now();
    const auto tokenizer = text::loadTokenizer(arguments.get("--encoder", ""));
    const std::chrono::duration<double> loading = Clock::now() - begin;
    const std::vector<std::string> texts = readTexts(arguments.get("--texts", ""), arguments.get("--field", ""));
    const int threads = std::atoi(arguments.get("--threads", "1").c_str());
    const std::int64_t most = std::atoll(arguments.get("--max-tokens", "1000000000").c_str());
    if (arguments.values.contains("--ids")) {
        printIds(tokenizer->encodeAll(texts, most, threads));
        return 0;
    }
    std::size_t bytes = 0;
    for (const std::string &text : texts)
        bytes += text.size();
    double best = 1e30;
    std::size_t tokens = 0;
    for (int repeat = std::atoi(arguments.get("--repeat", "5").c_str()); repeat > 0; --repeat) {
        const auto start = Clock::now();
        tokens = tokenizer->encodeAll(texts, most, threads).ids.size();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    const nlohmann::json result = {{"program", "apiary"},
                                   {"threads", threads},
                                   {"texts", texts.size()},
                                   {"tokens", tokens},
                                   {"seconds", best},
                                   {"tokens_per_second", static_cast<double>(tokens) / best},
                                   {"megabytes_per_second", static_cast<double>(bytes) / best / 1e6},
                                   {"load_seconds", loading.count()}};
    std::cout << result.dump() << '\n';
    return 0;
}

} // namespace

int main(int count, char **texts)
{
    std::ios::sync_with_stdio(false);
    try {
        return run(parse(count, texts));
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
