#include "text/word_cache.h"

#include <atomic>

namespace apiary::text {

std::uint64_t nextModelNumber()
{
    static std::atomic<std::uint64_t> number{0};
    return ++number;
}

WordCache &localCache(std::uint64_t model)
{
    thread_local WordCache cache;
    cache.serve(model);
    return cache;
}

} // namespace apiary::text
