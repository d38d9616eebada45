#include "hub/staging.h"

#include "base/error.h"

#include <ctime>
#include <nlohmann/json.hpp>

namespace apiary::hub {

namespace {

namespace fs = std::filesystem;

void requireFree(const fs::path &target)
{
    std::error_code code;
    if (fs::is_directory(target, code) && fs::is_empty(target, code))
        fs::remove(target, code);
    if (fs::exists(fs::symlink_status(target, code)))
        throw InputError("is there already", target.string(), "remove it first, or choose another folder");
}

} // namespace

Staging::Staging(const fs::path &target)
{
    if (target.empty())
        throw InputError("no folder is named", "the encoder's place", "name a folder");
    m_target = fs::absolute(target).lexically_normal();
    if (!m_target.has_filename())
        m_target = m_target.parent_path();
    requireFree(m_target);
    m_folder = m_target.parent_path() / (".download-" + m_target.filename().string());
    makeFolders(m_folder);
    m_lock = std::make_unique<ExclusiveLock>(m_folder / "lock", false, "is being fetched by another program");
    makeFolders(files());
    makeFolders(parts());
}

void Staging::publish(const std::string &source, const std::string &repository, const std::string &revision,
                      const std::string &licence)
{
    char day[16] = "";
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    if (gmtime_r(&now, &parts))
        std::strftime(day, sizeof day, "%Y-%m-%d", &parts);
    const nlohmann::ordered_json origin{
        {"source", source}, {"repository", repository}, {"revision", revision}, {"license", licence}, {"fetched", day}};
    writeDurably(files() / ".apiary.json",
                 origin.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    requireFree(m_target);
    syncTree(files());
    publishFolder(files(), m_target);
    std::error_code ignored;
    fs::remove_all(m_folder, ignored);
}

} // namespace apiary::hub
