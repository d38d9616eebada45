#pragma once

#include "eval/bootstrap.h"
#include "eval/evaluate.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace apiary::eval {

/// One model's value of one metric: its mean over users and the mean of its per-user difference to the baseline, each
/// with its bootstrap interval, and how surprising the differences would be if the two were alike (see wilcoxon()). The
/// baseline's own difference is 0 with the interval [0, 0] and p 1.
struct ComparisonCell {
    Interval mean;
    Interval difference;
    double p = 1;           ///< of this test alone
    double holm = 1;        ///< corrected for all models that the metric compares with the baseline (see holm())
    std::int64_t users = 0; ///< behind the value; 0: there is none

    /// Whether the data tell it from the baseline: neither the interval of the difference holds zero, nor is the corrected
    /// p-value 1 − level or more. The two are made in different ways and need not agree; both have to.
    bool toldApart(double level) const { return !difference.holdsZero() && holm < 1 - level; }
};

struct ComparisonRow {
    std::string model;
    std::vector<ComparisonCell> cells; ///< one a metric, in the order of Comparison::metrics
    std::vector<double> totals = {};   ///< in the order of Comparison::totals; NaN where the model has none
};

/// Models × metrics over the same users.
struct Comparison {
    std::vector<std::string> metrics; ///< "recall@20", "recall@50", "ndcg@100"
    std::vector<std::string> totals;  ///< "coverage@20": one value a model, without an interval
    std::vector<ComparisonRow> rows;  ///< one a model, in the order given
    std::size_t baseline = 0;         ///< index into rows
    std::string segment = {};         ///< of items or users, such as "items: tail"; empty: all
    std::int64_t users = 0;
    int resamples = 0;
    double level = 0; ///< of the intervals, e.g. 0.95
    std::uint64_t seed = 0;
};

/// Every resample draws users once and serves all models and metrics with them, so that each cell equals what
/// bootstrap() and pairedBootstrap() give for the same seed. Throws Error where the evaluations have other metrics or
/// another number of users than the baseline's, where there are no users, or where baselineIndex is out of range.
Comparison compare(const std::vector<Evaluation> &evaluations, std::size_t baselineIndex, std::uint64_t seed,
                   int resamples = 10000, double level = 0.95);

/// What the p-values are where so many models stand beside the baseline: the test, and the family of tests that Holm's
/// correction is for. That is every comparison with the baseline that a table shows of a metric; metrics are not corrected
/// for one another. `seeds`: some models differ in their seed only. Each of them has a p-value of its own, which could be
/// picked out, and so counts.
std::string testStatement(std::size_t comparisons, bool seeds = false);
/// A p-value as tables write it: two digits, "<0.0001" below that.
std::string probabilityText(double p);

/// What a mark of a difference that is not told apart from the baseline says.
std::string unsureStatement(double level);

/// A table in aligned columns of plain text, metrics one below the other, four significant digits; the last column is the
/// corrected p-value. A difference that is not told apart is marked with "~"; last lines explain. Totals stand below
/// the metrics. Ends in a line break; no line ends in spaces.
std::string formatTable(const Comparison &comparison);

} // namespace apiary::eval
