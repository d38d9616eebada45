#pragma once

#include "recsys/recommender.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace apiary::recsys {

/// One hyperparameter: what a spec, a schema and a form need to know of it. Its default: defaultParameters().
struct ParameterInfo {
    std::string name; ///< as published
    std::string type; ///< "integer", "number", "boolean", "enum", "object"
    std::string help;
    double minimum = 0; ///< both bounds are allowed values
    double maximum = 0;
    std::vector<std::string> choices{};
};

/// One kind of recommender.
struct RecommenderInfo {
    std::string kind{};  ///< in a spec: "item-knn"
    std::string label{}; ///< on screen: "Item-KNN"
    std::string help{};
    std::string source{};         ///< the publication and the implementation whose names and defaults it has
    bool needsEmbeddings = false; ///< of all items, from an encoder
    bool coldItems = false;       ///< whether it can score an item that nobody had in fit()
    bool usesTimes = false;       ///< whether the order of a user's interactions matters
    std::vector<ParameterInfo> parameters{};
};

/// All kinds, simple ones first.
const std::vector<RecommenderInfo> &recommenders();
/// InputError naming the kinds there are for another one.
const RecommenderInfo &recommenderInfo(const std::string &kind);
/// An object with every parameter of the kind at its published default.
nlohmann::ordered_json defaultParameters(const std::string &kind);

/// What a parameter takes: "a whole number from 1 to 1000000", "one of cosine, tfidf, bm25".
std::string expectation(const ParameterInfo &parameter);
/// A parameter's value as one writes it in a list of recommenders: 0.5, true, ease.
std::string shown(const nlohmann::ordered_json &value);
/// All that a RecommenderInfo says, as JSON; its parameters by name, each as a JSON Schema with its default.
nlohmann::ordered_json described(const RecommenderInfo &info);

/// A recommender that has learned nothing yet. Parameters that are left out have their defaults. Throws InputError for
/// an unknown kind or parameter and a value of the wrong type or out of bounds, its place being `where` and the
/// parameter's name, and where a kind that needs embeddings (items × dimensions, kept by reference count) gets none.
std::unique_ptr<Recommender> makeRecommender(const std::string &kind, const nlohmann::ordered_json &parameters,
                                             const std::string &where = "recommender",
                                             std::shared_ptr<const Embeddings> embeddings = {});

/// Writes a fitted recommender to a folder that is not there yet: recommender.json (kind and parameters) and
/// state.safetensors. The folder appears whole or not at all. Throws Error where it is there or cannot be written.
void saveRecommender(const Recommender &model, const std::filesystem::path &folder);
/// Reads what saveRecommender wrote; the scores are the same to the bit. Throws InputError naming file and fact.
std::unique_ptr<Recommender> loadRecommender(const std::filesystem::path &folder);

} // namespace apiary::recsys
