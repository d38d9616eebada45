#include "recsys/sasrec_network.h"

#include "recsys/training.h"

#include "base/random.h"

#include <algorithm>
#include <cmath>

namespace apiary::recsys {

namespace {

constexpr double epsilon = 1e-8; // of layer normalisation, as in the publication

std::vector<float> vectorOf(const at::Tensor &tensor)
{
    const at::Tensor values = tensor.detach().to(at::kCPU).contiguous();
    return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
}

void normalise(PaddedMatrix &rows, std::int64_t count, std::int64_t width, const std::vector<float> &weight,
               const std::vector<float> &bias)
{
    for (std::int64_t r = 0; r < count; ++r) {
        float *row = rows.row(r);
        double mean = 0, square = 0;
        for (std::int64_t k = 0; k < width; ++k)
            mean += row[k];
        mean /= static_cast<double>(width);
        for (std::int64_t k = 0; k < width; ++k)
            square += (row[k] - mean) * (row[k] - mean);
        const double scale = 1 / std::sqrt(square / static_cast<double>(width) + epsilon);
        for (std::int64_t k = 0; k < width; ++k) {
            const auto i = static_cast<std::size_t>(k);
            row[k] = static_cast<float>((row[k] - mean) * scale) * weight[i] + bias[i];
        }
    }
}

void addRowsTo(PaddedMatrix &to, const PaddedMatrix &from, std::int64_t count)
{
    for (std::int64_t r = 0; r < count; ++r)
        for (std::int64_t k = 0; k < to.stride(); ++k)
            to.row(r)[k] += from.row(r)[k];
}

/// What dots() takes.
std::int64_t rowsFor(std::int64_t count)
{
    return (count + 3) / 4 * 4;
}

float product(const float *a, const float *b, std::int64_t width)
{
    constexpr std::int64_t lanes = 8;
    float sums[lanes] = {};
    std::int64_t k = 0;
    for (; k + lanes <= width; k += lanes)
        for (std::int64_t i = 0; i < lanes; ++i)
            sums[i] += a[k + i] * b[k + i];
    float total = 0;
    for (const float sum : sums)
        total += sum;
    for (; k < width; ++k)
        total += a[k] * b[k];
    return total;
}

} // namespace

SasRecWeights SasRecWeights::initial(const SasRecParameters &p, std::int64_t items)
{
    const auto seed = static_cast<std::uint64_t>(p.seed);
    const std::int64_t d = p.hiddenUnits;
    std::uint64_t drawn = 0;
    const auto square = [&] { return glorotTensor(d, d, mixKey(seed, 0, drawn++)); };
    SasRecWeights w;
    w.items = glorotTensor(items, d, mixKey(seed, 0, drawn++));
    w.positions = glorotTensor(p.maxLength, d, mixKey(seed, 0, drawn++));
    for (std::int64_t b = 0; b < p.blocks; ++b) {
        Block block;
        for (at::Tensor *norm : {&block.norm1, &block.norm2})
            *norm = at::ones({d});
        for (at::Tensor *bias : {&block.norm1Bias, &block.queryBias, &block.keyBias, &block.valueBias, &block.outBias,
                                 &block.norm2Bias, &block.innerBias, &block.outerBias})
            *bias = at::zeros({d});
        for (at::Tensor *weight : {&block.query, &block.key, &block.value, &block.out, &block.inner, &block.outer})
            *weight = square();
        w.blocks.push_back(std::move(block));
    }
    w.norm = at::ones({d});
    w.normBias = at::zeros({d});
    return w;
}

std::vector<std::pair<std::string, at::Tensor *>> SasRecWeights::named()
{
    std::vector<std::pair<std::string, at::Tensor *>> all{{"items", &items}, {"positions", &positions}};
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const std::string prefix = "blocks." + std::to_string(b) + ".";
        Block &block = blocks[b];
        const auto add = [&](const char *name, at::Tensor &weight, at::Tensor &bias) {
            all.emplace_back(prefix + name + ".weight", &weight);
            all.emplace_back(prefix + name + ".bias", &bias);
        };
        add("norm1", block.norm1, block.norm1Bias);
        add("query", block.query, block.queryBias);
        add("key", block.key, block.keyBias);
        add("value", block.value, block.valueBias);
        add("out", block.out, block.outBias);
        add("norm2", block.norm2, block.norm2Bias);
        add("inner", block.inner, block.innerBias);
        add("outer", block.outer, block.outerBias);
    }
    all.emplace_back("norm.weight", &norm);
    all.emplace_back("norm.bias", &normBias);
    return all;
}

