#include "recsys/parameters.h"

#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <locale>
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

/// As short as it can be and still exact: 0.1, 300, 1e-09.
std::string plain(double value)
{
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text.precision(16);
    text << value;
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

std::string expectation(const ParameterInfo &info)
{
    if (info.type == "boolean")
        return "true or false";
    if (info.type == "enum")
        return "one of " + joined(info.choices);
    if (info.type == "object")
        return "an object in braces";
    return (info.type == "integer" ? "a whole number from " : "a number from ") + plain(info.minimum) + " to " +
           plain(info.maximum);
}

std::string shown(const Json &value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number_float() ? plain(value.get<double>()) : value.dump();
}

void checkParameters(const std::vector<ParameterInfo> &infos, const Json &defaults, const Json &values,
                     const std::string &where)
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
                known.push_back(each.name + "=" + shown(defaults.at(each.name)));
            throw InputError("there is no such parameter", place,
                             known.empty() ? "this recommender has none" : "known: " + joined(known));
        }
        if (!fits(*info, value))
            throw InputError(value.dump() + " is not " + expectation(*info), place,
                             info->help + " The default is " + shown(defaults.at(info->name)) + ".");
    }
}

} // namespace apiary::recsys
