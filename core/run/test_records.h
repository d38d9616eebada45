#pragma once

#include "data/dataset.h"
#include "eval/evaluate.h"
#include "store/project.h"

#include <span>
#include <string>
#include <vector>

namespace apiary::run {

/// External ids of the users of a task.
std::vector<std::string> userIds(const data::Interactions &interactions, std::span<const std::int32_t> users);

/// Evaluations of one task, whose users are `users`, as the project keeps them.
std::vector<store::MetricRecord> metricRecords(const std::vector<eval::Evaluation> &evaluations,
                                               const std::vector<std::string> &users);
/// Their totals and segments.
store::TestDetails testDetails(const std::vector<eval::Evaluation> &evaluations, const std::vector<std::string> &users);

} // namespace apiary::run
