#include "encoder/head.h"

namespace apiary::encoder {

namespace {

/// Which rows count, and each row's place: all of them but a prompt's at the front.
struct Rows {
    at::Tensor kept;                       ///< int64: rows of the states; undefined where all are
    at::Tensor text;                       ///< int64: each kept row's text
    at::Tensor position;                   ///< int64: and its place in it
    at::Tensor lengths;                    ///< float32 [texts, 1]: kept rows a text
    std::vector<std::int64_t> first, last; ///< rows of the states
    std::int64_t skip = 0;
};

Rows rowsOf(const PackedBatch &batch, std::int64_t skip)
{
    Rows rows;
    rows.skip = skip;
    rows.text = batch.textOfToken();
    rows.position = batch.positionOfToken();
    at::Tensor lengths = at::empty({batch.texts(), 1}, at::kFloat);
    for (std::int64_t i = 0; i < batch.texts(); ++i) {
        const std::int64_t kept = std::max<std::int64_t>(batch.length(i) - skip, 0);
        lengths.mutable_data_ptr<float>()[i] = static_cast<float>(kept);
        rows.first.push_back(batch.begin(i) + (kept > 0 ? skip : 0));
        rows.last.push_back(batch.begin(i + 1) - 1);
    }
    rows.lengths = lengths.to(batch.device);
    if (skip > 0) {
        rows.kept = rows.position.ge(skip).nonzero().squeeze(1);
        rows.text = rows.text.index_select(0, rows.kept);
        rows.position = rows.position.index_select(0, rows.kept);
    }
    return rows;
}

at::Tensor rowsAt(const at::Tensor &states, const std::vector<std::int64_t> &which)
{
    return states.index_select(0, at::tensor(which, at::kLong).to(states.device()));
}

at::Tensor sums(const PackedBatch &batch, const Rows &rows, const at::Tensor &x)
{
    return at::zeros({batch.texts(), x.size(1)}, x.options()).index_add(0, rows.text, x);
}

/// As sentence-transformers 6.2 defines the modes; a text whose rows are all a prompt's has a mean of zero.
at::Tensor pooled(const PackedBatch &batch, const Rows &rows, const at::Tensor &states, Pooling mode)
{
    const at::Tensor kept = rows.kept.defined() ? states.index_select(0, rows.kept) : states;
    switch (mode) {
    case Pooling::Cls:
        return rowsAt(states, rows.first);
    case Pooling::LastToken:
        return rowsAt(states, rows.last);
    case Pooling::Max: {
        std::vector<at::Tensor> largest;
        for (std::int64_t i = 0; i < batch.texts(); ++i) {
            const std::int64_t skip = std::min(rows.skip, batch.length(i) - 1);
            largest.push_back(states.narrow(0, batch.begin(i) + skip, batch.length(i) - skip).amax(0));
        }
        return at::stack(largest);
    }
    case Pooling::Mean:
        return sums(batch, rows, kept) / rows.lengths.clamp_min(1e-9);
    case Pooling::MeanSqrtLength:
        return sums(batch, rows, kept) / rows.lengths.clamp_min(1e-9).sqrt();
    case Pooling::WeightedMean: {
        const at::Tensor weights = rows.position.add(1).to(at::kFloat).unsqueeze(1);
        return sums(batch, rows, kept * weights) / sums(batch, rows, weights).clamp_min(1e-9);
    }
    }
    return {};
}

at::Tensor activated(const at::Tensor &x, DenseActivation activation)
{
    switch (activation) {
    case DenseActivation::Tanh:
        return at::tanh(x);
    case DenseActivation::Relu:
        return at::relu(x);
    case DenseActivation::Gelu:
        return at::gelu(x);
    case DenseActivation::Silu:
        return at::silu(x);
    case DenseActivation::Sigmoid:
        return at::sigmoid(x);
    case DenseActivation::Identity:
        break;
    }
    return x;
}

} // namespace

Head::Head(const std::vector<Module> &modules, const WeightSource &weights) : m_modules(modules), m_parameters(weights)
{
    for (const Module &module : modules) {
        const std::string prefix = module.path.generic_string() + "/";
        Weights own;
        if (module.kind == Module::Kind::Dense) {
            own.linear = *m_parameters.linear(prefix + "linear", module.in, module.out, module.bias);
            if (module.residual && module.in != module.out)
                own.residual = *m_parameters.linear(prefix + "residual", module.in, module.out, false);
        } else if (module.kind == Module::Kind::LayerNorm) {
            own.norm = m_parameters.norm(prefix + "norm", module.in);
        }
        m_weights.push_back(std::move(own));
    }
}

at::Tensor Head::apply(const Module &module, const Weights &weights, const at::Tensor &x) const
{
    switch (module.kind) {
    case Module::Kind::Dense: {
        at::Tensor y = activated(at::linear(x, weights.linear.weight, weights.linear.bias), module.activation);
        if (module.residual)
            y = y + (weights.residual.weight.defined() ? at::linear(x, weights.residual.weight) : x);
        return y;
    }
    case Module::Kind::LayerNorm:
        return at::layer_norm(x, {x.size(1)}, weights.norm.weight, weights.norm.bias);
    case Module::Kind::Normalize:
        // As torch.nn.functional.normalize: the norm is at least 1e-12.
        return x / x.norm(2, {1}, true).clamp_min(1e-12);
    case Module::Kind::Truncate:
        return x.narrow(1, 0, module.out);
    case Module::Kind::Pooling:
        break;
    }
    return x;
}

at::Tensor Head::embeddings(const Pass &pass, const at::Tensor &states) const
{
    const Module &pooling = m_modules.front();
    const Rows rows = rowsOf(*pass.batch, pooling.includePrompt ? 0 : pass.tokens.promptTokens);
    std::vector<at::Tensor> parts;
    for (const Pooling mode : pooling.modes)
        parts.push_back(pooled(*pass.batch, rows, states, mode));
    at::Tensor x = parts.size() == 1 ? parts.front() : at::cat(parts, 1);
    for (std::size_t i = 1; i < m_modules.size(); ++i)
        x = apply(m_modules[i], m_weights[i], x);
    return x;
}

} // namespace apiary::encoder
