#pragma once

#include "recsys/fitting.h"
#include "recsys/parameters.h"

#include <ATen/ATen.h>
#include <vector>

namespace apiary::recsys {

struct HeaterParameters {
    std::int64_t rank = 200;
    std::int64_t experts = 5;
    double dropout = 0.5;
    std::int64_t negatives = 5;
    double learningRate = 0.005;
    double alpha = 1e-4;
    double reg = 1e-4;
    std::int64_t batchSize = 1024;
    std::int64_t epochs = 100;
    double cfAlpha = 10;
    double cfRegularization = 1;
    std::int64_t seed = 42;

    static std::vector<Parameter<HeaterParameters>> table();
};

/// A layer with batch normalisation and tanh, then a linear one: what a user's and an item's vector pass through.
struct HeaterTower {
    at::Tensor inner, innerBias, scale, shift, outer, outerBias;
    at::Tensor mean, variance; ///< of the batches; no leaves

    static HeaterTower initial(std::int64_t rank, std::uint64_t key);
    std::vector<at::Tensor *> leaves() { return {&inner, &innerBias, &scale, &shift, &outer, &outerBias}; }
    at::Tensor penalty() const;
    /// [n, rank] → [n, rank]
    at::Tensor operator()(const at::Tensor &x, bool training) const;
};

struct HeaterNetwork {
    at::Tensor gate, gateBias;       ///< [experts, content], [experts]
    at::Tensor experts, expertsBias; ///< [experts · rank, content], [experts · rank]
    HeaterTower user, item;

    static HeaterNetwork initial(const HeaterParameters &parameters, std::int64_t content);
    std::vector<at::Tensor *> leaves();
    std::vector<at::Tensor *> all(); ///< and the batches' means and variances
    /// Items' embeddings [n, content] as their vectors [n, rank]: a mixture of experts.
    at::Tensor transformed(const at::Tensor &content) const;
    at::Tensor penalty() const;
};

/// What Heater learns from, scaled: vectors of users [users, rank] and items [items, rank], and the items' embeddings
/// [items, content].
struct HeaterInputs {
    at::Tensor users, items, content;
};

/// Trains on every interaction and on pairs without one, drawn anew each epoch from items that somebody had. The network
/// and the inputs are on one device. Throws Cancelled.
void trainHeater(HeaterNetwork &network, const HeaterParameters &parameters, const HeaterInputs &inputs,
                 const CsrView &interactions, const SeenItems &seen, const FitContext &context);

} // namespace apiary::recsys