at::Tensor sasRecStates(const SasRecWeights &w, const SasRecParameters &p, const at::Tensor &items, const KeepFn &keep)
{
    const std::int64_t batch = items.size(0), length = items.size(1), d = p.hiddenUnits, width = d / p.heads;
    const auto dropped = [&](const at::Tensor &x) { return keep ? x * keep(x.sizes()) : x; };
    const at::Tensor real = items.ge(0);
    const at::Tensor present = real.unsqueeze(2).to(at::kFloat);
    at::Tensor x = w.items.index_select(0, items.clamp_min(0).reshape({-1})).view({batch, length, d}) *
                       std::sqrt(static_cast<double>(d)) +
                   w.positions.narrow(0, p.maxLength - length, length);
    x = dropped(x) * present;
    // An item attends to itself and to those before it.
    const at::Tensor later = at::ones({length, length}, items.options().dtype(at::kBool)).triu(1);
    const at::Tensor hidden =
        later.view({1, 1, length, length}).logical_or(real.logical_not().view({batch, 1, 1, length}));
    const auto split = [&](const at::Tensor &t) { return t.view({batch, length, p.heads, width}).transpose(1, 2); };
    for (const SasRecWeights::Block &b : w.blocks) {
        const at::Tensor asked = at::layer_norm(x, {d}, b.norm1, b.norm1Bias, epsilon);
        const at::Tensor query = split(at::linear(asked, b.query, b.queryBias));
        const at::Tensor key = split(at::linear(x, b.key, b.keyBias));
        const at::Tensor value = split(at::linear(x, b.value, b.valueBias));
        const at::Tensor fits = query.matmul(key.transpose(2, 3)) / std::sqrt(static_cast<double>(width));
        const at::Tensor share = dropped(fits.masked_fill(hidden, -1e9).softmax(-1));
        const at::Tensor mixed = share.matmul(value).transpose(1, 2).reshape({batch, length, d});
        const at::Tensor middle =
            at::layer_norm(asked + at::linear(mixed, b.out, b.outBias), {d}, b.norm2, b.norm2Bias, epsilon);
        const at::Tensor inner = dropped(at::linear(middle, b.inner, b.innerBias)).relu();
        x = (middle + dropped(at::linear(inner, b.outer, b.outerBias))) * present;
    }
    return at::layer_norm(x, {d}, w.norm, w.normBias, epsilon);
}

SasRecScorer::SasRecScorer(SasRecWeights weights, const SasRecParameters &parameters)
    : m_weights(std::move(weights))
    , m_parameters(parameters)
    , m_items(padded(m_weights.items))
    , m_positions(padded(m_weights.positions))
    , m_norm(vectorOf(m_weights.norm))
    , m_normBias(vectorOf(m_weights.normBias))
{
    for (const SasRecWeights::Block &b : m_weights.blocks)
        m_layers.push_back({vectorOf(b.norm1),
                            vectorOf(b.norm1Bias),
                            vectorOf(b.norm2),
                            vectorOf(b.norm2Bias),
                            {b.query, b.queryBias},
                            {b.key, b.keyBias},
                            {b.value, b.valueBias},
                            {b.out, b.outBias},
                            {b.inner, b.innerBias},
                            {b.outer, b.outerBias}});
}

