#pragma once

#include "widgets/theme/parts.h"

#include <QString>
#include <string>
#include <vector>

class QTableView;

namespace apiary::widgets {

// Small parts of the Data page alone.

/// Columns as wide as given, in characters, and no narrower than their titles; those of 0 share the rest.
void setColumnWidths(QTableView *view, const std::vector<int> &characters);

/// What is wrong with a text that is listed for review, and what became of it: "refusal, kept". `cleaned`: refusals count as no
/// text.
QString reviewText(bool refusal, bool cleaned);
/// The same of all of them, in a sentence each.
QString reviewSummary(qint64 refusals, qint64 empty, bool cleaned);
/// A warning of the engine with its counts in the locale's groups: "12,345 rows repeat …"; lines and ids stay as they are.
QString warningText(const std::string &warning);
/// A delimiter in words: "comma", "tab".
QString delimiterText(const std::string &delimiter);

} // namespace apiary::widgets
