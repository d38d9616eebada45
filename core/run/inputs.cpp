#include "run/inputs.h"

#include "base/error.h"
#include "encoder/device.h"

#include <algorithm>
#include <thread>

namespace apiary::run {

namespace {

/// Users with a training item and an item of the role.
std::int64_t evaluable(const CsrView &interactions, const data::ItemSplit &split, data::ItemRole role)
{
    std::int64_t users = 0;
    for (std::int64_t u = 0; u < interactions.rows; ++u) {
        bool source = false, target = false;
        for (const std::int32_t item : interactions.row(u)) {
            const data::ItemRole have = split.roles[static_cast<std::size_t>(item)];
            source |= have == data::ItemRole::Train;
            target |= have == role;
        }
        users += source && target;
    }
    return users;
}

} // namespace

Inputs loadInputs(const RunSpec &spec, const ProgressFn &progress, const std::stop_token &stop)
{
    Inputs inputs;
    inputs.dataset = data::loadDataset(spec.dataset, spec.filter, progress, stop);
    const data::Interactions &interactions = inputs.dataset.interactions;
    if (interactions.count() == 0)
        throw InputError("the filter leaves no interactions", "filter",
                         "lower filter.minRating or filter.minUserInteractions, and check the column names");
    inputs.split = data::coldStartSplit(interactions.itemCount(), spec.scenario.testShare,
                                        spec.scenario.validationShare, spec.scenario.seed);
    for (const auto role : {data::ItemRole::Validation, data::ItemRole::Test})
        if (evaluable(interactions.csr, inputs.split, role) == 0)
            throw InputError(std::string("no user has both a training item and a ") + data::name(role) + " item",
                             "scenario", "hold out a larger share of the items, or lower filter.minUserInteractions");
    return inputs;
}

void checkRoles(const CsrView &rows, const data::ItemSplit &split, data::ItemRole role, const std::string &what)
{
    for (const std::int32_t item : rows.columns)
        if (split.roles[static_cast<std::size_t>(item)] != role)
            throw Error(what + " hold item " + std::to_string(item) + ", which is no " + data::name(role) + " item",
                        "split", "this is a fault of Apiary: please report it");
}

data::ColdStartTask taskOf(const Inputs &inputs, data::ItemRole role)
{
    data::ColdStartTask task = data::coldStartTask(inputs.dataset.interactions.csr, inputs.split, role);
    checkRoles(task.sources, inputs.split, data::ItemRole::Train, "sources");
    checkRoles(task.targets, inputs.split, role, "targets");
    return task;
}

std::int64_t maxTokens(const RunSpec &spec, std::int64_t ofEncoder)
{
    return spec.encoder.maxTokens > 0 ? std::min(spec.encoder.maxTokens, ofEncoder) : ofEncoder;
}

embed::TextOptions textOptions(const RunSpec &spec, const embed::SentenceEncoder &encoder)
{
    embed::TextOptions options;
    options.maxTokens = spec.encoder.maxTokens;
    options.threads = threadCount(spec);
    const std::string &name = spec.encoder.prompt;
    if (name == "none")
        options.prompt = "";
    else if (!name.empty() && (encoder.card().prompts.contains(name) || encoder.folder() == spec.encoder.folder))
        options.prompt = encoder.prompt(name);
    return options;
}

int threadCount(const RunSpec &spec)
{
    return spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::unique_ptr<embed::SentenceEncoder> openEncoder(const RunSpec &spec, const std::filesystem::path &folder,
                                                    embed::Precision precision)
{
    const std::string device = precision == embed::Precision::Exact ? encoder::resolveDevice(spec.device) : "cpu";
    encoder::setThreads(threadCount(spec));
    auto opened = std::make_unique<embed::SentenceEncoder>(folder, embed::EncoderOptions{device, 0, precision});
    opened->tokenBudget = spec.training.tokenBudget;
    return opened;
}

embed::Embeddings encodeItems(embed::SentenceEncoder &encoder, const text::TokenBatch &tokens,
                              std::span<const std::int32_t> items, const ProgressFn &progress,
                              const std::stop_token &stop)
{
    text::TokenBatch some;
    some.promptTokens = tokens.promptTokens;
    for (const std::int32_t item : items) {
        const auto from = tokens.ids.begin() + tokens.offsets[static_cast<std::size_t>(item)];
        some.ids.insert(some.ids.end(), from, from + tokens.length(item));
        some.offsets.push_back(static_cast<std::int64_t>(some.ids.size()));
    }
    const embed::Embeddings rows = encoder.encode(some, progress, stop);
    embed::Embeddings all = embed::Embeddings::Zero(tokens.size(), rows.cols());
    for (std::size_t i = 0; i < items.size(); ++i)
        all.row(items[i]) = rows.row(static_cast<Eigen::Index>(i));
    return all;
}

ProgressFn renamed(ProgressFn report, std::string stage, std::string unit)
{
    if (!report)
        return {};
    return [report = std::move(report), stage = std::move(stage), unit = std::move(unit)](Progress progress) {
        progress.stage = stage;
        progress.unit = unit;
        report(progress);
    };
}

} // namespace apiary::run
