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

LinearPtr ParameterList::joined(const std::vector<LinearPtr> &parts)
{
    std::vector<at::Tensor> weights, biases;
    for (const LinearPtr &part : parts) {
        weights.push_back(part->weight);
        if (part->bias.defined())
            biases.push_back(part->bias);
    }
    auto result = std::make_shared<Linear>();
    result->weight = at::cat(weights);
    if (!biases.empty())
        result->bias = at::cat(biases);
    std::int64_t row = 0;
    for (const LinearPtr &part : parts) {
        const std::int64_t rows = part->weight.size(0);
        part->weight.set_data(result->weight.narrow(0, row, rows));
        if (part->bias.defined())
            part->bias.set_data(result->bias.narrow(0, row, rows));
        row += rows;
        std::erase(m_linears, part);
    }
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
