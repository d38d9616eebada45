#include "encoder/architecture.h"

#include "base/error.h"
#include "encoder/bert.h"

namespace apiary::encoder {

namespace {

constexpr Architecture known[] = {
    {"bert", "bert.", bertSize, makeBert},
};

} // namespace

std::span<const Architecture> architectures()
{
    return known;
}

const Architecture &architecture(const std::string &modelType, const std::string &where)
{
    std::string names;
    for (const Architecture &one : known) {
        if (modelType == one.modelType)
            return one;
        names += (names.empty() ? "" : ", ") + std::string(one.modelType);
    }
    throw InputError("unknown architecture \"" + modelType + "\"", where, "this version reads: " + names);
}

} // namespace apiary::encoder
