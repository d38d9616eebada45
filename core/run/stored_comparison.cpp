#include "run/stored_comparison.h"

#include "base/cancel.h"
#include "eval/significance.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace apiary::run {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The users of `some` alone.
UserScores restricted(const UserScores &scores, const UserIds &some)
{
    const std::unordered_set<std::string_view> wanted(some->begin(), some->end());
    std::vector<std::string> users;
    UserScores part;
    for (std::size_t u = 0; u < scores.perUser.size(); ++u)
        if (wanted.contains((*scores.users)[u])) {
            users.push_back((*scores.users)[u]);
            part.perUser.push_back(scores.perUser[u]);
        }
    part.users = std::make_shared<const std::vector<std::string>>(std::move(users));
    return part;
}

/// A model's values of a metric on the test or a segment; nothing where it has none.
std::optional<UserScores> find(const ModelScores &model, const std::string &metric, const std::string &segment)
{
    const auto whole = model.metrics.find(metric);
    if (segment.empty())
        return whole == model.metrics.end() ? std::nullopt : std::optional(whole->second);
    const auto part = model.segments.find(segment);
    if (part == model.segments.end())
        return std::nullopt;
    if (part->second.ofUsers)
        return whole == model.metrics.end() ? std::nullopt
                                            : std::optional(restricted(whole->second, part->second.users));
    const auto values = part->second.metrics.find(metric);
    return values == part->second.metrics.end() ? std::nullopt
                                                : std::optional(UserScores{part->second.users, values->second});
}

/// Values of two models on the users that both have, in the order of the first.
struct Joined {
    std::vector<double> first;
    std::vector<double> second;
};

bool sameUsers(const UserScores &a, const UserScores &b)
{
    return a.users == b.users || *a.users == *b.users;
}

Joined join(const UserScores &first, const UserScores &second)
{
    if (sameUsers(first, second))
        return {first.perUser, second.perUser};
    std::unordered_map<std::string_view, std::size_t> place;
    for (std::size_t u = 0; u < second.users->size(); ++u)
        place.emplace((*second.users)[u], u);
    Joined joined;
    for (std::size_t u = 0; u < first.users->size(); ++u)
        if (const auto found = place.find((*first.users)[u]); found != place.end()) {
            joined.first.push_back(first.perUser[u]);
            joined.second.push_back(second.perUser[found->second]);
        }
    return joined;
}

eval::ComparisonCell comparePair(const UserScores &model, const UserScores &baseline, const ScoreSet &set)
{
    Joined joined = join(model, baseline);
    if (joined.first.empty())
        return {};
    std::vector<eval::Evaluation> pair(2);
    pair[0].metrics.push_back({"metric", std::move(joined.second)});
    pair[1].metrics.push_back({"metric", std::move(joined.first)});
    return eval::compare(pair, 0, set.seed, set.resamples, set.level).rows[1].cells[0];
}

/// Holm's correction over all models that have a value, however their users were joined.
void correct(std::vector<ComparedModel> &models, std::size_t baseline, std::size_t metric)
{
    std::vector<double> family;
    std::vector<eval::ComparisonCell *> cells;
    for (std::size_t i = 0; i < models.size(); ++i)
        if (eval::ComparisonCell &cell = models[i].cells[metric]; i != baseline && cell.users > 0) {
            family.push_back(cell.p);
            cells.push_back(&cell);
        }
    const std::vector<double> corrected = eval::holm(family);
    for (std::size_t i = 0; i < cells.size(); ++i)
        cells[i]->holm = corrected[i];
}

void compareMetric(const ScoreSet &scores, std::size_t metric, ComparedModels &result, const std::stop_token &stop)
{
    const std::string &name = result.metrics[metric];
    const auto base = find(scores.models[result.baseline], name, result.segment);
    if (!base || base->perUser.empty())
        return;
    // Models over the baseline's very users share one set of resamples; the others are joined one by one.
    std::vector<eval::Evaluation> together{{}};
    together[0].metrics.push_back({name, base->perUser});
    std::vector<std::size_t> places{result.baseline};
    for (std::size_t i = 0; i < scores.models.size(); ++i) {
        throwIfStopped(stop);
        const auto own = i == result.baseline ? std::nullopt : find(scores.models[i], name, result.segment);
        if (!own)
            continue;
        if (sameUsers(*own, *base)) {
            together.emplace_back().metrics.push_back({name, own->perUser});
            places.push_back(i);
        } else {
            result.models[i].cells[metric] = comparePair(*own, *base, scores);
        }
    }
    const auto compared = eval::compare(together, 0, scores.seed, scores.resamples, scores.level);
    for (std::size_t i = 0; i < places.size(); ++i)
        result.models[places[i]].cells[metric] = compared.rows[i].cells[0];
    correct(result.models, result.baseline, metric);
}

double total(const ModelScores &model, const std::string &metric)
{
    const auto found = model.totals.find(metric);
    return found == model.totals.end() ? none : found->second;
}

bool has(const ModelScores &model, const std::string &metric, const std::string &segment)
{
    const auto part = model.segments.find(segment);
    return part != model.segments.end() && (part->second.ofUsers || part->second.metrics.contains(metric));
}

