#pragma once

#include "run/stored_scores.h"

namespace apiary::run {

struct ComparedModel {
    std::string key;
    std::string label;
    ModelKind kind = ModelKind::Other;
    std::int64_t run = 0;
    std::vector<eval::ComparisonCell> cells =
        {};                          ///< one a metric; `users` are those whom model and baseline have in common
    std::vector<double> totals = {}; ///< NaN where the model has none
    std::string encoderHash = {};
    std::string specHash = {};
    std::int64_t tested = 0; ///< as in ModelScores
    std::filesystem::path folder = {};
};

/// Models × metrics against one of them.
struct ComparedModels {
    std::int64_t run = 0;
    std::string segment; ///< empty: the whole test
    std::vector<std::string> metrics;
    std::vector<std::string> totals; ///< none for a segment: lists are of all items together
    std::vector<ComparedModel> models;
    std::size_t baseline = 0;
    std::vector<SpreadRow> spreads; ///< tuned models whose runs differ in their seed only
    Provenance provenance;          ///< but for the models
    std::uint64_t seed = 0;
    int resamples = 0;
    double level = 0;

    std::int64_t users() const; ///< the most behind a cell
};

/// eval::compare() over the users that a model and the baseline share, joined by external id, on the whole test or on a
/// segment of it. p-values are corrected over all models of a metric. Throws Error, Cancelled.
ComparedModels compareModels(const ScoreSet &scores, std::size_t baseline, const std::string &segment = {},
                             std::stop_token stop = {});

/// Means over users of the tuned models that runs with different seeds made of one spec: mean and deviation over those
/// runs, the newest of each seed. Groups of one are left out.
std::vector<SpreadRow> seedSpreads(const ScoreSet &scores, const std::vector<std::string> &metrics,
                                   const std::vector<std::string> &totals, const std::string &segment = {});

/// exportTable() of what is compared.
std::string exportTable(const ComparedModels &compared, TableFormat format);

} // namespace apiary::run
