#include "data/dataset.h"

#include "base/cancel.h"
#include "base/error.h"
#include "data/import_filter.h"
#include "data/import_items.h"
#include "data/import_rows.h"
#include "data/stored_dataset.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace apiary::data {

namespace {

/// Other kinds than delimited text are told by their endings.
bool otherKind(const std::filesystem::path &path)
{
    std::string name = path.filename().string();
    if (name.ends_with(".gz"))
        name.resize(name.size() - 3);
    for (const std::string_view ending : {".jsonl", ".ndjson", ".json", ".feather", ".arrow", ".parquet"})
        if (name.ends_with(ending))
            return true;
    return false;
}

TableFormat formatOf(const std::filesystem::path &path, const std::string &delimiter)
{
    TableFormat format;
    format.encoding = Encoding::Utf8;
    if (otherKind(path))
        return format;
    format.kind = FileKind::Delimited;
    format.delimiter = delimiter;
    format.header = true;
    format.quotes = true;
    return format;
}

/// An experiment that names files of its own reads them as an import does, but takes no guesses and no bad rows.
ImportSpec specOf(const DatasetSource &source, const DatasetFilter &filter)
{
    ImportSpec spec;
    spec.name = source.name;
    spec.guess = false;
    spec.strict = true;
    spec.interactions.file = source.interactions;
    spec.interactions.format = formatOf(source.interactions, source.delimiter);
    spec.interactions.user = source.userColumn;
    spec.interactions.item = source.itemColumn;
    spec.interactions.rating = source.ratingColumn;
    spec.interactions.time = source.timestampColumn;
    spec.interactions.timeUnit = TimeUnit::Seconds;
    spec.items.file = source.items;
    spec.items.format = formatOf(source.items, source.delimiter);
    spec.items.id = source.itemIdColumn;
    spec.items.title = source.titleColumn;
    spec.items.titleTemplate = source.titleTemplate;
    spec.items.textTemplate = source.textTemplate;
    spec.filter.minRating = filter.minRating;
    spec.filter.minUser = std::max(1, filter.minUserInteractions);
    return spec;
}

} // namespace

Dataset loadDataset(const DatasetSource &source, const DatasetFilter &filter, const ProgressFn &progress,
                    std::stop_token stop)
{
    if (std::isnan(filter.minRating))
        throw InputError("is not a number", "least rating", "give a number such as 4");
    throwIfStopped(stop);
    if (!source.imported.empty())
        return filtered(readDataset(source.imported, progress, stop), filter);
    const ImportSpec spec = specOf(source, filter);
    ImportReport report;
    const ItemRows items = readItemRows(spec, report, progress, stop);
    InteractionRows rows = readInteractionRows(spec, items.ids.copy(), report, progress, stop);
    Dataset dataset;
    dataset.name = source.name;
    filterAndBuild(spec, items, rows, dataset, report, progress, stop);
    dataset.hash = datasetHash(dataset.interactions, dataset.catalog, stop);
    return dataset;
}

} // namespace apiary::data
