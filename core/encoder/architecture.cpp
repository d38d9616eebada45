#include "encoder/architecture.h"

#include "base/error.h"
#include "encoder/bert.h"
#include "encoder/bodies.h"

namespace apiary::encoder {

namespace {

constexpr Architecture known[] = {
    {"bert", "bert.", bertSize, makeBert},
    {"mpnet", "mpnet.", mpnetSize, makeMpnet},
    {"xlm-roberta", "roberta.", robertaSize, makeRoberta},
    {"roberta", "roberta.", robertaSize, makeRoberta},
    {"camembert", "roberta.", robertaSize, makeRoberta},
    {"distilbert", "distilbert.", distilbertSize, makeDistilbert},
    {"nomic_bert", "nomic_bert.", nomicBertSize, makeNomicBert},
    {"modernbert", "model.", modernBertSize, makeModernBert},
    {"qwen3", "model.", qwen3Size, makeQwen3},
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