void SasRecScorer::lastState(std::span<const std::int32_t> sequence, float *state) const
{
    const std::int64_t d = m_parameters.hiddenUnits;
    const std::int64_t length = std::min(static_cast<std::int64_t>(sequence.size()), m_parameters.maxLength);
    sequence = sequence.last(static_cast<std::size_t>(length));
    const auto scale = static_cast<float>(std::sqrt(static_cast<double>(d)));
    PaddedMatrix x(rowsFor(length), d);
    for (std::int64_t t = 0; t < length; ++t) {
        const float *item = m_items.row(sequence[static_cast<std::size_t>(t)]);
        const float *position = m_positions.row(m_parameters.maxLength - length + t);
        for (std::int64_t k = 0; k < d; ++k)
            x.row(t)[k] = item[k] * scale + position[k];
    }
    std::int64_t count = length; // states in x: the last ones; of the last block only the very last is wanted
    for (std::size_t n = 0; n < m_layers.size(); ++n) {
        const Layers &layers = m_layers[n];
        count = n + 1 == m_layers.size() ? 1 : length;
        PaddedMatrix asked(rowsFor(count), d), mixed(rowsFor(count), d), added(rowsFor(count), d);
        std::copy_n(x.row(length - count), count * x.stride(), asked.row(0));
        normalise(asked, count, d, layers.norm1, layers.norm1Bias);
        attend(layers, length, count, asked, x, mixed);
        layers.out.apply(mixed, count, added);
        addRowsTo(asked, added, count);
        normalise(asked, count, d, layers.norm2, layers.norm2Bias);
        layers.inner.apply(asked, count, mixed);
        for (std::int64_t t = 0; t < count; ++t)
            for (std::int64_t k = 0; k < d; ++k)
                mixed.row(t)[k] = std::max(0.0F, mixed.row(t)[k]);
        layers.outer.apply(mixed, count, added);
        addRowsTo(added, asked, count);
        x = std::move(added);
    }
    normalise(x, count, d, m_norm, m_normBias);
    std::copy_n(x.row(count - 1), d, state);
}

void SasRecScorer::attend(const Layers &layers, std::int64_t length, std::int64_t count, const PaddedMatrix &queries,
                          const PaddedMatrix &states, PaddedMatrix &out) const
{
    const std::int64_t d = m_parameters.hiddenUnits, width = d / m_parameters.heads;
    PaddedMatrix query(queries.rows(), d), key(states.rows(), d), value(states.rows(), d);
    layers.query.apply(queries, count, query);
    layers.key.apply(states, length, key);
    layers.value.apply(states, length, value);
    const float scale = 1.0F / std::sqrt(static_cast<float>(width));
    std::vector<float> shares(static_cast<std::size_t>(length));
    out.setZero();
    for (std::int64_t head = 0; head < m_parameters.heads; ++head)
        for (std::int64_t t = 0; t < count; ++t) {
            const std::int64_t end = length - count + t + 1; // an item attends to itself and to those before it
            const float *asked = query.row(t) + head * width;
            float most = std::numeric_limits<float>::lowest(), total = 0;
            for (std::int64_t s = 0; s < end; ++s) {
                const float fit = product(asked, key.row(s) + head * width, width) * scale;
                shares[static_cast<std::size_t>(s)] = fit;
                most = std::max(most, fit);
            }
            for (std::int64_t s = 0; s < end; ++s)
                total += shares[static_cast<std::size_t>(s)] = std::exp(shares[static_cast<std::size_t>(s)] - most);
            for (std::int64_t s = 0; s < end; ++s) {
                const float share = shares[static_cast<std::size_t>(s)] / total;
                for (std::int64_t k = 0; k < width; ++k)
                    out.row(t)[head * width + k] += share * value.row(s)[head * width + k];
            }
        }
}

} // namespace apiary::recsys
