#include "run/encoder_label.h"

#include "hub/encoder_names.h"
#include "store/project.h"

#include <map>
#include <nlohmann/json.hpp>

namespace apiary::run {

namespace {

namespace fs = std::filesystem;

/// Without "." and a separator at the end.
fs::path tidy(const fs::path &folder)
{
    const fs::path path = folder.lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

/// Names that folders of encoders have by the program that saved them: those of a hub's cache are revisions.
bool saysLittle(const std::string &name)
{
    constexpr std::size_t revision = 40;
    return name == "encoder" || name == "model" ||
           (name.size() == revision && name.find_first_not_of("0123456789abcdef") == std::string::npos);
}

std::string withParent(const fs::path &folder, const std::string &name)
{
    const std::string parent = tidy(folder).parent_path().filename().string();
    return parent.empty() || name.starts_with(parent + "/") ? name : parent + "/" + name;
}

} // namespace

std::string encoderLabel(const fs::path &folder, const std::string &name)
{
    const fs::path path = tidy(folder);
    const std::string own = path.filename().string();
    const std::string known = name.empty() ? own : name;
    if (known != own || !saysLittle(own))
        return known; // it says more than the folder does
    const std::string called = hub::encoderName(path);
    return called == own ? withParent(path, known) : called;
}

std::string startingEncoderLabel(const store::RunRecord &run)
{
    if (!saysLittle(run.encoderName))
        return run.encoderName;
    const auto spec = nlohmann::json::parse(run.specJson, nullptr, false);
    if (!spec.is_object() || !spec.contains("encoder") || !spec["encoder"].is_object())
        return run.encoderName;
    const auto folder = spec["encoder"].find("folder");
    if (folder == spec["encoder"].end() || !folder->is_string())
        return run.encoderName;
    return encoderLabel(folder->get<std::string>(), run.encoderName);
}

std::string untrainedLabel(const std::string &encoder)
{
    return encoder.empty() ? "untrained" : encoder + ", untrained";
}

std::string tunedLabel(const store::RunRecord &run)
{
    return (run.name.empty() ? "run " + std::to_string(run.id) : run.name) + ", tuned";
}

void tellEncodersApart(const std::vector<fs::path> &folders, std::vector<std::string> &names)
{
    std::map<std::string, int> seen;
    for (const std::string &name : names)
        ++seen[name];
    for (std::size_t i = 0; i < names.size(); ++i)
        if (seen[names[i]] > 1 && !folders[i].empty())
            names[i] = withParent(folders[i], names[i]);
}

} // namespace apiary::run
