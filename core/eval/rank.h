#pragma once

#include "eval/evaluate.h"

#include <functional>

namespace apiary::eval {

using RankingConsumer = std::function<void(std::int64_t user, Ranking &&ranking)>;

/// Hands every user's ranking to `consume`, from several threads at once; no two calls for one user.
void rankEach(const recsys::Recommender &model, const Task &task, int k, int threads, const ProgressFn &progress,
              const std::stop_token &stop, const RankingConsumer &consume);

} // namespace apiary::eval
