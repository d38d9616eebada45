#include "base/memory.h"
#include "run/inputs.h"
#include "run/runner.h"
#include "run/trainer_config.h"

#include <algorithm>
#include <cmath>

namespace apiary::run {

namespace {

/// Expected items that a batch of users touches: Σ_j 1 − C(U − n_j, B) ÷ C(U, B), where n_j users have item j.
double expectedPositives(const Csr &rows, std::int64_t batch)
{
    std::vector<std::int64_t> users(static_cast<std::size_t>(rows.cols), 0);
    for (const std::int32_t item : rows.columns)
        ++users[static_cast<std::size_t>(item)];
    const auto all = static_cast<double>(rows.rows()), drawn = static_cast<double>(batch);
    const auto logChoose = [](double n, double k) {
        return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
    };
    double expected = 0;
    for (const std::int64_t n : users) {
        if (n == 0)
            continue;
        const double others = all - static_cast<double>(n);
        expected += others < drawn ? 1 : 1 - std::exp(logChoose(others, drawn) - logChoose(all, drawn));
    }
    return expected;
}

} // namespace

StepEstimate estimate(const RunSpec &spec, std::stop_token stop)
{
    checkInputs(spec);
    const Inputs inputs = loadInputs(spec, {}, stop);
    const auto opened = openEncoder(spec, spec.encoder.folder);
    const text::TokenBatch tokens = opened->tokenize(inputs.dataset.catalog.texts, textOptions(spec, *opened), stop);
    const Csr &rows = inputs.scenario.training;
    const auto items = inputs.scenario.trainItems();

    StepEstimate out;
    out.users = rows.rows();
    out.items = static_cast<std::int64_t>(items.size());
    const std::int64_t batch = std::min<std::int64_t>(spec.training.usersPerStep, out.users);
    const double wanted = static_cast<double>(std::min<std::int64_t>(spec.training.itemsPerStep, out.items));
    out.itemsPerStep = std::llround(std::max(wanted, expectedPositives(rows, batch)));
    std::int64_t sum = 0;
    for (const std::int32_t item : items) {
        sum += tokens.length(item);
        out.longest = std::max(out.longest, tokens.length(item));
    }
    const double mean = static_cast<double>(sum) / static_cast<double>(std::max<std::int64_t>(out.items, 1));
    out.tokensPerStep = std::llround(mean * static_cast<double>(out.itemsPerStep));

    const encoder::PackedTokens ids = packed(tokens);
    const train::Trainer trainer(opened->transformer(), rows, ids, items, trainerConfig(spec));
    out.steps = trainer.plannedSteps();
    const auto &transformer = opened->transformer();
    out.bytesOnePass = train::onePassBytes(transformer, out.tokensPerStep, std::llround(mean));
    out.bytesTwoPass =
        std::min(out.bytesOnePass, train::onePassBytes(transformer, spec.training.tokenBudget, out.longest));
    const std::int64_t budget = spec.training.memoryBudget > 0 ? spec.training.memoryBudget : availableMemory() / 2;
    out.passes =
        spec.training.passes == Passes::One || (spec.training.passes == Passes::Auto && out.bytesOnePass <= budget) ? 1
                                                                                                                    : 2;
    return out;
}

} // namespace apiary::run
