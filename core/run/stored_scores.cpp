#include "run/stored_scores.h"

#include "base/cancel.h"
#include "run/encoder_label.h"
#include "run/run_files.h"
#include "run/run_spec.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace apiary::run {

namespace {

using nlohmann::json;

json specOf(const store::RunRecord &run)
{
    return json::parse(run.specJson, nullptr, false);
}

/// What has to be equal for two runs to have read the same test: data by hash, the split by its scenario.
std::string testOf(const store::RunRecord &run)
{
    const json spec = specOf(run);
    json scenario = json::parse(toJson(RunSpec{})["scenario"].dump()); // fields that an older run lacks
    if (spec.is_object() && spec.contains("scenario"))
        scenario.merge_patch(spec["scenario"]);
    return run.datasetHash + '\n' + scenario.dump();
}

/// What is equal for two runs that differ in their seed only; where and how they were measured and called does not count.
std::string familyOf(const store::RunRecord &run)
{
    json spec = specOf(run);
    if (!spec.is_object())
        return {};
    for (const char *field : {"seed", "name", "description", "device", "threads", "evaluation"})
        spec.erase(field);
    return run.datasetHash + '\n' + run.encoderHash + '\n' + spec.dump();
}

std::uint64_t seedOf(const store::RunRecord &run)
{
    const json spec = specOf(run);
    const bool has = spec.is_object() && spec.contains("seed") && spec["seed"].is_number_integer();
    return has ? spec["seed"].get<std::uint64_t>() : RunSpec{}.seed;
}

ModelKind kindOf(const std::string &model)
{
    if (model == "untrained")
        return ModelKind::Untrained;
    if (model == "tuned")
        return ModelKind::Tuned;
    return model == "random" ? ModelKind::Random : ModelKind::Other;
}

/// Reads what a project holds of runs, sharing equal lists of users.
class Reader {
public:
    explicit Reader(store::Project &project) : m_project(project)
    {
        for (const store::EncoderRecord &encoder : project.encoders())
            m_hashes[encoder.name] = encoder.hash;
    }

    std::vector<ModelScores> modelsOf(const store::RunRecord &run)
    {
        std::vector<ModelScores> models;
        std::map<std::string, std::size_t> places;
        for (auto &record : m_project.metrics(run.id)) {
            const auto [place, isNew] = places.emplace(record.model, models.size());
            if (isNew)
                models.push_back(named(run, record.model));
            models[place->second].metrics[record.metric] = {shared(std::move(record.users)), std::move(record.perUser)};
        }
        store::TestDetails details = m_project.details(run.id);
        for (const auto &[name, place] : places)
            addDetails(details, name, models[place]);
        return models;
    }

    /// Adds the further encoders that were tested beside a run, unless one of the same hash is there.
    void addTested(const store::RunRecord &run, std::vector<ModelScores> &models)
    {
        for (auto &tested : m_project.tested(run.id)) {
            ModelScores model;
            model.key = "encoder:" + tested.hash;
            if (std::any_of(models.begin(), models.end(), [&](const auto &m) { return m.key == model.key; }))
                continue;
            model.label = encoderLabel(tested.folder, tested.name);
            model.kind = ModelKind::Added;
            model.run = run.id;
            model.encoderHash = tested.hash;
            model.specHash = specHash(run.specJson, run.specHash);
            model.tested = tested.id;
            model.folder = tested.folder;
            for (auto &record : tested.metrics)
                model.metrics[record.metric] = {shared(std::move(record.users)), std::move(record.perUser)};
            addDetails(tested.details, tested.name, model);
            models.push_back(std::move(model));
        }
    }

private:
    ModelScores named(const store::RunRecord &run, const std::string &model) const
    {
        ModelScores scores;
        scores.kind = kindOf(model);
        scores.run = run.id;
        scores.specHash = specHash(run.specJson, run.specHash);
        scores.seed = seedOf(run);
        scores.key = model + ":" + std::to_string(run.id);
        scores.label = model;
        if (scores.kind == ModelKind::Untrained) {
            scores.key = model + ":" + (run.encoderHash.empty() ? run.encoderName : run.encoderHash);
            scores.label = untrainedLabel(startingEncoderLabel(run));
            scores.encoderHash = run.encoderHash;
        } else if (scores.kind == ModelKind::Tuned) {
            scores.label = tunedLabel(run);
            scores.family = familyOf(run);
            const auto hash = m_hashes.find("run-" + std::to_string(run.id));
            scores.encoderHash = hash == m_hashes.end() ? std::string() : hash->second;
        }
        return scores;
    }

    UserIds shared(std::vector<std::string> users)
    {
        for (const UserIds &known : m_users)
            if (*known == users)
                return known;
        m_users.push_back(std::make_shared<const std::vector<std::string>>(std::move(users)));
        return m_users.back();
    }

    void addDetails(const store::TestDetails &details, const std::string &name, ModelScores &model)
    {
        for (const store::TotalRecord &total : details.totals)
            if (total.model == name)
                model.totals[total.metric] = total.value;
        for (const store::SegmentRecord &segment : details.segments) {
            SegmentScores scores{shared(segment.users), segment.ofUsers, {}};
            for (const store::MetricRecord &record : segment.metrics)
                if (record.model == name)
                    scores.metrics[record.metric] = record.perUser;
            if (scores.ofUsers || !scores.metrics.empty())
                model.segments.emplace(segment.name, std::move(scores));
        }
    }

