#pragma once

#include "base/progress.h"
#include "data/dataset.h"
#include "data/import_spec.h"
#include "data/preview.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::data {

/// A text that someone should look at.
struct ReviewText {
    enum class Kind { Empty, Refusal };
    Kind kind = Kind::Empty;
    std::string item;
    std::int64_t line = 0; ///< of the items file
    std::string title;
    std::string text; ///< before cleaning took it away
};

/// A file that took part.
struct ImportedFile {
    std::string name; ///< without its folder
    std::string role; ///< "interactions", "items", "descriptions"
    std::string sha256;
    std::int64_t bytes = 0;
    std::int64_t rows = 0; ///< good ones
    std::int64_t bad = 0;
};

/// Good rows that a rule left out, for one reason.
struct LeftOut {
    std::string of;     ///< the file's role: "interactions", "items", "descriptions"
    std::string reason; ///< said of one row: "repeats a pair of user and item"
    std::int64_t rows = 0;
    std::int64_t line = 0; ///< of the first of them; 0 where it is not kept
};

/// What happened on the way. Nothing is left out of a dataset that is not counted here: an item or user goes with its
/// last row.
struct ImportReport {
    std::vector<ImportedFile> files;
    std::vector<BadRow> bad;                        ///< the first maxListedBadRows, in the order of the files
    std::map<std::string, std::int64_t> badReasons; ///< kind of fault → rows, of all
    std::int64_t badTotal = 0;
    std::vector<LeftOut> leftOut; ///< in the order of the rules
    std::vector<ReviewText> review;
    std::vector<std::string> warnings; ///< of joining; those of filters are the dataset's
    std::int64_t peakRows = 0;         ///< interactions held at once
};

inline constexpr std::size_t maxListedBadRows = 100'000;

struct Imported {
    ImportSpec spec; ///< completed
    Dataset dataset;
    ImportReport report;
};

/// Fills in what is empty: formats, columns by guessed roles, the time unit, a text template of the text columns (with the
/// title before them). Throws InputError where a user, item or id column cannot be told.
ImportSpec completed(ImportSpec spec, std::stop_token stop = {});

/// What was only guessed and may be wrong, a sentence each: a file's text is taken to be Windows-1252.
std::vector<std::string> doubtfulGuesses(const ImportSpec &given, const ImportSpec &completed);

/// Completes, reads, joins, filters; files are streamed, so that 25 million ratings need less than 2 GiB. The order of items
/// is that of their file, of users that of their first row that is kept; equal files give the same dataset and hash on any
/// machine. Throws InputError naming file, line, column and remedy; Cancelled on stop.
Imported importDataset(const ImportSpec &spec, const ProgressFn &progress = {}, std::stop_token stop = {});

/// The first items with their columns as the templates see them, descriptions joined (of those among the first
/// descriptions that `lookAt` rows hold): for a live preview.
struct ItemsPreview {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows; ///< cells by column
};
ItemsPreview previewItems(const ItemsSource &items, int maxRows = 50, int lookAt = 20000, std::stop_token stop = {});

/// An item's text (or title) by a template. Throws InputError with `field` as its place where the template is malformed or
/// names no column.
std::string composeText(const std::string &textTemplate, const Cleaning &cleaning,
                        const std::vector<std::string> &columns, const std::vector<std::string> &cells,
                        const std::string &field = "text template");

} // namespace apiary::data
