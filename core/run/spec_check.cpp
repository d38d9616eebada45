#include "base/error.h"
#include "eval/metric.h"
#include "run/recommenders.h"
#include "run/spec_fields.h"

#include <algorithm>
#include <cmath>
#include <regex>
#include <sstream>

namespace apiary::run {

namespace {

using Json = nlohmann::ordered_json;

std::string plain(double value)
{
    std::ostringstream out;
    out.imbue(std::locale::classic());
    constexpr double exact = 9007199254740992; // 2^53: whole numbers up to it have all their digits
    out.precision(std::abs(value) <= exact && value == std::floor(value) ? 16 : 6);
    out << value;
    return out.str();
}

std::string shown(const Json &value)
{
    if (value.is_object())
        return "an object";
    if (value.is_array())
        return "a list";
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    constexpr std::size_t longest = 60;
    if (text.size() > longest)
        text = text.substr(0, longest) + "…";
    return text;
}

bool takes(const FieldInfo &field, const Json &value)
{
    if (field.type == "boolean")
        return value.is_boolean();
    if (field.type == "string")
        return value.is_string();
    if (field.type == "enum")
        return value.is_string() &&
               std::find(field.choices.begin(), field.choices.end(), value.get<std::string>()) != field.choices.end();
    if (!value.is_number())
        return false;
    const double number = value.get<double>();
    if (!std::isfinite(number) || (field.type == "integer" && number != std::floor(number)))
        return false;
    return field.minimum == field.maximum || (number >= field.minimum && number <= field.maximum);
}

} // namespace

std::string expectation(const FieldInfo &field)
{
    if (field.type == "boolean")
        return "true or false";
    if (field.type == "string")
        return "a text in quotes";
    if (field.type == "enum") {
        std::string out = field.choices.size() > 1 ? "one of " : "";
        for (std::size_t i = 0; i < field.choices.size(); ++i)
            out += (i ? ", \"" : "\"") + field.choices[i] + "\"";
        return out;
    }
    std::string out = field.type == "integer" ? "a whole number" : "a number";
    if (field.minimum != field.maximum)
        out += " from " + plain(field.minimum) + " to " + plain(field.maximum);
    return out;
}

void checkValue(const FieldInfo &field, const Json &value, const std::string &where)
{
    if (!takes(field, value))
        throw InputError("expected " + expectation(field) + ", not " + shown(value), where, field.help);
}

void checkSpec(const RunSpec &spec)
{
    for (const Binding &binding : bindings())
        checkValue(binding.info, binding.get(spec), binding.info.path);
    if (spec.scenario.testShare + spec.scenario.validationShare > 0.95)
        throw InputError("test and validation items leave too few to train on", "scenario.testShare",
                         "let scenario.testShare and scenario.validationShare add up to at most 0.95");
    if (spec.scenario.fold >= spec.scenario.folds)
        throw InputError("there is no fold " + std::to_string(spec.scenario.fold) + " of " +
                             std::to_string(spec.scenario.folds),
                         "scenario.fold", "folds are numbered from 0");
    try {
        eval::parseMetrics(spec.evaluation.metrics);
    } catch (const InputError &error) {
        throw InputError(error.problem(), "evaluation.metrics", error.remedy());
    }
    parseRecommenders(spec.evaluation.recommenders);
    static const std::regex device("auto|cpu|cuda(:[0-9]{1,3})?");
    if (!std::regex_match(spec.device, device))
        throw InputError("expected auto, cpu, cuda or cuda:N, not \"" + spec.device + "\"", "device", {});
}

} // namespace apiary::run
