#pragma once

#include "encoder/json_file.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <string>

namespace apiary::encoder {

/// Rotary position embedding (Su et al. 2021), the halves of a head turned against each other: with a, b the two halves
/// of a head's vector at a position, (a, b) becomes (a·cos − b·sin, b·cos + a·sin).
struct Rotary {
    at::Tensor cos; ///< float32 [positions, headWidth / 2]; undefined: no rotation
    at::Tensor sin;

    bool defined() const { return cos.defined(); }
};

/// Angles position · theta^(−2i / headWidth), in float32 throughout as transformers has them: at large positions the
/// rounding shows in the embeddings.
Rotary rotaryTable(std::int64_t headWidth, double theta, std::int64_t positions, at::Device device);

/// x [tokens, heads · headWidth] turned; position: int64 [tokens].
at::Tensor rotated(const at::Tensor &x, std::int64_t heads, const Rotary &rotary, const at::Tensor &position);

/// The base of the angles: rope_parameters.rope_theta, or rope_theta of older files, or `fallback`. Throws InputError
/// where the angles are to be scaled in a way that is unknown here.
double readRotaryTheta(const JsonFile &config, double fallback);
/// The same of an object that holds rope_theta and rope_type; `name` is where it stands, for messages.
double readRotaryParameters(const nlohmann::json &parameters, const std::string &name, double fallback);

} // namespace apiary::encoder
