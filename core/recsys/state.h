#pragma once

#include "encoder/safetensors.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace apiary::recsys {

/// Gathers the tensors of a model. Those made of a vector borrow it until the file is written.
class StateWriter {
public:
    using Tensors = std::vector<std::pair<std::string, at::Tensor>>;

    explicit StateWriter(Tensors &tensors, std::string prefix = {}) : m_tensors(tensors), m_prefix(std::move(prefix)) {}
    void put(const std::string &name, at::Tensor tensor) { m_tensors.emplace_back(m_prefix + name, std::move(tensor)); }
    void put(const std::string &name, const std::vector<float> &values) { put(name, borrow(values, at::kFloat)); }
    void put(const std::string &name, const std::vector<std::int32_t> &values) { put(name, borrow(values, at::kInt)); }
    void put(const std::string &name, const std::vector<std::int64_t> &values) { put(name, borrow(values, at::kLong)); }
    /// The same file, every name behind `prefix` and a dot: for a model inside another.
    StateWriter inner(const std::string &prefix) const { return StateWriter(m_tensors, m_prefix + prefix + "."); }

private:
    template <typename Value>
    static at::Tensor borrow(const std::vector<Value> &values, at::ScalarType type)
    {
        return at::from_blob(const_cast<Value *>(values.data()), {static_cast<std::int64_t>(values.size())},
                             at::TensorOptions(type));
    }

    Tensors &m_tensors;
    std::string m_prefix;
};

/// Reads them again. Every size is checked against the file's header before memory is asked for; errors are InputErrors.
class StateReader {
public:
    explicit StateReader(const encoder::SafetensorsFile &file, std::string prefix = {})
        : m_file(file)
        , m_prefix(std::move(prefix))
    {
    }
    /// A float32 tensor with memory of its own, its values finite; a size of −1 in `shape` may be anything.
    at::Tensor floats(const std::string &name, std::vector<std::int64_t> shape) const;
    std::vector<float> floatVector(const std::string &name, std::int64_t size = -1) const;
    /// Whole numbers within [least, most].
    std::vector<std::int32_t> indices(const std::string &name, std::int64_t least, std::int64_t most,
                                      std::int64_t size = -1) const;
    /// The offsets of compressed rows: from 0, ascending, to `entries`.
    std::vector<std::int64_t> offsets(const std::string &name, std::int64_t entries) const;
    /// A single whole number within [least, most].
    std::int64_t number(const std::string &name, std::int64_t least, std::int64_t most) const;
    StateReader inner(const std::string &prefix) const { return StateReader(m_file, m_prefix + prefix + "."); }
    [[noreturn]] void fail(const std::string &what) const;

private:
    at::Tensor whole(const std::string &name, at::ScalarType type, std::int64_t size) const;

    const encoder::SafetensorsFile &m_file;
    std::string m_prefix;
};

} // namespace apiary::recsys