/// Metrics that some model has a value of; on segments of items those of targets.
std::vector<std::string> metricsOn(const ScoreSet &scores, const std::string &segment)
{
    if (segment.empty())
        return scores.metrics;
    std::vector<std::string> metrics;
    for (const std::string &metric : scores.metrics)
        if (std::any_of(scores.models.begin(), scores.models.end(),
                        [&](const auto &model) { return has(model, metric, segment); }))
            metrics.push_back(metric);
    return metrics;
}

SpreadRow spreadOf(const std::vector<const ModelScores *> &runs, const std::vector<std::string> &metrics,
                   const std::vector<std::string> &totals, const std::string &segment)
{
    SpreadRow row;
    // A label that tells runs apart by number stands for them all without it.
    const std::string number = " (run " + std::to_string(runs.front()->run) + ")";
    std::string label = runs.front()->label;
    if (label.ends_with(number))
        label.resize(label.size() - number.size());
    row.label = label + " × " + std::to_string(runs.size()) + " seeds";
    for (const ModelScores *model : runs)
        row.runs.push_back(model->run);
    for (const std::string &metric : metrics) {
        std::vector<double> means;
        for (const ModelScores *model : runs)
            if (const auto values = find(*model, metric, segment); values && !values->perUser.empty())
                means.push_back(std::accumulate(values->perUser.begin(), values->perUser.end(), 0.0) /
                                static_cast<double>(values->perUser.size()));
        row.cells.push_back(eval::spread(means));
    }
    for (const std::string &metric : totals) {
        std::vector<double> values;
        for (const ModelScores *model : runs)
            if (model->totals.contains(metric))
                values.push_back(total(*model, metric));
        row.cells.push_back(eval::spread(values));
    }
    return row;
}

} // namespace

std::int64_t ComparedModels::users() const
{
    std::int64_t most = 0;
    for (const ComparedModel &model : models)
        for (const eval::ComparisonCell &cell : model.cells)
            most = std::max(most, cell.users);
    return most;
}

std::vector<SpreadRow> seedSpreads(const ScoreSet &scores, const std::vector<std::string> &metrics,
                                   const std::vector<std::string> &totals, const std::string &segment)
{
    std::vector<std::vector<const ModelScores *>> groups;
    for (const ModelScores &model : scores.models) {
        if (model.kind != ModelKind::Tuned || model.family.empty())
            continue;
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const auto &one) { return one.front()->family == model.family; });
        if (group == groups.end())
            group = groups.emplace(groups.end());
        group->push_back(&model);
    }
    std::vector<SpreadRow> rows;
    for (auto &group : groups) {
        std::stable_sort(group.begin(), group.end(), [](const auto *a, const auto *b) { return a->run > b->run; });
        std::set<std::uint64_t> seeds;
        std::erase_if(group, [&](const ModelScores *model) { return !seeds.insert(model->seed).second; });
        if (group.size() > 1)
            rows.push_back(spreadOf(group, metrics, totals, segment));
    }
    return rows;
}

ComparedModels compareModels(const ScoreSet &scores, std::size_t baseline, const std::string &segment,
                             std::stop_token stop)
{
    ComparedModels result;
    result.run = scores.run;
    result.segment = segment;
    result.metrics = metricsOn(scores, segment);
    if (segment.empty())
        result.totals = scores.totals;
    result.provenance = scores.provenance;
    result.seed = scores.seed;
    result.resamples = scores.resamples;
    result.level = scores.level;
    result.baseline = baseline;
    for (const ModelScores &model : scores.models) {
        ComparedModel &row = result.models.emplace_back();
        row.key = model.key;
        row.label = model.label;
        row.kind = model.kind;
        row.run = model.run;
        row.encoderHash = model.encoderHash;
        row.specHash = model.specHash;
        row.tested = model.tested;
        row.folder = model.folder;
        row.cells.resize(result.metrics.size());
        for (const std::string &metric : result.totals)
            row.totals.push_back(total(model, metric));
    }
    if (baseline >= scores.models.size())
        return result;
    for (std::size_t metric = 0; metric < result.metrics.size(); ++metric)
        compareMetric(scores, metric, result, stop);
    result.spreads = seedSpreads(scores, result.metrics, result.totals, segment);
    return result;
}

std::string exportTable(const ComparedModels &compared, TableFormat format)
{
    eval::Comparison comparison;
    comparison.metrics = compared.metrics;
    comparison.totals = compared.totals;
    comparison.baseline = compared.baseline;
    comparison.segment = compared.segment;
    comparison.users = compared.users();
    comparison.resamples = compared.resamples;
    comparison.level = compared.level;
    comparison.seed = compared.seed;
    Provenance provenance = compared.provenance;
    for (const ComparedModel &model : compared.models) {
        comparison.rows.push_back({model.label, model.cells, model.totals});
        provenance.models.push_back({model.label, model.encoderHash, model.specHash, model.run});
    }
    return exportTable(comparison, provenance, format, compared.spreads);
}

} // namespace apiary::run
