#include "run/spec_fields.h"

#include "recsys/registry.h"

#include <array>
#include <map>
#include <set>
#include <type_traits>

namespace apiary::run {

namespace {

using Json = nlohmann::ordered_json;

constexpr double wholeMaximum = 9007199254740991.0; ///< 2^53 − 1: exact in every JSON reader
constexpr std::array passNames{"auto", "one", "two"};

template <typename Access>
Binding bind(Access access, FieldInfo info)
{
    using Value = std::remove_reference_t<decltype(access(std::declval<RunSpec &>()))>;
    Binding binding;
    binding.info = std::move(info);
    if constexpr (std::is_same_v<Value, Passes>) {
        binding.get = [access](const RunSpec &spec) {
            return Json(passNames[static_cast<std::size_t>(access(const_cast<RunSpec &>(spec)))]);
        };
        binding.set = [access](RunSpec &spec, const Json &value) {
            for (std::size_t i = 0; i < passNames.size(); ++i)
                if (value.get<std::string>() == passNames[i])
                    access(spec) = static_cast<Passes>(i);
        };
    } else if constexpr (std::is_same_v<Value, std::filesystem::path>) {
        binding.get = [access](const RunSpec &spec) { return Json(access(const_cast<RunSpec &>(spec)).string()); };
        binding.set = [access](RunSpec &spec, const Json &value) { access(spec) = value.get<std::string>(); };
    } else {
        binding.get = [access](const RunSpec &spec) { return Json(access(const_cast<RunSpec &>(spec))); };
        binding.set = [access](RunSpec &spec, const Json &value) { access(spec) = value.get<Value>(); };
    }
    return binding;
}

#define FIELD(place)                                                                                                   \
    [](RunSpec & spec) -> auto &                                                                                       \
    {                                                                                                                  \
        return spec.place;                                                                                             \
    }

FieldInfo text(std::string path, std::string label, std::string help)
{
    return {std::move(path), "string", std::move(label), std::move(help), {}, 0, 0, {}};
}

FieldInfo choice(std::string path, std::string label, std::string help, std::vector<std::string> choices)
{
    return {std::move(path), "enum", std::move(label), std::move(help), {}, 0, 0, std::move(choices)};
}

FieldInfo flag(std::string path, std::string label, std::string help)
{
    return {std::move(path), "boolean", std::move(label), std::move(help), {}, 0, 0, {}};
}

FieldInfo whole(std::string path, std::string label, std::string help, std::string unit, double minimum, double maximum)
{
    return {std::move(path), "integer", std::move(label), std::move(help), std::move(unit), minimum, maximum, {}};
}

FieldInfo number(std::string path, std::string label, std::string help, std::string unit, double minimum,
                 double maximum)
{
    return {std::move(path), "number", std::move(label), std::move(help), std::move(unit), minimum, maximum, {}};
}

/// A field that no result depends on: see FieldInfo::decides.
FieldInfo aside(FieldInfo info)
{
    info.decides = false;
    return info;
}

void addDataset(std::vector<Binding> &out)
{
    out.push_back(
        bind(FIELD(dataset.name), aside(text("dataset.name", "Dataset", "A name for the dataset, shown in lists."))));
    out.push_back(bind(FIELD(dataset.interactions), text("dataset.interactions", "Interactions file",
                                                         "A table of who interacted with what, one row an interaction. "
                                                         "A relative path starts at the folder of this file.")));
    out.push_back(bind(FIELD(dataset.items),
                       text("dataset.items", "Items file", "A table of the items and their texts, one row an item.")));
    out.push_back(bind(FIELD(dataset.userColumn), text("dataset.userColumn", "User column",
                                                       "The column of the interactions file that names the user.")));
    out.push_back(bind(FIELD(dataset.itemColumn), text("dataset.itemColumn", "Item column",
                                                       "The column of the interactions file that names the item.")));
    out.push_back(
        bind(FIELD(dataset.ratingColumn), text("dataset.ratingColumn", "Rating column",
                                               "The column that holds a rating; left empty, every row counts.")));
    out.push_back(bind(FIELD(dataset.timestampColumn), text("dataset.timestampColumn", "Time column",
                                                            "The column that holds Unix seconds; may be empty.")));
    out.push_back(
        bind(FIELD(dataset.itemIdColumn), text("dataset.itemIdColumn", "Item id column",
                                               "The column of the items file that joins it to the interactions.")));
    out.push_back(
        bind(FIELD(dataset.titleColumn), text("dataset.titleColumn", "Title column",
                                              "The column that names an item on screen; left empty, its id does.")));
    out.push_back(bind(
        FIELD(dataset.titleTemplate),
        text("dataset.titleTemplate", "Title template",
             "A title made of columns, such as \"{title} ({year})\"; where it is set, the title column is not read.")));
    out.push_back(bind(FIELD(dataset.textTemplate),
                       text("dataset.textTemplate", "Text template",
                            "What the encoder reads of an item: text with columns of the items file in braces.")));
    out.push_back(bind(FIELD(dataset.delimiter), text("dataset.delimiter", "Delimiter",
                                                      "The character between columns; left empty, it is detected.")));
    out.push_back(bind(FIELD(dataset.imported),
                       text("dataset.imported", "Imported dataset",
                            "The name or hash of a dataset of the project, or its folder; the files above are then not "
                            "read.")));
    out.push_back(
        bind(FIELD(filter.minRating),
             number("filter.minRating", "Least rating",
                    "Ratings of at least this much count as an interaction; others are left out.", "", -1e6, 1e6)));
    out.push_back(bind(FIELD(filter.minUserInteractions),
                       whole("filter.minUserInteractions", "Interactions a user",
                             "Users with fewer interactions are left out.", "interactions", 0, 1e6)));
}

void addScenario(std::vector<Binding> &out)
{
    out.push_back(bind(
        FIELD(scenario.kind),
        choice(
            "scenario.kind", "Scenario",
            "What is held out. Cold start: items that are in nobody's history, so that only their texts speak for "
            "them; zero-shot: the same without training; time split: the last interactions of all; user split: whole "
            "users; leave last out: each user's last item; ready-made: lists from a folder.",
            {"cold-start", "zero-shot", "time-split", "user-split", "leave-last-out", "ready-made"})));
    out.push_back(bind(FIELD(scenario.testShare),
                       number("scenario.testShare", "Test items",
                              "The share of items held out for the one test at the end; in a time split, of the "
                              "interactions.",
                              "of the items", 0.001, 0.9)));
    out.push_back(bind(FIELD(scenario.validationShare),
                       number("scenario.validationShare", "Validation items",
                              "The share of items held out to choose the best step; in a time split, of the earlier "
                              "interactions; in a user split, of the users.",
                              "of the items", 0.001, 0.9)));
    out.push_back(
        bind(FIELD(scenario.seed),
             whole("scenario.seed", "Split seed",
                   "Decides which items are held out. The same seed gives the same items.", "", 0, wholeMaximum)));
    out.push_back(bind(FIELD(scenario.draw),
                       choice("scenario.draw", "Draw",
                              "How cold items are drawn: exact shares, or as the beeFormer publication did, with "
                              "replacement and numpy's generator.",
                              {"shares", "as-published"})));
    out.push_back(
        bind(FIELD(scenario.draws),
             whole("scenario.draws", "Draws",
                   "As published only: how often an item is drawn for the test, and for the validation; those "
                   "drawn twice count once.",
                   "draws", 1, 1e8)));
    out.push_back(bind(FIELD(scenario.folds),
                       whole("scenario.folds", "Folds",
                             "User split only: into how many parts the users are cut; one is the test.", "", 2, 1000)));
    out.push_back(bind(FIELD(scenario.fold),
                       whole("scenario.fold", "Fold", "User split only: which part is the test, from 0.", "", 0, 999)));
    out.push_back(bind(FIELD(scenario.sourceShare),
                       number("scenario.sourceShare", "Known items",
                              "User split only: the share of a held-out user's items that the recommender is told.",
                              "of the user's items", 0.01, 0.99)));
    out.push_back(
        bind(FIELD(scenario.folder),
             text("scenario.folder", "Split folder",
                  "Ready-made only: the folder with training.csv, validation_targets.csv and test_targets.csv.")));
    out.push_back(
        bind(FIELD(encoder.folder), text("encoder.folder", "Encoder",
                                         "The folder of a sentence encoder in the layout of sentence-transformers.")));
    out.push_back(bind(FIELD(encoder.maxTokens),
                       whole("encoder.maxTokens", "Tokens a text",
                             "Longer texts are cut here; 0 takes the encoder's own maximum.", "tokens", 0, 1e6)));
    out.push_back(bind(FIELD(encoder.prompt),
                       text("encoder.prompt", "Prompt",
                            "Name of the text that the encoder wants before every item's text, such as \"document\". "
                            "Empty takes the encoder's own default; \"none\" puts none.")));
}

void addTraining(std::vector<Binding> &out)
{
    out.push_back(
        bind(FIELD(training.usersPerStep), whole("training.usersPerStep", "Users a step",
                                                 "How many users' histories each step learns from.", "users", 1, 1e7)));
    out.push_back(
        bind(FIELD(training.itemsPerStep), whole("training.itemsPerStep", "Items a step",
                                                 "How many items take part in a step: all that its users touched, "
                                                 "filled up with others. More than there are means all.",
                                                 "items", 1, 1e8)));
    out.push_back(bind(FIELD(training.negativesWithReplacement),
                       flag("training.negativesWithReplacement", "Draw negatives with replacement",
                            "As the publication did; an item drawn twice counts twice, and is encoded once.")));
    out.push_back(
        bind(FIELD(training.epochs),
             whole("training.epochs", "Epochs", "How often training goes through all users.", "epochs", 1, 100000)));
    out.push_back(bind(FIELD(training.maxSteps),
                       whole("training.maxSteps", "Most steps",
                             "Training ends after so many steps; 0 sets no such limit.", "steps", 0, 1e9)));
    out.push_back(
        bind(FIELD(training.optimizer), choice("training.optimizer", "Optimizer",
                                               "What turns gradients into changes of the weights.", {"nadam"})));
    out.push_back(bind(FIELD(training.learningRate), number("training.learningRate", "Learning rate",
                                                            "How far each step moves the weights.", "", 1e-12, 1)));
    out.push_back(bind(FIELD(training.schedule), choice("training.schedule", "Schedule",
                                                        "How the learning rate changes over the run.", {"constant"})));
    out.push_back(
        bind(FIELD(training.dropout),
             flag("training.dropout", "Dropout",
                  "Use the encoder's own dropout while training. Both passes of a step see the same masks.")));
    out.push_back(bind(
        FIELD(training.tokenBudget),
        aside(whole("training.tokenBudget", "Tokens a micro-batch",
                    "Padded tokens encoded at once. Changes memory and speed, never the result.", "tokens", 16, 1e8))));
    out.push_back(
        bind(FIELD(training.passes),
             aside(choice(
                 "training.passes", "Passes",
                 "Two passes need little memory, one is faster; auto takes one where it fits. The result is the same.",
                 {passNames[0], passNames[1], passNames[2]}))));
    out.push_back(bind(FIELD(training.memoryBudget),
                       aside(whole("training.memoryBudget", "Memory for one pass",
                                   "How much one pass may keep in memory; 0 allows half of what is free.", "bytes", 0,
                                   wholeMaximum))));
    out.push_back(bind(FIELD(training.evaluateEvery),
                       whole("training.evaluateEvery", "Validate every",
                             "Steps between evaluations on the validation items.", "steps", 1, 1e9)));
    out.push_back(
        bind(FIELD(training.monitor), choice("training.monitor", "Best by",
                                             "The metric on validation items that decides which weights are the best.",
                                             {"recall@20", "recall@50", "ndcg@100"})));
    out.push_back(bind(FIELD(training.patience),
                       whole("training.patience", "Patience",
                             "Evaluations without a better value before training stops; 0 never stops early.",
                             "evaluations", 0, 1e9)));
}

std::string recommenderKinds()
{
    std::string names;
    for (const recsys::RecommenderInfo &info : recsys::recommenders())
        names += (names.empty() ? "" : ", ") + info.kind;
    return names;
}

void addRest(std::vector<Binding> &out)
{
    out.push_back(
        bind(FIELD(evaluation.metrics),
             text("evaluation.metrics", "Metrics",
                  "What the test measures, with the length of the lists: recall, plain-recall, ndcg, precision, "
                  "map, mrr, hit, novelty, similarity, coverage and gini, such as \"recall@20, map@100\".")));
    out.push_back(bind(FIELD(evaluation.segments),
                       flag("evaluation.segments", "Segments",
                            "Measure popular and rare items, and light and heavy users, apart as well.")));
    out.push_back(bind(FIELD(evaluation.recommenders),
                       text("evaluation.recommenders", "Compare with",
                            "Recommenders that are fitted to the training part and tested beside the encoders, such as "
                            "\"popularity, ease, item-knn(K=50)\": " +
                                recommenderKinds() +
                                ". Parameters that are left out have their published values; "
                                "`apiary-cli recommenders` and the window's help list them.")));
    out.push_back(bind(FIELD(evaluation.random), flag("evaluation.random", "Random floor",
                                                      "Evaluate random recommendations too, as the floor.")));
    out.push_back(bind(FIELD(evaluation.bootstrapResamples),
                       whole("evaluation.bootstrapResamples", "Resamples",
                             "How many times users are drawn anew for an interval.", "resamples", 100, 1e7)));
    out.push_back(
        bind(FIELD(evaluation.level), number("evaluation.level", "Interval",
                                             "The share of resamples that an interval holds.", "", 0.5, 0.9999)));
    out.push_back(bind(FIELD(seed), whole("seed", "Seed", "Decides everything random in training and in the intervals.",
                                          "", 0, wholeMaximum)));
    out.push_back(bind(FIELD(device), text("device", "Device",
                                           "Where training runs: auto, cpu, cuda, or cuda:1 for the second GPU.")));
    out.push_back(bind(FIELD(threads), aside(whole("threads", "Threads", "Threads to compute with; 0 takes every core.",
                                                   "threads", 0, 1024))));
}

#undef FIELD

} // namespace

const std::vector<Binding> &bindings()
{
    static const std::vector<Binding> table = [] {
        std::vector<Binding> out;
        out.push_back(bind(
            [](RunSpec & spec) -> auto & { return spec.name; },
            aside(text("name", "Name", "What the run is called in lists."))));
        out.push_back(bind(
            [](RunSpec & spec) -> auto & { return spec.description; },
            aside(text("description", "Description", "A line on what the run is to show."))));
        addDataset(out);
        addScenario(out);
        addTraining(out);
        addRest(out);
        return out;
    }();
    return table;
}

const std::vector<FieldInfo> &fields()
{
    static const std::vector<FieldInfo> table = [] {
        std::vector<FieldInfo> out;
        for (const Binding &binding : bindings())
            out.push_back(binding.info);
        return out;
    }();
    return table;
}

bool scenarioReads(const ScenarioSpec &scenario, const std::string &path)
{
    static const std::map<std::string, std::set<std::string>> byKind{
        {"time-split", {"testShare", "validationShare"}},
        {"user-split", {"validationShare", "seed", "folds", "fold", "sourceShare"}},
        {"leave-last-out", {}},
        {"ready-made", {"folder"}}};
    static const std::set<std::string> shares{"draw", "seed", "testShare", "validationShare"},
        published{"draw", "seed", "draws"};
    const std::string section = "scenario.";
    if (!path.starts_with(section) || path == "scenario.kind")
        return true;
    const auto found = byKind.find(scenario.kind);
    const auto &read = found != byKind.end() ? found->second : scenario.draw == "as-published" ? published : shares;
    return read.contains(path.substr(section.size()));
}

} // namespace apiary::run
