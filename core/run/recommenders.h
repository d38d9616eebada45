#pragma once

#include "recsys/registry.h"
#include "run/inputs.h"

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::run {

/// A recommender that a spec compares encoders with.
struct RecommenderChoice {
    std::string name; ///< as it stands in tables: "ease", or with its parameters "ease(lambda=500)"; one spelling each
    std::string kind; ///< of recsys::recommenders()
    nlohmann::ordered_json parameters = nlohmann::ordered_json::object(); ///< those that are given
};

/// "popularity, item-knn, ease(lambda=500)": kinds, each with parameters in parentheses where they are not to be the published
/// defaults. Empty: none. Throws InputError (at "evaluation.recommenders") for an unknown kind or parameter, a value that
/// it does not take, and for one that stands twice, however it is spelled.
std::vector<RecommenderChoice> parseRecommenders(const std::string &list);

/// Whether the random floor is evaluated beside the recommenders: it is asked for, and not one of them already.
bool wantsFloor(const RunSpec &spec);

/// Whether it looks at the order of a user's interactions, itself or by one that it mixes in.
bool needsTimes(const RecommenderChoice &choice);

/// Fits the spec's recommenders to the training part of its scenario, one by one, and hands each to `take`, which
/// evaluates it. Those that need item embeddings get `embeddings`, one row an item. Draws follow the spec's seed where no
/// other is given. Throws InputError where the scenario lacks what one needs (times), Cancelled.
void fitRecommenders(const RunSpec &spec, const Inputs &inputs,
                     const std::shared_ptr<const recsys::Embeddings> &embeddings, const ProgressFn &progress,
                     const std::stop_token &stop,
                     const std::function<void(const recsys::Recommender &, const RecommenderChoice &)> &take);

/// Rows of some users of the dataset with the times of their entries, for recommenders that look at the order; without
/// any where the dataset has none.
Csr withTimes(const Csr &rows, std::span<const std::int32_t> users, const data::Interactions &interactions);

} // namespace apiary::run
