#pragma once

#include "recsys/parameters.h"

namespace apiary::recsys {

struct ElsaParameters {
    std::int64_t dimensions = 256;
    double learningRate = 0.1;
    std::int64_t epochs = 20;
    std::int64_t batchSize = 128;
    bool shuffle = true;
    std::int64_t seed = 42;

    static std::vector<Parameter<ElsaParameters>> table();
};

/// An ELSA whose item embeddings start as given (items × dimensions, all items) in place of a draw.
std::unique_ptr<Recommender> elsaFrom(const ElsaParameters &parameters, Embeddings start);

} // namespace apiary::recsys
