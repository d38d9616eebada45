#pragma once

#include "recsys/dense_layer.h"
#include "recsys/parameters.h"

#include <ATen/ATen.h>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace apiary::recsys {

struct SasRecParameters {
    std::int64_t hiddenUnits = 50;
    std::int64_t maxLength = 50;
    std::int64_t blocks = 2;
    std::int64_t heads = 1;
    double dropoutRate = 0.5;
    double learningRate = 0.001;
    std::int64_t batchSize = 128;
    std::int64_t epochs = 201;
    std::int64_t seed = 42;

    static std::vector<Parameter<SasRecParameters>> table();
};

/// The weights of self-attentive sequential recommendation (Kang and McAuley, ICDM 2018).
struct SasRecWeights {
    struct Block {
        at::Tensor norm1, norm1Bias, query, queryBias, key, keyBias, value, valueBias, out, outBias;
        at::Tensor norm2, norm2Bias, inner, innerBias, outer, outerBias;
    };
    at::Tensor items;     ///< [seen, d]
    at::Tensor positions; ///< [maxLength, d]; the last is that of a sequence's last item
    std::vector<Block> blocks;
    at::Tensor norm, normBias;

    static SasRecWeights initial(const SasRecParameters &parameters, std::int64_t items);
    std::vector<std::pair<std::string, at::Tensor *>> named();
};

/// Gives the factor that dropout multiplies a tensor of this shape by, site after site.
using KeepFn = std::function<at::Tensor(at::IntArrayRef shape)>;

/// States of left-padded sequences. items: [batch, length], places of items, −1 where padded; returns
/// [batch, length, d]. With gradients; `keep` may be empty.
at::Tensor sasRecStates(const SasRecWeights &weights, const SasRecParameters &parameters, const at::Tensor &items,
                        const KeepFn &keep);

/// The same network for scoring one sequence at a time: its state follows from the sequence alone, bit by bit.
class SasRecScorer {
public:
    SasRecScorer(SasRecWeights weights, const SasRecParameters &parameters);
    /// The state after the last of `sequence` (places of items, oldest first, at least one; the last maxLength count).
    void lastState(std::span<const std::int32_t> sequence, float *state) const;
    const PaddedMatrix &items() const { return m_items; }
    SasRecWeights &weights() { return m_weights; }
    const SasRecWeights &weights() const { return m_weights; }

private:
    struct Layers {
        std::vector<float> norm1, norm1Bias, norm2, norm2Bias;
        DenseLayer query, key, value, out, inner, outer;
    };
    /// The last `count` of `length` states attend to those up to each; queries and out have a row for each of them.
    void attend(const Layers &layers, std::int64_t length, std::int64_t count, const PaddedMatrix &queries,
                const PaddedMatrix &states, PaddedMatrix &out) const;

    SasRecWeights m_weights;
    SasRecParameters m_parameters;
    PaddedMatrix m_items;
    PaddedMatrix m_positions;
    std::vector<Layers> m_layers;
    std::vector<float> m_norm, m_normBias;
};

} // namespace apiary::recsys
