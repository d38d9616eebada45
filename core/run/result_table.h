#pragma once

#include "eval/comparison.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace apiary::run {

/// What a table of results rests on, so that it can be told from another, and made again.
struct Provenance {
    std::string dataset;
    std::string datasetHash;
    std::string scenario; ///< "cold-start" …
    std::string splitHash;
    std::string specHash;
    std::vector<std::pair<std::string, std::string>> encoders; ///< model → hash of its encoder
};

enum class TableFormat { Csv, Markdown, Latex };

/// By the name's end: .csv, .md or .tex. Throws InputError for others.
TableFormat tableFormatOf(const std::filesystem::path &file);

/// CSV: one row a model and metric, every number in full and the provenance in each row. Markdown and LaTeX (booktabs):
/// models × metrics with their intervals, four digits, the differences whose interval holds zero marked; the provenance,
/// versions included, below. Ends in a line break.
std::string exportTable(const eval::Comparison &comparison, const Provenance &provenance, TableFormat format);

} // namespace apiary::run
