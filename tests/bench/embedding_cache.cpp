// How fast the embedding cache is: 10,000 rows of 768 values, written, read in a fresh connection, read again; every
// value compared. Prints one JSON line.
#include "embed/embedding_cache.h"
#include "base/process.h"
#include "base/random.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace apiary;
using namespace apiary::embed;
using Clock = std::chrono::steady_clock;

namespace {

double since(Clock::time_point began)
{
    return std::chrono::duration<double>(Clock::now() - began).count();
}

} // namespace

int main(int, char **argv)
{
    prepareProcess(argv);
    constexpr std::int32_t texts = 10000;
    CacheSpace space;
    space.encoder = "bench";
    space.dimension = 768;
    CounterRng random(1);
    Embeddings rows(texts, space.dimension);
    for (Eigen::Index i = 0; i < rows.size(); ++i)
        rows.data()[i] = static_cast<float>(random.uniform());
    const auto folder = std::filesystem::temp_directory_path() / ("apiary-cache-bench-" + std::to_string(getpid()));

    auto began = Clock::now();
    std::vector<CacheKey> keys;
    std::vector<std::int32_t> ids(120);
    for (std::int32_t text = 0; text < texts; ++text) {
        for (std::int32_t &id : ids)
            id = static_cast<std::int32_t>(random.below(30000));
        ids[0] = text;
        keys.push_back(cacheKey(ids));
    }
    const double hashing = since(began);
    began = Clock::now();
    EmbeddingCache(folder).store(space, keys, rows);
    const double writing = since(began);
    double reading[2] = {0, 0};
    bool same = true;
    for (double &seconds : reading) {
        EmbeddingCache cache(folder);
        began = Clock::now();
        const auto found = cache.find(space, keys);
        seconds = since(began);
        same = same && found.missing.empty() &&
               std::memcmp(found.rows.data(), rows.data(), static_cast<std::size_t>(rows.size()) * sizeof(float)) == 0;
    }
    std::filesystem::remove_all(folder);
    std::printf("{\"texts\": %d, \"dimension\": 768, \"keys_s\": %.4f, \"write_s\": %.4f, \"read_s\": %.4f, "
                "\"read_again_s\": %.4f, \"same\": %s}\n",
                texts, hashing, writing, reading[0], reading[1], same ? "true" : "false");
    return same ? 0 : 1;
}
