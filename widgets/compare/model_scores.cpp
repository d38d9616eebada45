#include "widgets/compare/model_scores.h"

#include "base/cancel.h"
#include "run/run_spec.h"
#include "widgets/encoders/encoder_name.h"

#include <QCoreApplication>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace apiary::widgets {

namespace {

using nlohmann::json;

QString tr(const char *text)
{
    return QCoreApplication::translate("ModelScores", text);
}

json specOf(const store::RunRecord &run)
{
    return json::parse(run.specJson, nullptr, false);
}

/// What has to be equal for two runs to have read the same test: data by hash, the split by its scenario.
std::string testOf(const store::RunRecord &run)
{
    const json spec = specOf(run);
    json scenario = json::parse(run::toJson(run::RunSpec{})["scenario"].dump()); // fields that an older run lacks
    if (spec.is_object() && spec.contains("scenario"))
        scenario.merge_patch(spec["scenario"]);
    return run.datasetHash + '\n' + scenario.dump();
}

ModelKind kindOf(const std::string &model)
{
    if (model == "untrained")
        return ModelKind::Untrained;
    if (model == "tuned")
        return ModelKind::Tuned;
    return model == "random" ? ModelKind::Random : ModelKind::Other;
}

QString runName(const store::RunRecord &run)
{
    return run.name.empty() ? tr("run %1").arg(run.id) : QString::fromStdString(run.name);
}

ModelScores named(const store::RunRecord &run, const std::string &model)
{
    ModelScores scores;
    scores.kind = kindOf(model);
    scores.run = run.id;
    const QString encoder = startingEncoderName(run);
    switch (scores.kind) {
    case ModelKind::Untrained:
        scores.key = model + ":" + (run.encoderHash.empty() ? run.encoderName : run.encoderHash);
        scores.label = encoder.isEmpty() ? tr("untrained") : tr("%1, untrained").arg(encoder);
        break;
    case ModelKind::Tuned:
        scores.key = model + ":" + std::to_string(run.id);
        scores.label = tr("%1, tuned").arg(runName(run));
        break;
    case ModelKind::Random:
        scores.key = model + ":" + std::to_string(run.id);
        scores.label = tr("random");
        break;
    case ModelKind::Added:
    case ModelKind::Other:
        scores.key = model + ":" + std::to_string(run.id);
        scores.label = QString::fromStdString(model);
        break;
    }
    return scores;
}

std::vector<ModelScores> modelsOf(store::Project &project, const store::RunRecord &run)
{
    std::vector<ModelScores> models;
    for (auto &record : project.metrics(run.id)) {
        auto model = named(run, record.model);
        auto found = std::find_if(models.begin(), models.end(), [&](const auto &m) { return m.key == model.key; });
        if (found == models.end())
            found = models.insert(models.end(), std::move(model));
        found->metrics[record.metric] = {std::move(record.users), std::move(record.perUser)};
    }
    return models;
}

/// Adds the further encoders that were tested beside a run, unless one of the same hash is there.
void addTested(const store::Project &project, std::int64_t run, std::vector<ModelScores> &models)
{
    for (auto &tested : project.tested(run)) {
        ModelScores model;
        model.key = "encoder:" + tested.hash;
        if (std::any_of(models.begin(), models.end(), [&](const auto &m) { return m.key == model.key; }))
            continue;
        model.label = encoderName(tested.folder, QString::fromStdString(tested.name));
        model.kind = ModelKind::Added;
        model.run = run;
        model.tested = tested.id;
        model.folder = tested.folder;
        for (auto &record : tested.metrics)
            model.metrics[record.metric] = {std::move(record.users), std::move(record.perUser)};
        models.push_back(std::move(model));
    }
}

int place(const ModelScores &model, std::int64_t run)
{
    const bool own = model.run == run;
    switch (model.kind) {
    case ModelKind::Untrained:
        return own ? 0 : 3;
    case ModelKind::Tuned:
        return own ? 1 : 2;
    case ModelKind::Added:
        return 4;
    case ModelKind::Random:
        return 6;
    case ModelKind::Other:
        break;
    }
    return 5;
}

/// Recall before NDCG, short lists before long ones, anything else by name behind them.
std::vector<std::string> metricOrder(const std::vector<ModelScores> &models)
{
    static const std::array<std::string, 3> known{"recall@20", "recall@50", "ndcg@100"};
    std::vector<std::string> order;
    for (const auto &metric : known)
        if (std::any_of(models.begin(), models.end(), [&](const auto &m) { return m.metrics.count(metric) > 0; }))
            order.push_back(metric);
    for (const auto &model : models)
        for (const auto &[metric, scores] : model.metrics)
            if (std::find(order.begin(), order.end(), metric) == order.end())
                order.push_back(metric);
    return order;
}

/// Equal labels get their run's number, further encoders of one label the folder above theirs.
void tellApart(std::vector<ModelScores> &models)
{
    std::vector<std::filesystem::path> folders;
    std::vector<QString> labels;
    for (const auto &model : models) {
        folders.push_back(model.kind == ModelKind::Added ? model.folder : std::filesystem::path());
        labels.push_back(model.label);
    }
    tellEncodersApart(folders, labels);
    for (std::size_t i = 0; i < models.size(); ++i)
        models[i].label = labels[i];
    std::map<QString, int> seen;
    for (const auto &model : models)
        ++seen[model.label];
    for (auto &model : models)
        if (seen[model.label] > 1)
            model.label = tr("%1 (run %2)").arg(model.label).arg(model.run);
}

void readBootstrap(const store::RunRecord &run, ScoreSet &set)
{
    const json spec = specOf(run);
    if (!spec.is_object())
        return;
    if (const auto seed = spec.find("seed"); seed != spec.end() && seed->is_number_integer())
        set.seed = seed->get<std::uint64_t>();
    const auto evaluation = spec.find("evaluation");
    if (evaluation == spec.end() || !evaluation->is_object())
        return;
    if (const auto n = evaluation->find("bootstrapResamples"); n != evaluation->end() && n->is_number_integer())
        set.resamples = n->get<int>();
    if (const auto level = evaluation->find("level"); level != evaluation->end() && level->is_number())
        set.level = level->get<double>();
}

/// Values of two models on the users that both have, in the order of the first.
struct Joined {
    std::vector<double> first;
    std::vector<double> second;
};

Joined join(const UserScores &first, const UserScores &second)
{
    if (first.users == second.users)
        return {first.perUser, second.perUser};
    std::unordered_map<std::string_view, std::size_t> place;
    for (std::size_t u = 0; u < second.users.size(); ++u)
        place.emplace(second.users[u], u);
    Joined joined;
    for (std::size_t u = 0; u < first.users.size(); ++u)
        if (const auto found = place.find(first.users[u]); found != place.end()) {
            joined.first.push_back(first.perUser[u]);
            joined.second.push_back(second.perUser[found->second]);
        }
    return joined;
}

const UserScores *find(const ModelScores &model, const std::string &metric)
{
    const auto found = model.metrics.find(metric);
    return found == model.metrics.end() ? nullptr : &found->second;
}

ComparedCell comparePair(const UserScores &model, const UserScores &baseline, const ScoreSet &set)
{
    Joined joined = join(model, baseline);
    ComparedCell cell;
    cell.users = static_cast<std::int64_t>(joined.first.size());
    if (cell.users == 0)
        return cell;
    std::vector<eval::Evaluation> pair(2);
    pair[0].metrics.push_back({"metric", std::move(joined.second)});
    pair[1].metrics.push_back({"metric", std::move(joined.first)});
    const auto compared = eval::compare(pair, 0, set.seed, set.resamples, set.level).rows[1].cells[0];
    cell.mean = compared.mean;
    cell.difference = compared.difference;
    return cell;
}

} // namespace

