#include "hub/encoder_names.h"

#include <algorithm>
#include <map>
#include <set>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view cachePrefix = "models--";

/// Absolute and without a slash at its end. A link keeps its own name: somebody gave it that.
fs::path settled(const fs::path &folder)
{
    std::error_code code;
    fs::path path = fs::absolute(folder, code).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

/// The last part of a path, with so many of the parts before it as there are.
std::string tail(const fs::path &path, int above)
{
    fs::path text = path.filename();
    for (fs::path at = path.parent_path(); above > 0 && at.has_filename(); --above, at = at.parent_path())
        text = at.filename() / text;
    return text.string();
}

bool isNumber(const std::string &text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::string encoderName(const fs::path &folder, int above)
{
    const fs::path path = settled(folder);
    const fs::path parent = path.parent_path();
    const fs::path grandparent = parent.parent_path();
    const std::string run = parent.filename().string();
    if (path.filename() == "encoder" && isNumber(run) && grandparent.filename() == "models" &&
        grandparent.parent_path().has_filename())
        return "run " + run + " of " + tail(grandparent.parent_path(), above);
    const std::string repository = grandparent.filename().string();
    if (above == 0 && parent.filename() == "snapshots" && repository.starts_with(cachePrefix))
        return repositoryName(repository.substr(cachePrefix.size()));
    return tail(path, above);
}

void tellApart(std::vector<KnownEncoder> &encoders, const std::vector<std::string> &taken)
{
    constexpr int most = 8;
    for (int above = 1; above <= most; ++above) {
        std::map<std::string, int> count;
        for (const std::string &name : taken)
            ++count[name];
        for (const KnownEncoder &encoder : encoders)
            ++count[encoder.name];
        for (KnownEncoder &encoder : encoders)
            if (encoder.origin == Origin::Folder && count[encoder.name] > 1)
                encoder.name = encoderName(encoder.folder, above);
    }
    std::set<std::string> seen(taken.begin(), taken.end());
    for (KnownEncoder &encoder : encoders) {
        const std::string name = encoder.name;
        for (int number = 2; !seen.insert(encoder.name).second; ++number)
            encoder.name = name + " (" + std::to_string(number) + ")";
    }
}

} // namespace apiary::hub
