#pragma once

#include "widgets/compare/model_scores.h"

#include <QString>

#include <optional>

namespace apiary::widgets {

/// "0.3214": four significant digits.
QString metricText(double value);
/// "+0.01230": with its sign, a real minus.
QString differenceText(double value);
/// "± 0.0021": two significant digits are as many as a few runs can tell.
QString deviationText(double value);
/// "[+0.004, +0.021]"
QString intervalText(const eval::Interval &interval);
/// "0.0031", "<0.0001"
QString probabilityText(double p);
/// "Items: tail"
QString segmentName(const std::string &segment);
/// Columns of the matrix: the metrics, then the totals.
std::size_t columnCount(const ComparedModels &compared);
QString columnName(const ComparedModels &compared, std::size_t column);
/// A model's value in a column with its interval, which for a total is the value itself; nothing where it has none.
std::optional<eval::Interval> valueIn(const ComparedModels &compared, std::size_t model, std::size_t column);
/// "Recall@20", "NDCG@100": as papers write them.
QString metricName(const std::string &metric);
/// "95%"
QString levelText(double level);
/// One sentence a screen reader can say of a cell, its test included.
QString cellSentence(const ComparedModels &compared, std::size_t model, std::size_t column);
/// The same of a row of seeds.
QString spreadSentence(const ComparedModels &compared, std::size_t spread, std::size_t column);
/// "3, 2, 1": the runs behind a row of seeds.
QString runsText(const run::SpreadRow &row);
/// What the p-values are, and of which family of tests.
QString testText(const ComparedModels &compared);
/// One sentence for each metric: which model leads and whether it is told apart from the baseline.
QString comparisonSummary(const ComparedModels &compared);

} // namespace apiary::widgets
