#pragma once

#include <cstdlib>
#include <filesystem>

namespace apiary::tests {

/// The project's tree; the one place that knows it, so that other objects are the same in every checkout.
std::filesystem::path sourceFolder();

inline std::filesystem::path fromEnvironment(const char *variable, const char *fallback)
{
    const char *value = std::getenv(variable);
    return value && *value ? std::filesystem::path(value) : sourceFolder() / fallback;
}

/// Real assets that set-up fetches; tests skip with a message where they are absent.
inline std::filesystem::path encoderFolder()
{
    return fromEnvironment("APIARY_ENCODER", ".apiary/encoders/all-MiniLM-L6-v2");
}
inline std::filesystem::path ml100kFolder()
{
    return fromEnvironment("APIARY_ML100K", ".apiary/data/ml-100k");
}
inline std::filesystem::path sharedData()
{
    return fromEnvironment("APIARY_DATA", "../shared/data");
}
/// Committed golden values.
inline std::filesystem::path golden()
{
    return sourceFolder() / "tests/golden/data";
}

} // namespace apiary::tests
