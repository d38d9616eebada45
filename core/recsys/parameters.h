#pragma once

#include "recsys/registry.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace apiary::recsys {

using Json = nlohmann::ordered_json;
using SharedEmbeddings = std::shared_ptr<const Embeddings>;

/// A parameter joined to its place in the struct P that holds a recommender's hyperparameters. P::table() lists them.
template <typename P>
struct Parameter {
    ParameterInfo info;
    std::function<Json(const P &)> get;
    std::function<void(P &, const Json &)> set; ///< the value has passed checkParameters
};

template <typename P, typename Value>
Parameter<P> parameter(Value P::*member, ParameterInfo info)
{
    return {std::move(info), [member](const P &p) { return Json(p.*member); },
            [member](P &p, const Json &value) { p.*member = value.get<Value>(); }};
}

template <typename P>
Parameter<P> whole(std::string name, std::int64_t P::*member, double least, double most, std::string help)
{
    return parameter(member, {std::move(name), "integer", std::move(help), least, most});
}
template <typename P>
Parameter<P> number(std::string name, double P::*member, double least, double most, std::string help)
{
    return parameter(member, {std::move(name), "number", std::move(help), least, most});
}
template <typename P>
Parameter<P> flag(std::string name, bool P::*member, std::string help)
{
    return parameter(member, {std::move(name), "boolean", std::move(help)});
}
template <typename P>
Parameter<P> choice(std::string name, std::string P::*member, std::vector<std::string> choices, std::string help)
{
    return parameter(member, {std::move(name), "enum", std::move(help), 0, 0, std::move(choices)});
}

/// What decides all draws of a recommender; every one that has any calls it so.
template <typename P>
Parameter<P> seedParameter(std::int64_t P::*member)
{
    return whole("seed", member, 0, 9007199254740991.0, "Decides everything random.");
}

/// Throws InputError unless `values` is an object whose fields are among `infos`, of their types and within their bounds.
/// `defaults` has a value for each of `infos`, for the messages.
void checkParameters(const std::vector<ParameterInfo> &infos, const Json &defaults, const Json &values,
                     const std::string &where);

template <typename P>
std::vector<ParameterInfo> parameterInfos()
{
    std::vector<ParameterInfo> infos;
    for (const auto &each : P::table())
        infos.push_back(each.info);
    return infos;
}

template <typename P>
Json toJson(const P &parameters)
{
    Json result = Json::object();
    for (const auto &each : P::table())
        result[each.info.name] = each.get(parameters);
    return result;
}

template <typename P>
P readParameters(const Json &values, const std::string &where)
{
    P result;
    checkParameters(parameterInfos<P>(), toJson(result), values, where);
    for (const auto &each : P::table())
        if (const auto value = values.find(each.info.name); value != values.end())
            each.set(result, *value);
    return result;
}

/// A row of the table in registry.cpp. `make` may get no embeddings when a saved model is about to be read.
struct Kind {
    RecommenderInfo info;
    Json defaults;
    std::function<std::unique_ptr<Recommender>(const Json &values, const std::string &where, SharedEmbeddings)> make;
};

/// `build` is called with checked parameters; as it likes, with the embeddings and the place to name in errors too.
template <typename P, typename Build>
Kind kindOf(RecommenderInfo info, Build build)
{
    info.parameters = parameterInfos<P>();
    return {std::move(info), toJson(P()),
            [build](const Json &values, const std::string &where,
                    SharedEmbeddings embeddings) -> std::unique_ptr<Recommender> {
                if constexpr (std::is_invocable_v<Build, P, SharedEmbeddings, std::string>)
                    return build(readParameters<P>(values, where), std::move(embeddings), where);
                else if constexpr (std::is_invocable_v<Build, P, SharedEmbeddings>)
                    return build(readParameters<P>(values, where), std::move(embeddings));
                else
                    return build(readParameters<P>(values, where));
            }};
}

} // namespace apiary::recsys
