#include "recsys/parameters.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace apiary::recsys {

namespace {

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string expectation(const ParameterInfo &info)
{
    if (info.type == "boolean")
        return "true or false";
    if (info.type == "enum")
        return "one of " + joined(info.choices);
    if (info.type == "object")
        return "an object in braces";
    std::ostringstream text;
    text.precision(16);
    text << (info.type == "integer" ? "a whole number" : "a number") << " from " << info.minimum << " to "
         << info.maximum;
    return text.str();
}

bool fits(const ParameterInfo &info, const Json &value)
{
    if (info.type == "boolean")
        return value.is_boolean();
    if (info.type == "object")
        return value.is_object();
    if (info.type == "enum")
        return value.is_string() &&
               std::find(info.choices.begin(), info.choices.end(), value.get<std::string>()) != info.choices.end();
    if (!(info.type == "integer" ? value.is_number_integer() : value.is_number()))
        return false;
    const double number = value.get<double>();
    return number >= info.minimum && number <= info.maximum;
}

} // namespace

void checkParameters(const std::vector<ParameterInfo> &infos, const Json &values, const std::string &where)
{
    if (!values.is_object())
        throw InputError("expected an object with parameters", where, "write {} to take every default");
    for (const auto &[name, value] : values.items()) {
        const auto info =
            std::find_if(infos.begin(), infos.end(), [&](const ParameterInfo &i) { return i.name == name; });
        const std::string place = where + ", " + name;
        if (info == infos.end()) {
            std::vector<std::string> known;
            for (const ParameterInfo &each : infos)
                known.push_back(each.name);
            throw InputError("there is no such parameter", place,
                             known.empty() ? "this recommender has none" : "there are " + joined(known));
        }
        if (!fits(*info, value))
            throw InputError(value.dump() + " is not " + expectation(*info), place, info->help);
    }
}

} // namespace apiary::recsys