ScoreSet collectScores(store::Project &project, std::int64_t run, std::stop_token stop)
{
    ScoreSet set;
    set.run = run;
    const auto chosen = project.run(run);
    if (!chosen)
        return set;
    set.dataset = QString::fromStdString(chosen->datasetName);
    readBootstrap(*chosen, set);
    set.models = modelsOf(project, *chosen);
    if (set.models.empty())
        return set;
    addTested(project, run, set.models);
    const std::string test = testOf(*chosen);
    for (const auto &other : project.runs()) {
        throwIfStopped(stop);
        if (other.id == run || other.status != "finished" || testOf(other) != test)
            continue;
        for (auto &model : modelsOf(project, other)) {
            if (model.kind == ModelKind::Random)
                continue;
            const bool there = std::any_of(set.models.begin(), set.models.end(), [&](const ModelScores &m) {
                return m.key == model.key && m.metrics == model.metrics;
            });
            if (there)
                continue;
            if (std::any_of(set.models.begin(), set.models.end(), [&](const auto &m) { return m.key == model.key; }))
                model.key += ":" + std::to_string(other.id);
            set.models.push_back(std::move(model));
        }
        addTested(project, other.id, set.models);
    }
    std::stable_sort(set.models.begin(), set.models.end(),
                     [&](const auto &a, const auto &b) { return place(a, run) < place(b, run); });
    tellApart(set.models);
    set.metrics = metricOrder(set.models);
    return set;
}

ComparedModels compareModels(const ScoreSet &scores, std::size_t baseline, std::stop_token stop)
{
    ComparedModels result;
    result.run = scores.run;
    result.dataset = scores.dataset;
    result.metrics = scores.metrics;
    result.seed = scores.seed;
    result.resamples = scores.resamples;
    result.level = scores.level;
    result.baseline = baseline;
    for (const auto &model : scores.models)
        result.models.push_back({model.key, model.label, model.kind, model.run,
                                 std::vector<ComparedCell>(scores.metrics.size()), model.tested, model.folder});
    if (baseline >= scores.models.size())
        return result;

    for (std::size_t m = 0; m < scores.metrics.size(); ++m) {
        throwIfStopped(stop);
        const UserScores *base = find(scores.models[baseline], scores.metrics[m]);
        if (!base || base->perUser.empty())
            continue;
        // Models over the baseline's very users share one set of resamples; the others are joined one by one.
        std::vector<eval::Evaluation> together{{}};
        together[0].metrics.push_back({scores.metrics[m], base->perUser});
        std::vector<std::size_t> places{baseline};
        for (std::size_t i = 0; i < scores.models.size(); ++i) {
            const UserScores *own = find(scores.models[i], scores.metrics[m]);
            if (i == baseline || !own)
                continue;
            if (own->users == base->users) {
                together.emplace_back().metrics.push_back({scores.metrics[m], own->perUser});
                places.push_back(i);
                continue;
            }
            throwIfStopped(stop);
            result.models[i].cells[m] = comparePair(*own, *base, scores);
        }
        const auto compared = eval::compare(together, 0, scores.seed, scores.resamples, scores.level);
        for (std::size_t i = 0; i < places.size(); ++i) {
            auto &cell = result.models[places[i]].cells[m];
            cell.mean = compared.rows[i].cells[0].mean;
            cell.difference = compared.rows[i].cells[0].difference;
            cell.users = compared.users;
        }
    }
    return result;
}

} // namespace apiary::widgets
