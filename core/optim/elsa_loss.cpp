#include "optim/elsa_loss.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <vector>

namespace apiary::optim {

namespace {

constexpr double smallestNorm = 1e-12;
constexpr std::int64_t scoresABlock = 1 << 22;

// A block of users as index tensors: entry e is item column[e] of the block's row row[e].
struct Block {
    at::Tensor row;
    at::Tensor column;
    at::Tensor degree; ///< entries a row, float32
};

Block blockOf(const CsrView &users, std::int64_t first, std::int64_t count, at::Device device)
{
    const auto begin = users.offsets[static_cast<std::size_t>(first)];
    const auto end = users.offsets[static_cast<std::size_t>(first + count)];
    at::Tensor row = at::empty({end - begin}, at::kLong), column = at::empty({end - begin}, at::kLong);
    at::Tensor degree = at::empty({count}, at::kFloat);
    std::int64_t e = 0;
    for (std::int64_t r = 0; r < count; ++r) {
        const auto items = users.row(first + r);
        for (const std::int32_t item : items) {
            row.mutable_data_ptr<std::int64_t>()[e] = r;
            column.mutable_data_ptr<std::int64_t>()[e++] = item;
        }
        degree.mutable_data_ptr<float>()[r] = static_cast<float>(items.size());
    }
    return {row.to(device), column.to(device), degree.to(device)};
}

} // namespace

LossAndGradient elsaNmse(const at::Tensor &embeddings, const CsrView &users, const at::Tensor &multiplicity,
                         const std::function<void()> &poll, bool rectify)
{
    const at::NoGradGuard noGrad;
    const std::int64_t items = embeddings.size(0);
    const at::Tensor weights = multiplicity.defined() ? multiplicity.to(embeddings.device()) : at::Tensor();
    const double columns = weights.defined() ? weights.sum().item<double>() : static_cast<double>(items);
    const double scale = 1.0 / (static_cast<double>(users.rows) * columns);

    const at::Tensor norms = embeddings.norm(2, {1}, true).clamp_min(smallestNorm);
    const at::Tensor unit = embeddings / norms;
    at::Tensor dUnit = at::zeros_like(unit);
    double loss = 0;
    const std::int64_t blockRows = std::clamp<std::int64_t>(scoresABlock / items, 1, users.rows);
    for (std::int64_t first = 0; first < users.rows; first += blockRows) {
        if (poll)
            poll();
        const Block block = blockOf(users, first, std::min(blockRows, users.rows - first), embeddings.device());
        const std::int64_t rows = block.degree.size(0);
        // x·U_pos, a sparse product, then scores minus y.
        const at::Tensor taste = at::zeros({rows, unit.size(1)}, unit.options())
                                     .index_add_(0, block.row, unit.index_select(0, block.column));
        at::Tensor scores = taste.mm(unit.t());
        const at::Tensor entry = block.row * items + block.column;
        scores.view(-1).index_add_(0, entry, at::full({entry.size(0)}, -1.0F, unit.options()));
        at::Tensor predicted = rectify ? scores.relu_() : scores;
        const at::Tensor square = predicted.square();
        const at::Tensor norm =
            (weights.defined() ? square.mv(weights) : square.sum(1)).sqrt_().clamp_min_(smallestNorm);
        const at::Tensor targetNorm = block.degree.sqrt().clamp_min_(smallestNorm);
        // c = p̂·ŷ of each row.
        const at::Tensor cosine =
            at::zeros({rows}, unit.options()).index_add_(0, block.row, predicted.view(-1).index_select(0, entry)) /
            (norm * targetNorm);
        const at::Tensor length = (weights.defined() ? square.mv(weights) : square.sum(1)) / norm.square();
        loss += (length + block.degree / targetNorm.square() - 2.0 * cosine).sum(at::kDouble).item<double>() * scale;
        // Gradient of the scores: 2 w (c p̂ − ŷ) / ‖p‖, with relu where p > 0.
        const at::Tensor positive = rectify ? predicted.gt(0) : at::Tensor();
        at::Tensor dScores = predicted.mul_((cosine / norm).unsqueeze(1));
        dScores.view(-1).index_add_(0, entry, targetNorm.reciprocal().index_select(0, block.row).neg_());
        if (rectify)
            dScores.mul_(positive);
        dScores.mul_((2.0 * scale / norm).unsqueeze(1));
        if (weights.defined())
            dScores.mul_(weights.unsqueeze(0));
        dUnit.addmm_(dScores.t(), taste);
        dUnit.index_add_(0, block.column, dScores.mm(unit).index_select(0, block.row));
    }
    // Through the normalisation of U.
    const at::Tensor radial = (dUnit * unit).sum(1, true);
    return {loss, (dUnit - unit * radial) / norms};
}

} // namespace apiary::optim
