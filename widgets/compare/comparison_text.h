#pragma once

#include "widgets/compare/model_scores.h"

#include <QString>

namespace apiary::widgets {

/// "0.3214": four significant digits.
QString metricText(double value);
/// "+0.01230": with its sign, a real minus.
QString differenceText(double value);
/// "[+0.004, +0.021]"
QString intervalText(const eval::Interval &interval);
/// "Recall@20", "NDCG@100": as papers write them.
QString metricName(const std::string &metric);
/// "95%"
QString levelText(double level);
/// One sentence a screen reader can say of a cell.
QString cellSentence(const ComparedModels &compared, std::size_t model, std::size_t metric);
/// One sentence for each metric: which model leads and whether it is told apart from the baseline.
QString comparisonSummary(const ComparedModels &compared);

/// One line a model and metric: value, difference, both intervals, users. Full precision, "." as the decimal point.
QString comparisonCsv(const ComparedModels &compared);
/// The matrix as a GitHub table with a line that says how the intervals were made.
QString comparisonMarkdown(const ComparedModels &compared);

} // namespace apiary::widgets
