#pragma once

#include "base/progress.h"
#include "data/import.h"
#include "data/string_pool.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace apiary::data {

/// The items file, descriptions joined, with its templates filled in; row j everywhere is its good row j.
struct ItemRows {
    StringPool ids; ///< number j is row j
    std::vector<std::int64_t> lines;
    std::vector<std::string> titles;
    std::vector<std::string> texts;
    std::vector<std::string> columns;             ///< those kept
    std::vector<std::vector<std::string>> values; ///< by column, then row
};

/// Reads the files of the completed spec's items. Throws InputError.
ItemRows readItemRows(const ImportSpec &spec, ImportReport &report, const ProgressFn &progress, std::stop_token stop);

} // namespace apiary::data
