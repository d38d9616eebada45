#include "encoder/parameters.h"

namespace apiary::encoder {

at::Tensor ParameterList::tensor(const std::string &name, at::IntArrayRef shape)
{
    m_all.push_back({name, m_source->get(name, shape)});
    return m_all.back().value;
}

LinearPtr ParameterList::linear(const std::string &name, std::int64_t in, std::int64_t out, bool hasBias)
{
    auto result = std::make_shared<Linear>();
    result->weight = tensor(name + ".weight", {out, in});
    if (hasBias)
        result->bias = tensor(name + ".bias", {out});
    m_linears.push_back(result);
    return result;
}

Norm ParameterList::norm(const std::string &name, std::int64_t width, bool hasBias)
{
    Norm result;
    result.weight = tensor(name + ".weight", {width});
    if (hasBias)
        result.bias = tensor(name + ".bias", {width});
    return result;
}

} // namespace apiary::encoder
