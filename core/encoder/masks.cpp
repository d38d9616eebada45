#include "encoder/ops.h"

#include <ATen/core/grad_mode.h>
#include <limits>

namespace apiary::encoder {

namespace {

constexpr std::int64_t low32 = 0xFFFFFFFF;

// dropoutBits over int64 tensors that hold 32-bit values: the low half of a wrapped 64-bit product is the 32-bit one.
at::Tensor bits(const at::Tensor &low, const at::Tensor &high, const at::Tensor &counter)
{
    at::Tensor h = counter.mul(0x9E3779B1LL).add(low).bitwise_and_(low32);
    h = h.bitwise_xor(h.bitwise_right_shift(16)).mul_(0x21F0AAADLL).bitwise_and_(low32);
    h = h.bitwise_xor(h.bitwise_right_shift(15)).add(high).bitwise_and_(low32);
    h = h.bitwise_xor(h.bitwise_right_shift(16)).mul_(0x735A2D97LL).bitwise_and_(low32);
    return h.bitwise_xor(h.bitwise_right_shift(15));
}

struct KeyTensors {
    at::Tensor low;
    at::Tensor high;
};

KeyTensors keyTensors(const Mask &mask, at::Device device)
{
    std::vector<std::int64_t> low, high;
    for (const std::uint64_t key : mask.keys) {
        low.push_back(static_cast<std::int64_t>(key & low32));
        high.push_back(static_cast<std::int64_t>(key >> 32));
    }
    return {at::tensor(low, at::kLong).to(device), at::tensor(high, at::kLong).to(device)};
}

at::Tensor kept(const at::Tensor &mixed, const Mask &mask)
{
    return mixed.bitwise_right_shift(8).ge(mask.threshold()).to(at::kFloat).mul_(mask.keep());
}

} // namespace

at::Tensor PackedBatch::textOfToken() const
{
    at::Tensor lengths = at::empty({texts()}, at::kLong);
    auto *out = lengths.mutable_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < texts(); ++i)
        out[i] = length(i);
    return at::repeat_interleave(lengths).to(device);
}

at::Tensor PackedBatch::positionOfToken() const
{
    at::Tensor positions = at::empty({tokens()}, at::kLong);
    auto *out = positions.mutable_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < texts(); ++i)
        for (std::int64_t p = 0; p < length(i); ++p)
            out[begin(i) + p] = p;
    return positions.to(device);
}

at::Tensor hiddenMask(const PackedBatch &batch, const Mask &mask, std::int64_t width)
{
    const at::NoGradGuard noGrad;
    const KeyTensors keys = keyTensors(mask, batch.device);
    const at::Tensor text = batch.textOfToken();
    const at::Tensor channel = at::arange(width, at::TensorOptions(at::kLong).device(batch.device));
    const at::Tensor counter = batch.positionOfToken().mul(width).unsqueeze(1).add(channel).bitwise_and(low32);
    return kept(
        bits(keys.low.index_select(0, text).unsqueeze(1), keys.high.index_select(0, text).unsqueeze(1), counter), mask);
}

at::Tensor attentionMask(const PackedBatch &batch, const Mask &mask, std::int64_t heads)
{
    const at::NoGradGuard noGrad;
    const auto options = at::TensorOptions(at::kLong).device(batch.device);
    const KeyTensors keys = keyTensors(mask, batch.device);
    const at::Tensor head = at::arange(heads, options).bitwise_left_shift(26).view({heads, 1, 1});
    const at::Tensor query = at::arange(batch.longest, options).bitwise_left_shift(13).view({1, batch.longest, 1});
    const at::Tensor key = at::arange(batch.longest, options).view({1, 1, batch.longest});
    const at::Tensor counter = head.add(query).add(key).unsqueeze(0);
    const std::vector<std::int64_t> shape{batch.texts(), 1, 1, 1};
    return kept(bits(keys.low.view(shape), keys.high.view(shape), counter), mask);
}

} // namespace apiary::encoder
