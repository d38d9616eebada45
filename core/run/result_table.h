#pragma once

#include "eval/comparison.h"
#include "eval/significance.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace apiary::run {

/// Where a model of a table comes from.
struct ModelOrigin {
    std::string model;     ///< as it is called in the table
    std::string encoder;   ///< hash; empty for what has no encoder
    std::string spec = {}; ///< hash of its run's spec; empty: the table's
    std::int64_t run = 0;  ///< of a project; 0: of none
};

/// What a table of results rests on, so that it can be told from another, and made again.
struct Provenance {
    std::string dataset;
    std::string datasetHash;
    std::string scenario; ///< "cold-start" …
    std::string splitHash;
    std::string specHash;
    std::vector<ModelOrigin> models; ///< those of which something is known
    std::string apiary = {};         ///< versions that measured; empty: these here
    std::string libtorch = {};
};

/// Models that differ in the seed of their training only.
struct SpreadRow {
    std::string label; ///< "tuned × 3 seeds"
    std::vector<std::int64_t> runs;
    std::vector<eval::Spread> cells; ///< of the metrics, then of the totals; of no runs where there is no value
};

enum class TableFormat { Csv, Markdown, Latex };

/// By the name's end: .csv, .md or .tex. Throws InputError for others.
TableFormat tableFormatOf(const std::filesystem::path &file);

/// A text as a cell of a table.
std::string markdownEscaped(const std::string &text);
std::string latexEscaped(const std::string &text);

/// CSV: one row a model and metric, every number in full and the provenance in each row; spreads give a mean with its
/// deviation over runs. Markdown and LaTeX (which needs booktabs, and says so): models × metrics with their intervals,
/// then the differences to the baseline with theirs and p-values; those that are not told apart from it are marked; the
/// provenance, versions included, below. Numbers as on the Compare page: four significant digits, two of deviations and
/// p-values, a real minus. What has no value is left out or empty. Ends in a line break.
std::string exportTable(const eval::Comparison &comparison, const Provenance &provenance, TableFormat format,
                        const std::vector<SpreadRow> &spreads = {});

} // namespace apiary::run