    store::Project &m_project;
    std::map<std::string, std::string> m_hashes; ///< of encoders, by name
    std::vector<UserIds> m_users;
};

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

/// `first` in its order where it is among `names`, then the rest as it comes.
std::vector<std::string> ordered(const std::vector<std::string> &first, const std::vector<std::string> &names)
{
    std::vector<std::string> order;
    const auto add = [&](const std::string &name) {
        if (std::find(order.begin(), order.end(), name) == order.end())
            order.push_back(name);
    };
    for (const std::string &name : first)
        if (std::find(names.begin(), names.end(), name) != names.end())
            add(name);
    for (const std::string &name : names)
        add(name);
    return order;
}

/// Recall before NDCG, short lists before long ones, anything else by name behind them.
void setOrders(ScoreSet &set)
{
    std::vector<std::string> metrics, totals, segments;
    for (const ModelScores &model : set.models) {
        for (const auto &[metric, scores] : model.metrics)
            metrics.push_back(metric);
        for (const auto &[metric, value] : model.totals)
            totals.push_back(metric);
        for (const auto &[segment, scores] : model.segments)
            segments.push_back(segment);
    }
    set.metrics = ordered({"recall@20", "recall@50", "ndcg@100"}, metrics);
    set.totals = ordered({}, totals);
    set.segments = ordered(
        {"items: head", "items: mid", "items: tail", "users: light", "users: medium", "users: heavy"}, segments);
}

/// Equal labels get their run's number, further encoders of one label the folder above theirs.
void tellApart(std::vector<ModelScores> &models)
{
    std::vector<std::filesystem::path> folders;
    std::vector<std::string> labels;
    for (const auto &model : models) {
        folders.push_back(model.kind == ModelKind::Added ? model.folder : std::filesystem::path());
        labels.push_back(model.label);
    }
    tellEncodersApart(folders, labels);
    for (std::size_t i = 0; i < models.size(); ++i)
        models[i].label = labels[i];
    std::map<std::string, int> seen;
    for (const auto &model : models)
        ++seen[model.label];
    for (auto &model : models)
        if (seen[model.label] > 1)
            model.label += " (run " + std::to_string(model.run) + ")";
}

void readSettings(const store::RunRecord &run, ScoreSet &set)
{
    set.seed = seedOf(run);
    const json spec = specOf(run);
    const json evaluation = spec.is_object() && spec.contains("evaluation") ? spec["evaluation"] : json::object();
    if (const auto n = evaluation.find("bootstrapResamples"); n != evaluation.end() && n->is_number_integer())
        set.resamples = n->get<int>();
    if (const auto level = evaluation.find("level"); level != evaluation.end() && level->is_number())
        set.level = level->get<double>();
    const auto asked = evaluation.find("segments");
    set.noSegments = asked != evaluation.end() && asked->is_boolean() && asked->get<bool>()
                         ? "this run was tested by an Apiary that kept no segments: train it again to have them"
                         : "segments were off in this run's settings (evaluation.segments)";
}

Provenance provenanceOf(const store::Project &project, const store::RunRecord &run)
{
    Provenance provenance;
    provenance.dataset = run.datasetName;
    provenance.datasetHash = run.datasetHash;
    provenance.specHash = specHash(run.specJson, run.specHash);
    provenance.splitHash = storedSplit(project, run).filename().string();
    const json spec = specOf(run), environment = json::parse(run.environment, nullptr, false);
    const json scenario = spec.is_object() && spec.contains("scenario") ? spec["scenario"] : json::object();
    provenance.scenario = scenario.is_object() ? scenario.value("kind", RunSpec{}.scenario.kind) : std::string();
    if (environment.is_object()) {
        provenance.apiary = environment.value("apiary", std::string());
        provenance.libtorch = environment.value("libtorch", std::string());
    }
    return provenance;
}

/// Adds the models of another run of the same test, but for what is there already.
void addModels(std::vector<ModelScores> from, std::int64_t run, std::vector<ModelScores> &models)
{
    for (ModelScores &model : from) {
        if (model.kind == ModelKind::Random)
            continue;
        const bool there = std::any_of(models.begin(), models.end(), [&](const ModelScores &known) {
            const bool same = model.kind == ModelKind::Other
                                  ? known.kind == ModelKind::Other && known.label == model.label
                                  : known.key == model.key;
            return same && known.metrics == model.metrics;
        });
        if (there)
            continue;
        if (std::any_of(models.begin(), models.end(), [&](const auto &known) { return known.key == model.key; }))
            model.key += ":" + std::to_string(run);
        models.push_back(std::move(model));
    }
}

} // namespace

ScoreSet collectScores(store::Project &project, std::int64_t run, std::stop_token stop)
{
    ScoreSet set;
    set.run = run;
    const auto chosen = project.run(run);
    if (!chosen)
        return set;
    Reader reader(project);
    readSettings(*chosen, set);
    set.provenance = provenanceOf(project, *chosen);
    set.models = reader.modelsOf(*chosen);
    if (set.models.empty())
        return set;
    reader.addTested(*chosen, set.models);
    const std::string test = testOf(*chosen);
    for (const auto &other : project.runs()) {
        throwIfStopped(stop);
        if (other.id == run || other.status != "finished" || testOf(other) != test)
            continue;
        addModels(reader.modelsOf(other), other.id, set.models);
        reader.addTested(other, set.models);
    }
    std::stable_sort(set.models.begin(), set.models.end(),
                     [&](const auto &a, const auto &b) { return place(a, run) < place(b, run); });
    tellApart(set.models);
    setOrders(set);
    if (!set.segments.empty())
        set.noSegments.clear();
    return set;
}

} // namespace apiary::run
