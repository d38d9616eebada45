#pragma once

#include "base/error.h"
#include "data/strings.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace apiary::data {

template <typename Value, std::size_t count>
using Names = std::array<std::pair<Value, const char *>, count>;

/// The name of a value in a list of values and their names.
template <typename Value, std::size_t count>
std::string nameIn(const Names<Value, count> &list, Value value)
{
    for (const auto &[known, name] : list)
        if (known == value)
            return name;
    return {};
}

/// The value of that name. Throws InputError that lists the names, with `field` as its place.
template <typename Value, std::size_t count>
Value valueIn(const Names<Value, count> &list, const std::string &name, const std::string &field)
{
    std::vector<std::string> names;
    for (const auto &[value, known] : list) {
        if (name == known)
            return value;
        names.emplace_back(known);
    }
    throw InputError("\"" + name + "\" is not known", field, "give one of: " + listed(names));
}

} // namespace apiary::data
