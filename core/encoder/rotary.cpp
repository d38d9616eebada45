#include "encoder/rotary.h"

#include "base/error.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>

namespace apiary::encoder {

namespace {

constexpr double largestTheta = 1e12;

void refuseScaling(const JsonFile &file, const std::string &field)
{
    if (!file.has(field))
        return;
    const std::string type = file.string(field);
    if (type != "default")
        throw InputError("positions scaled by \"" + type + "\"", file.where(field),
                         "this version reads unscaled rotary positions; choose an encoder that has them");
}

} // namespace

Rotary rotaryTable(std::int64_t headWidth, double theta, std::int64_t positions, at::Device device)
{
    const at::NoGradGuard noGrad;
    const at::Tensor exponent = at::arange(0, headWidth, 2, at::kFloat) / headWidth;
    const at::Tensor frequency = at::pow(theta, exponent).reciprocal();
    const at::Tensor angle = at::arange(positions, at::kFloat).unsqueeze(1) * frequency;
    return {angle.cos().to(device), angle.sin().to(device)};
}

at::Tensor rotated(const at::Tensor &x, std::int64_t heads, const Rotary &rotary, const at::Tensor &position)
{
    const at::Tensor cos = rotary.cos.index_select(0, position).unsqueeze(1);
    const at::Tensor sin = rotary.sin.index_select(0, position).unsqueeze(1);
    const std::vector<at::Tensor> halves = x.view({x.size(0), heads, x.size(1) / heads}).chunk(2, -1);
    return at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1).view(x.sizes());
}

double readRotaryParameters(const nlohmann::json &parameters, const std::string &name, double fallback)
{
    if (!parameters.is_object())
        throw InputError("expected a JSON object", name, "download the encoder's folder again");
    const JsonFile file = JsonFile::of(parameters, name);
    refuseScaling(file, "rope_type");
    refuseScaling(file, "type");
    if (file.number("partial_rotary_factor", 0, 1, 1) != 1)
        throw InputError("only a part of each head is rotated", file.where("partial_rotary_factor"),
                         "this version reads encoders that rotate whole heads");
    return file.number("rope_theta", 1, largestTheta, fallback);
}

double readRotaryTheta(const JsonFile &config, double fallback)
{
    const double theta = config.number("rope_theta", 1, largestTheta, fallback);
    for (const char *field : {"rope_parameters", "rope_scaling"})
        if (config.has(field))
            return readRotaryParameters(config.root().at(field), config.where(field), theta);
    return theta;
}

} // namespace apiary::encoder
