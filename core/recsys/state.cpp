#include "recsys/state.h"

#include "base/error.h"

namespace apiary::recsys {

void StateReader::fail(const std::string &what) const
{
    throw InputError(what, m_file.path().string(), "fit and save the recommender again");
}

at::Tensor StateReader::floats(const std::string &name, std::vector<std::int64_t> shape) const
{
    const std::vector<std::int64_t> found = m_file.info(m_prefix + name).shape;
    bool same = found.size() == shape.size();
    for (std::size_t i = 0; same && i < shape.size(); ++i)
        same = shape[i] < 0 || shape[i] == found[i];
    if (!same)
        fail("the tensor \"" + m_prefix + name + "\" has the shape " + encoder::shapeText(found) + ", not " +
             encoder::shapeText(shape));
    at::Tensor tensor = m_file.floatTensor(m_prefix + name);
    if (!at::isfinite(tensor).all().item<bool>())
        fail("the tensor \"" + m_prefix + name + "\" holds a value that is not finite");
    return tensor;
}

std::vector<float> StateReader::floatVector(const std::string &name, std::int64_t size) const
{
    const at::Tensor tensor = floats(name, {size});
    const float *values = tensor.const_data_ptr<float>();
    return {values, values + tensor.numel()};
}

at::Tensor StateReader::whole(const std::string &name, at::ScalarType type, std::int64_t size) const
{
    const at::Tensor tensor = m_file.tensor(m_prefix + name);
    if (tensor.scalar_type() != type || tensor.dim() != 1 || (size >= 0 && tensor.numel() != size))
        fail("the tensor \"" + m_prefix + name + "\" is no list of " +
             (size >= 0 ? std::to_string(size) + " " : std::string()) + "whole numbers");
    return tensor;
}

std::vector<std::int32_t> StateReader::indices(const std::string &name, std::int64_t least, std::int64_t most,
                                               std::int64_t size) const
{
    const at::Tensor tensor = whole(name, at::kInt, size);
    const auto *values = tensor.const_data_ptr<std::int32_t>();
    std::vector<std::int32_t> result(values, values + tensor.numel());
    for (const std::int32_t value : result)
        if (value < least || value > most)
            fail("the tensor \"" + m_prefix + name + "\" holds " + std::to_string(value) + ", allowed are " +
                 std::to_string(least) + " to " + std::to_string(most));
    return result;
}

std::vector<std::int64_t> StateReader::offsets(const std::string &name, std::int64_t entries) const
{
    const at::Tensor tensor = whole(name, at::kLong, -1);
    const auto *values = tensor.const_data_ptr<std::int64_t>();
    std::vector<std::int64_t> result(values, values + tensor.numel());
    bool good = !result.empty() && result.front() == 0 && result.back() == entries;
    for (std::size_t i = 1; good && i < result.size(); ++i)
        good = result[i - 1] <= result[i];
    if (!good)
        fail("the tensor \"" + m_prefix + name + "\" does not divide " + std::to_string(entries) +
             " entries into rows");
    return result;
}

std::int64_t StateReader::number(const std::string &name, std::int64_t least, std::int64_t most) const
{
    const std::int64_t value = whole(name, at::kLong, 1).item<std::int64_t>();
    if (value < least || value > most)
        fail("\"" + m_prefix + name + "\" is " + std::to_string(value) + ", allowed are " + std::to_string(least) +
             " to " + std::to_string(most));
    return value;
}

} // namespace apiary::recsys
