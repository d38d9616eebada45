#pragma once

#include "run/stored_comparison.h"

#include <QString>

namespace apiary::widgets {

using run::collectScores;
using run::ComparedModel;
using run::ComparedModels;
using run::compareModels;
using run::ModelKind;
using run::ModelScores;
using run::ScoreSet;
using ComparedCell = eval::ComparisonCell;

inline QString labelOf(const ComparedModel &model)
{
    return QString::fromStdString(model.label);
}

} // namespace apiary::widgets
