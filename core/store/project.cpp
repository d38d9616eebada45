#include "store/project.h"

#include "base/error.h"
#include "store/migrations.h"
#include "store/project_private.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace apiary::store {

namespace {

void makeFolder(const std::filesystem::path &folder)
{
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code || !std::filesystem::is_directory(folder))
        throw Error("the project folder cannot be made" + (code ? ": " + code.message() : std::string()),
                    folder.string(), "choose a folder that you may write to");
}

/// 7 of a folder named "7"; nothing of our naming otherwise.
std::int64_t runOf(const std::string &name)
{
    const bool number = !name.empty() && name.size() < 19 &&
                        std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    return number ? std::stoll(name) : -1;
}

} // namespace

Project::Project(std::unique_ptr<Private> p) : d(std::move(p)) {}
Project::~Project() = default;

std::unique_ptr<Project> Project::open(const std::filesystem::path &folder, Mode mode)
{
    const std::filesystem::path place = std::filesystem::absolute(folder).lexically_normal();
    const std::filesystem::path file = place / "project.sqlite";
    if (mode == Mode::ReadOnly) {
        if (!std::filesystem::exists(file))
            throw InputError("there is no project here", place.string(),
                             "name a folder that holds project.sqlite, or make one with a training");
        auto data = std::make_unique<Private>(place, mode, nullptr);
        checkVersion(data->database, false);
        if (data->database.pragma("user_version") < static_cast<std::int64_t>(migrations().size()))
            throw Error("the project is of an older format", file.string(), "open it once for writing to update it");
        return std::unique_ptr<Project>(new Project(std::move(data)));
    }
    makeFolder(place);
    auto lock = std::make_shared<FileLock>(Private::lockFile(place));
    auto data = std::make_unique<Private>(place, mode, std::move(lock));
    checkVersion(data->database, true);
    data->database.execute("PRAGMA journal_mode = WAL");
    migrate(data->database);
    makeFolder(data->models());
    data->sweep();
    return std::unique_ptr<Project>(new Project(std::move(data)));
}

std::unique_ptr<Project> Project::reopen() const
{
    return std::unique_ptr<Project>(new Project(std::make_unique<Private>(d->folder, d->mode, d->lock)));
}

const std::filesystem::path &Project::folder() const
{
    return d->folder;
}

bool Project::readOnly() const
{
    return d->mode == Mode::ReadOnly;
}

void Project::Private::requireWriter() const
{
    if (mode == Mode::ReadOnly)
        throw Error("the project is open read-only", folder.string(), "close it elsewhere and open it again");
}

std::string Project::Private::relative(const std::filesystem::path &path) const
{
    const auto inside = path.lexically_relative(folder);
    return inside.empty() || *inside.begin() == ".." ? path.string() : inside.string();
}

void Project::Private::sweep()
{
    Transaction transaction(database);
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    Statement(database, "UPDATE runs SET status = 'interrupted', message = 'the program ended before the run did', "
                        "ended = ?1 WHERE status = 'running'")
        .bind(static_cast<std::int64_t>(now.count()))
        .run();
    std::set<std::int64_t> kept;
    Statement rows(database, "SELECT id FROM runs WHERE published = 1");
    while (rows.step())
        kept.insert(rows.integer(0));
    transaction.commit();

    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(models())) {
        const std::string name = entry.path().filename().string();
        const std::int64_t run = runOf(name);
        if (name.starts_with(".staging-") || (run >= 0 && !kept.contains(run)))
            std::filesystem::remove_all(entry.path(), ignored);
    }
    sweepDatasets();
    for (const auto &entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename().string().ends_with(".backup.part"))
            std::filesystem::remove(entry.path(), ignored);
}

std::string Project::setting(const std::string &key) const
{
    Statement statement(d->database, "SELECT value FROM settings WHERE key = ?1");
    return statement.bind(key).step() ? statement.text(0) : std::string();
}

void Project::setSetting(const std::string &key, const std::string &value)
{
    d->requireWriter();
    Statement(d->database,
              "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key, value)
        .run();
}

} // namespace apiary::store
