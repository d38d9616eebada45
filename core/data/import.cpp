#include "data/import.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/byte_source.h"
#include "data/import_filter.h"
#include "data/import_items.h"
#include "data/import_rows.h"
#include "hub/sha256.h"

#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <optional>

namespace apiary::data {

namespace {

void check(const ImportSpec &spec)
{
    if (spec.filter.minRating && std::isnan(*spec.filter.minRating))
        throw InputError("is not a number", "least rating", "give a number such as 4");
    if (!(spec.maxBadShare >= 0 && spec.maxBadShare <= 1))
        throw InputError("is no share", "largest share of bad rows", "give a number from 0 to 1");
    if (spec.filter.minItem < 0 || spec.filter.minUser < 0)
        throw InputError("is negative", "least number of interactions", "give 0 or more");
}

/// The hashes of the files, made beside the reading: they take a pass of their own.
class FileHashes {
public:
    FileHashes(const ImportSpec &spec, const std::stop_token &stop)
    {
        for (const auto *path : {&spec.interactions.file, &spec.items.file, &spec.items.descriptions})
            if (!path->empty())
                m_files.push_back(placeOf(*path).file);
        m_source = std::stop_source();
        m_work = std::async(std::launch::async, [files = m_files, token = m_source.get_token()] {
            std::map<std::filesystem::path, std::string> hashes;
            for (const auto &file : files)
                if (!hashes.contains(file))
                    hashes[file] = hub::sha256File(file, token);
            return hashes;
        });
        m_forward.emplace(stop, [this] { m_source.request_stop(); });
    }
    ~FileHashes()
    {
        m_source.request_stop(); // an import that failed need not wait for the hashes
        if (m_work.valid())
            m_work.wait();
    }
    FileHashes(const FileHashes &) = delete;
    FileHashes &operator=(const FileHashes &) = delete;

    /// Of interactions, items and descriptions, in this order, as far as there are any.
    std::vector<std::string> get()
    {
        const auto hashes = m_work.get();
        std::vector<std::string> result;
        for (const auto &file : m_files)
            result.push_back(hashes.at(file));
        return result;
    }

private:
    std::vector<std::filesystem::path> m_files;
    std::stop_source m_source;
    std::future<std::map<std::filesystem::path, std::string>> m_work;
    std::optional<std::stop_callback<std::function<void()>>> m_forward;
};

void nameHashes(ImportReport &report, const std::vector<std::string> &hashes)
{
    const std::vector<std::string> roles{"interactions", "items", "descriptions"};
    for (ImportedFile &file : report.files)
        for (std::size_t i = 0; i < hashes.size(); ++i)
            if (file.role == roles[i])
                file.sha256 = hashes[i];
}

} // namespace

Imported importDataset(const ImportSpec &given, const ProgressFn &progress, std::stop_token stop)
{
    check(given);
    throwIfStopped(stop);
    Imported result;
    result.spec = completed(given, stop);
    const ImportSpec &spec = result.spec;
    result.report.warnings = doubtfulGuesses(given, spec);
    if (spec.filter.minRating && spec.interactions.rating.empty())
        result.report.warnings.push_back("no column of ratings was read, so that the least rating leaves nothing out");
    FileHashes hashes(spec, stop);
    {
        ItemRows items = readItemRows(spec, result.report, progress, stop);
        InteractionRows rows = readInteractionRows(spec, items.ids.copy(), result.report, progress, stop);
        result.dataset.name = spec.name;
        filterAndBuild(spec, items, rows, result.dataset, result.report, progress, stop);
    }
    auto &warnings = result.dataset.warnings;
    warnings.insert(warnings.begin(), result.report.warnings.begin(), result.report.warnings.end());
    result.dataset.hash = datasetHash(result.dataset.interactions, result.dataset.catalog, stop);
    nameHashes(result.report, hashes.get());
    return result;
}

} // namespace apiary::data
