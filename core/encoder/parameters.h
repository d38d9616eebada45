#pragma once

#include "encoder/transformer.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace apiary::encoder {

/// Where a network takes its weights from when it is made.
struct WeightSource {
    /// The weight of a name in the checkpoint: a float32 tensor of its own memory with exactly this shape; throws
    /// InputError otherwise.
    std::function<at::Tensor(const std::string &name, at::IntArrayRef shape)> get;
    /// Whether the checkpoint has it: for architectures that are stored under more than one set of names.
    std::function<bool(const std::string &name)> has;
};

struct QuantizedLinear; // quantized_linear.h
class PackedMatrix;     // packed_matrix.h

/// Weights of x·Wᵀ + b. The tensors share their data with the parameter list, whatever device that is moved to.
struct Linear {
    at::Tensor weight;                                ///< [out, in]
    at::Tensor bias;                                  ///< [out], or undefined
    std::shared_ptr<const QuantizedLinear> quantized; ///< takes the weights' place in approximate encoding
    std::shared_ptr<const PackedMatrix> packed;       ///< the weight once more, arranged for many products

    /// Whether `part` still is the front of this one, as ParameterList::joined made it: not after a move to a device.
    bool beginsWith(const Linear &part) const { return weight.const_data_ptr() == part.weight.const_data_ptr(); }
};
using LinearPtr = std::shared_ptr<Linear>;

/// Scale and shift of a normalisation.
struct Norm {
    at::Tensor weight; ///< [width]
    at::Tensor bias;   ///< [width], or undefined
};

/// The weights of a network, in the order in which it declares them.
class ParameterList {
public:
    explicit ParameterList(const WeightSource &source) : m_source(&source) {}

    at::Tensor tensor(const std::string &name, at::IntArrayRef shape);
    /// NAME.weight [out, in] and, where it has one, NAME.bias [out].
    LinearPtr linear(const std::string &name, std::int64_t in, std::int64_t out, bool hasBias = true);
    /// NAME.weight [width] and, where it has one, NAME.bias [width].
    Norm norm(const std::string &name, std::int64_t width, bool hasBias = true);
    /// Puts linears of the same input into one memory, one after the other, and gives them as one: for evaluation mode,
    /// where one product is quicker than several. The parts stay what they were; what changes them changes it.
    LinearPtr joined(const std::vector<LinearPtr> &parts);
    bool available(const std::string &name) const { return m_source->has && m_source->has(name); }

    std::vector<Parameter> &all() { return m_all; }
    const std::vector<Parameter> &all() const { return m_all; }
    /// Every matrix that multiplies token rows, once: those that are joined as one.
    const std::vector<LinearPtr> &linears() const { return m_linears; }

private:
    const WeightSource *m_source; ///< borrowed while the network is made
    std::vector<Parameter> m_all;
    std::vector<LinearPtr> m_linears;
};

} // namespace apiary::encoder
