#include "run/recommenders.h"

#include "base/cancel.h"
#include "base/error.h"

#include <algorithm>

namespace apiary::run {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char *field = "evaluation.recommenders";
constexpr const char *example = "write them as \"popularity, ease, item-knn(K=50)\"";

std::string trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\n");
    return first == std::string_view::npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

/// Parts between commas that stand outside of parentheses.
std::vector<std::string> parts(std::string_view list)
{
    std::vector<std::string> result;
    int open = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        if (i < list.size() && list[i] == '(')
            ++open;
        else if (i < list.size() && list[i] == ')')
            --open;
        if (open < 0 || open > 1 || (i == list.size() && open != 0))
            throw InputError("the parentheses do not match: \"" + std::string(list) + "\"", field, example);
        if (i < list.size() && (list[i] != ',' || open > 0))
            continue;
        result.push_back(trimmed(list.substr(begin, i - begin)));
        begin = i + 1;
    }
    return result;
}

/// A number, true or false, or an object in braces; anything else is a text.
Json valueOf(const std::string &text)
{
    Json value = Json::parse(text, nullptr, false);
    return value.is_number() || value.is_boolean() || value.is_object() ? value : Json(text);
}

/// Where the next comma stands outside of braces, or the end.
std::size_t commaFrom(const std::string &text, std::size_t begin)
{
    int open = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        open += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        if (text[i] == ',' && open <= 0)
            return i;
    }
    return text.size();
}

Json readParameters(const std::string &text, const std::string &name)
{
    Json parameters = Json::object();
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = commaFrom(text, begin);
        const std::string one = text.substr(begin, end - begin);
        const auto equals = one.find('=');
        const std::string key = trimmed(one.substr(0, equals));
        if (equals == std::string::npos || key.empty() || parameters.contains(key))
            throw InputError("expected name=value once each, not \"" + trimmed(one) + "\" in \"" + name + "\"", field,
                             example);
        parameters[key] = valueOf(trimmed(one.substr(equals + 1)));
        begin = end + 1;
    }
    return parameters;
}

/// One spelling: the parameters that are given in the registry's order, their values as the registry writes them.
std::string canonical(const RecommenderChoice &choice)
{
    std::string list;
    for (const recsys::ParameterInfo &parameter : recsys::recommenderInfo(choice.kind).parameters)
        if (const auto found = choice.parameters.find(parameter.name); found != choice.parameters.end())
            list += (list.empty() ? "" : ", ") + parameter.name + "=" + recsys::shown(*found);
    return choice.kind + (list.empty() ? "" : "(" + list + ")");
}

RecommenderChoice choiceOf(const std::string &text)
{
    RecommenderChoice choice;
    choice.name = text;
    const auto open = text.find('(');
    choice.kind = trimmed(text.substr(0, open));
    if (open != std::string::npos) {
        if (text.back() != ')')
            throw InputError("nothing may stand behind the parenthesis: \"" + text + "\"", field, example);
        choice.parameters = readParameters(text.substr(open + 1, text.size() - open - 2), text);
    }
    const auto &all = recsys::recommenders();
    const bool embeds = std::any_of(all.begin(), all.end(), [&choice](const recsys::RecommenderInfo &info) {
        return info.kind == choice.kind && info.needsEmbeddings;
    });
    if (embeds && choice.parameters.contains("encoder"))
        throw InputError("there is no such parameter", std::string(field) + ", " + text + ", encoder",
                         "it takes the embeddings of encoder.folder; to test further encoders give "
                         "`apiary-cli evaluate` --encoder ENC for each, or add them on the Compare page");
    // Made once, so that a mistake shows before any work.
    recsys::makeRecommender(choice.kind, choice.parameters, std::string(field) + ", " + text,
                            std::make_shared<recsys::Embeddings>(1, 1));
    choice.name = canonical(choice);
    return choice;
}

bool hasSeed(const recsys::RecommenderInfo &info)
{
    return std::any_of(info.parameters.begin(), info.parameters.end(),
                       [](const recsys::ParameterInfo &parameter) { return parameter.name == "seed"; });
}

} // namespace

std::vector<RecommenderChoice> parseRecommenders(const std::string &list)
{
    std::vector<RecommenderChoice> choices;
    if (trimmed(list).empty())
        return choices;
    for (const std::string &text : parts(list)) {
        if (text.empty())
            throw InputError("there is a comma too many in \"" + list + "\"", field, example);
        RecommenderChoice choice = choiceOf(text);
        const bool twice =
            std::any_of(choices.begin(), choices.end(), [&](const auto &other) { return other.name == choice.name; });
        if (twice)
            throw InputError("\"" + choice.name + "\" stands there twice", field, "keep one of the two");
        choices.push_back(std::move(choice));
    }
    return choices;
}

bool needsTimes(const RecommenderChoice &choice)
{
    const auto ordered = [](const std::string &kind) { return recsys::recommenderInfo(kind).usesTimes; };
    const auto mixed = choice.parameters.find("cf");
    return ordered(choice.kind) || (mixed != choice.parameters.end() && ordered(mixed->get<std::string>()));
}

bool wantsFloor(const RunSpec &spec)
{
    const auto choices = parseRecommenders(spec.evaluation.recommenders);
    return spec.evaluation.random &&
           std::none_of(choices.begin(), choices.end(), [](const auto &choice) { return choice.name == "random"; });
}

Csr withTimes(const Csr &rows, std::span<const std::int32_t> users, const data::Interactions &interactions)
{
    Csr timed = rows;
    const CsrView all = interactions.csr;
    if (interactions.timestamps.size() != all.columns.size())
        return timed;
    timed.times.reserve(timed.columns.size());
    for (std::size_t i = 0; i < users.size(); ++i) {
        const auto from = all.row(users[i]);
        const auto first = static_cast<std::size_t>(all.offsets[static_cast<std::size_t>(users[i])]);
        std::size_t place = 0; // both ascend
        for (const std::int32_t item : rows.view().row(static_cast<std::int64_t>(i))) {
            while (from[place] != item)
                ++place;
            timed.times.push_back(interactions.timestamps[first + place]);
        }
    }
    return timed;
}

void fitRecommenders(const RunSpec &spec, const Inputs &inputs,
                     const std::shared_ptr<const recsys::Embeddings> &embeddings, const ProgressFn &progress,
                     const std::stop_token &stop,
                     const std::function<void(const recsys::Recommender &, const RecommenderChoice &)> &take)
{
    const std::vector<RecommenderChoice> choices = parseRecommenders(spec.evaluation.recommenders);
    if (choices.empty())
        return;
    const Csr training =
        withTimes(inputs.scenario.training, inputs.scenario.trainingUsers, inputs.dataset.interactions);
    for (const RecommenderChoice &choice : choices) {
        throwIfStopped(stop);
        nlohmann::ordered_json parameters = choice.parameters;
        if (hasSeed(recsys::recommenderInfo(choice.kind)) && !parameters.contains("seed"))
            parameters["seed"] = spec.seed;
        const auto model = recsys::makeRecommender(choice.kind, parameters, field, embeddings);
        model->fit(training, {threadCount(spec), "cpu", renamed(progress, "fitting " + choice.name, "steps"), stop});
        take(*model, choice);
    }
}

} // namespace apiary::run
