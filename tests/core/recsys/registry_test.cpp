#include "recsys/registry.h"

#include "base/cancel.h"
#include "base/error.h"

#include "golden_models.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>
#include <set>

using namespace apiary;
using namespace apiary::recsys;
using namespace apiary::tests;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::int32_t itemCount = 60;

/// Small sizes, so that every kind trains in a moment.
Json quick(const std::string &kind)
{
    static const std::map<std::string, Json> values{
        {"ials", {{"factors", 12}, {"iterations", 4}}},
        {"ease", {{"lambda", 20}}},
        {"sansa", {{"l2", 20}, {"weight_matrix_density", 0.5}}},
        {"elsa", {{"n_dims", 16}, {"epochs", 5}, {"batch_size", 32}}},
        {"multvae", {{"dim_bottleneck_layer", 9}, {"dim_hidden_layer", 21}, {"max_epochs", 25}, {"batch_size", 40}}},
        {"sasrec", {{"hidden_units", 20}, {"maxlen", 12}, {"num_heads", 2}, {"num_epochs", 25}, {"dropout_rate", 0.2}}},
        {"heater", {{"rank", 10}, {"epochs", 6}, {"batch_size", 500}, {"lr", 0.1}}}};
    const auto found = values.find(kind);
    return found == values.end() ? Json::object() : found->second;
}

std::shared_ptr<const Embeddings> someEmbeddings()
{
    CounterRng random(3);
    auto result = std::make_shared<Embeddings>(itemCount, 10);
    for (Eigen::Index i = 0; i < result->size(); ++i)
        result->data()[i] = static_cast<float>(random.uniform() - 0.5 + (i / 10 % 3 == i % 10 ? 0.7 : 0));
    return result;
}

std::unique_ptr<Recommender> made(const std::string &kind)
{
    return makeRecommender(kind, quick(kind), "recommender", someEmbeddings());
}

} // namespace

/// What holds for every kind in the table; a new one is tested here without a line.
class RegistryTest : public QObject {
    Q_OBJECT

    static void kinds()
    {
        QTest::addColumn<QString>("kind");
        for (const RecommenderInfo &info : recommenders())
            QTest::newRow(info.kind.c_str()) << QString::fromStdString(info.kind);
    }

private slots:
    void describesItself_data() { kinds(); }
    void describesItself()
    {
        QFETCH(QString, kind);
        const RecommenderInfo &info = recommenderInfo(kind.toStdString());
        QVERIFY(!info.label.empty() && !info.help.empty() && !info.source.empty());
        const Json defaults = defaultParameters(info.kind);
        QCOMPARE(defaults.size(), info.parameters.size());
        for (const ParameterInfo &parameter : info.parameters) {
            QVERIFY(!parameter.help.empty() && defaults.contains(parameter.name));
            if (parameter.type == "integer" || parameter.type == "number")
                QVERIFY(parameter.minimum < parameter.maximum);
        }
        const auto model = makeRecommender(info.kind, defaults, "recommender", someEmbeddings());
        QCOMPARE(model->kind(), info.kind);
        QVERIFY(model->parameters() == defaults);
    }

    void refusesWrongParameters_data() { kinds(); }
    void refusesWrongParameters()
    {
        QFETCH(QString, kind);
        const RecommenderInfo &info = recommenderInfo(kind.toStdString());
        const auto where = [&](const Json &values) {
            try {
                makeRecommender(info.kind, values, "spec.json:7", someEmbeddings());
            } catch (const InputError &error) {
                return error.where();
            }
            return std::string("accepted");
        };
        QCOMPARE(where({{"fancy", 1}}), std::string("spec.json:7, fancy"));
        try {
            makeRecommender(info.kind, {{"fancy", 1}}, "spec.json:7", someEmbeddings());
        } catch (const InputError &error) {
            const Json defaults = defaultParameters(info.kind);
            for (const ParameterInfo &parameter : info.parameters)
                QVERIFY2(error.remedy().find(parameter.name + "=" + shown(defaults[parameter.name])) !=
                             std::string::npos,
                         error.what());
        }
        QCOMPARE(where(Json::array()), std::string("spec.json:7"));
        for (const ParameterInfo &parameter : info.parameters) {
            const std::string place = "spec.json:7, " + parameter.name;
            QCOMPARE(where({{parameter.name, "nonsense"}}), place);
            QCOMPARE(where({{parameter.name, nullptr}}), place);
            if (parameter.type == "integer")
                QCOMPARE(where({{parameter.name, parameter.minimum + 0.5}}), place);
            if (parameter.type == "integer" || parameter.type == "number") {
                QCOMPARE(where({{parameter.name, parameter.minimum - 1}}), place);
                QCOMPARE(where({{parameter.name, parameter.maximum * 2}}), place);
            }
        }
    }

    void isDescribedInFull_data() { kinds(); }
    void isDescribedInFull()
    {
        QFETCH(QString, kind);
        const RecommenderInfo &info = recommenderInfo(kind.toStdString());
        const Json json = described(info);
        QCOMPARE(json["recommender"].get<std::string>(), info.kind);
        QCOMPARE(json["source"].get<std::string>(), info.source);
        QCOMPARE(json["parameters"].size(), info.parameters.size());
        for (const ParameterInfo &parameter : info.parameters) {
            const Json &entry = json["parameters"].at(parameter.name);
            QCOMPARE(entry["description"].get<std::string>(), parameter.help);
            QVERIFY(entry.contains("default"));
            QVERIFY(expectation(parameter).size() > 5);
            if (parameter.type == "integer" || parameter.type == "number")
                QVERIFY(entry["minimum"].get<double>() == parameter.minimum &&
                        entry["maximum"].get<double>() == parameter.maximum);
            QCOMPARE(entry.contains("enum"), !parameter.choices.empty());
        }
    }

    /// As a list of recommenders is written.
    void valuesAreShown()
    {
        QCOMPARE(shown(0.1), std::string("0.1"));
        QCOMPARE(shown(300.0), std::string("300"));
        QCOMPARE(shown(1e-9), std::string("1e-09"));
        QCOMPARE(shown(200), std::string("200"));
        QCOMPARE(shown(false), std::string("false"));
        QCOMPARE(shown("ease"), std::string("ease"));
        QCOMPARE(expectation({"K", "integer", "", 1, 1e6}), std::string("a whole number from 1 to 1000000"));
    }

    void refusesAnUnknownKind() { QVERIFY_THROWS_EXCEPTION(InputError, makeRecommender("oracle", Json::object())); }

    /// Invariant 5, for the users of a block, the candidates, and the threads of a fit: every bit is compared.
    void scoresFollowFromTheRowAlone_data() { kinds(); }
    void scoresFollowFromTheRowAlone()
    {
        QFETCH(QString, kind);
        const Csr rows = tasteRows(75, itemCount, 5);
        // libtorch's products depend on the threads in their last bits, and training spreads them.
        const std::set<QString> trained{"elsa", "multvae", "sasrec", "heater"};
        const auto model = made(kind.toStdString());
        model->fit(rows, {.threads = trained.contains(kind) ? 1 : 2});
        const ScoreBlock whole = scoresOf(*model, rows);
        QVERIFY(whole.allFinite() && whole.maxCoeff() > 0);
        for (const std::int64_t block : {1, 7, 33}) {
            for (std::int64_t first = 0; first < rows.rows(); first += block) {
                ScoreBlock part(std::min(block, rows.rows() - first), itemCount);
                model->score(rows, first, allItems(itemCount), part);
                QVERIFY(sameBits(part, whole.middleRows(first, part.rows())));
            }
        }
        const std::vector<std::int32_t> some{58, 1, 2, 5, 40, 41, 3, 59};
        ScoreBlock part(rows.rows(), static_cast<Eigen::Index>(some.size()));
        model->score(rows, 0, some, part);
        // A mix scales scores among the candidates: others give other scores.
        for (std::size_t c = 0; c < some.size() && kind != "mix"; ++c)
            for (Eigen::Index u = 0; u < part.rows(); ++u)
                QVERIFY(part(u, static_cast<Eigen::Index>(c)) == whole(u, some[c]));

        const auto again = made(kind.toStdString());
        again->fit(rows, {.threads = 1});
        QVERIFY(sameBits(scoresOf(*again, rows), whole));
    }

    void coldItemsScoreNothingWithoutContent_data() { kinds(); }
    void coldItemsScoreNothingWithoutContent()
    {
        QFETCH(QString, kind);
        const Csr rows = tasteRows(60, itemCount, 9); // nobody has the last item
        const auto model = made(kind.toStdString());
        model->fit(rows, {.threads = 1});
        const Eigen::VectorXf column = scoresOf(*model, rows).col(itemCount - 1);
        if (recommenderInfo(kind.toStdString()).coldItems)
            QVERIFY(column.maxCoeff() > 0);
        else
            QVERIFY((column.array() == 0).all());
    }

    void savedAndLoadedScoresTheSame_data() { kinds(); }
    void savedAndLoadedScoresTheSame()
    {
        QFETCH(QString, kind);
        const QTemporaryDir directory;
        const auto folder = std::filesystem::path(directory.path().toStdString()) / "model";
        const Csr rows = tasteRows(60, itemCount, 8);
        const auto model = made(kind.toStdString());
        model->fit(rows, {.threads = 1});
        saveRecommender(*model, folder);
        QVERIFY_THROWS_EXCEPTION(Error, saveRecommender(*model, folder));
        const auto loaded = loadRecommender(folder);
        QCOMPARE(loaded->kind(), model->kind());
        QVERIFY(loaded->parameters() == model->parameters());
        QVERIFY(sameBits(scoresOf(*loaded, rows), scoresOf(*model, rows)));
        // Nothing temporary stays.
        QCOMPARE(std::distance(std::filesystem::directory_iterator(folder.parent_path()), {}), 1);

        std::filesystem::resize_file(folder / "state.safetensors",
                                     std::filesystem::file_size(folder / "state.safetensors") - 1);
        QVERIFY_THROWS_EXCEPTION(InputError, loadRecommender(folder));
        std::ofstream(folder / "recommender.json") << R"({"format": 1, "kind": "oracle", "parameters": {}})";
        QVERIFY_THROWS_EXCEPTION(InputError, loadRecommender(folder));
    }

    void stopsWhenAsked_data() { kinds(); }
    void stopsWhenAsked()
    {
        QFETCH(QString, kind);
        const auto model = made(kind.toStdString());
        std::stop_source stop;
        stop.request_stop();
        try {
            model->fit(tasteRows(60, itemCount, 8), {.threads = 1, .stop = stop.get_token()});
        } catch (const Cancelled &) {
            return;
        }
        // What learns nothing, or in one look at the data, has nothing to stop.
        QVERIFY(kind == "random" || kind == "popularity" || kind == "content");
    }

    /// Every stage of a fit counts up to its end, and a stop that comes when it begins ends it.
    void showsProgressAndStopsInEveryStage_data() { kinds(); }
    void showsProgressAndStopsInEveryStage()
    {
        QFETCH(QString, kind);
        const Csr rows = tasteRows(150, itemCount, 8);
        std::vector<Progress> last; // of each stage
        made(kind.toStdString())->fit(rows, {.threads = 1, .progress = [&](const Progress &progress) {
                                                 if (last.empty() || last.back().stage != progress.stage)
                                                     last.push_back(progress);
                                                 QVERIFY(progress.done >= last.back().done);
                                                 last.back() = progress;
                                             }});
        if (kind != "random" && kind != "popularity" && kind != "content")
            QVERIFY(!last.empty());
        for (const Progress &stage : last) {
            QVERIFY2(stage.total > 0 && stage.done >= stage.total && stage.rate > 0 && !stage.unit.empty(),
                     qPrintable(QString("%1: %2 of %3").arg(stage.stage.c_str()).arg(stage.done).arg(stage.total)));
            std::stop_source stop;
            FitContext context{.threads = 1, .stop = stop.get_token()};
            context.progress = [&](const Progress &progress) {
                if (progress.stage == stage.stage)
                    stop.request_stop();
            };
            QVERIFY_THROWS_EXCEPTION(Cancelled, made(kind.toStdString())->fit(rows, context));
        }
    }

    /// The weight of the divergence grows by 1 / anneal_steps a step and then stays (Liang et al., the authors' code).
    void multVaeAnnealsToItsCap()
    {
        const Csr rows = tasteRows(60, itemCount, 8);
        const auto scores = [&](double cap) {
            Json values = quick("multvae");
            values.update(Json{{"max_beta", cap}, {"anneal_steps", 100}, {"max_epochs", 10}}); // 20 steps
            const auto model = makeRecommender("multvae", values);
            model->fit(rows, {.threads = 1});
            return scoresOf(*model, rows);
        };
        QVERIFY(sameBits(scores(1), scores(0.2)));
        QVERIFY(!sameBits(scores(1), scores(0.1)));
    }

    /// With a place for every item EASE is what is solved for: all pairs of items share users here.
    void fullSansaIsEase()
    {
        Csr rows;
        rows.cols = itemCount;
        CounterRng random(11);
        for (int user = 0; user < 300; ++user) {
            std::vector<std::int32_t> row;
            for (std::int32_t item = 0; item < itemCount; ++item)
                if (random.below(4) == 0)
                    row.push_back(item);
            rows.addRow(row);
        }
        const auto sparse = makeRecommender("sansa", {{"l2", 30}, {"weight_matrix_density", 1}});
        const auto dense = makeRecommender("ease", {{"lambda", 30}});
        sparse->fit(rows, {.threads = 1});
        dense->fit(rows, {.threads = 1});
        const float far = (scoresOf(*sparse, rows) - scoresOf(*dense, rows)).cwiseAbs().maxCoeff();
        QVERIFY2(far < 1e-5F, qPrintable(QString::number(far)));
    }

    void sasRecNeedsTimes()
    {
        Csr rows = tasteRows(60, itemCount, 8);
        rows.times.clear();
        QVERIFY_THROWS_EXCEPTION(InputError, made("sasrec")->fit(rows));
        QVERIFY_THROWS_EXCEPTION(InputError, makeRecommender("sasrec", {{"hidden_units", 50}, {"num_heads", 3}}));
    }

    void embeddingsAreAskedFor()
    {
        for (const RecommenderInfo &info : recommenders())
            if (info.needsEmbeddings)
                QVERIFY_THROWS_EXCEPTION(InputError, makeRecommender(info.kind, Json::object()));
    }

    void refusesAnotherDataset_data() { kinds(); }
    void refusesAnotherDataset()
    {
        QFETCH(QString, kind);
        if (kind == "random")
            return;
        const auto model = made(kind.toStdString());
        model->fit(tasteRows(60, itemCount, 8), {.threads = 1});
        const Csr other = tasteRows(4, itemCount + 1, 8);
        ScoreBlock scores(4, 2);
        const std::vector<std::int32_t> candidates{0, 1};
        QVERIFY_THROWS_EXCEPTION(Error, model->score(other, 0, candidates, scores));
    }

    /// Where there is a pattern, it is found: users like one item in three, and 2 of 3 recommended items are of that kind.
    void learnsATaste_data() { kinds(); }
    void learnsATaste()
    {
        QFETCH(QString, kind);
        if (kind == "random" || kind == "popularity")
            return;
        Json settings = quick(kind.toStdString());
        if (kind == "sasrec")
            settings["num_epochs"] = 150; // a step sees a few users only, at a small learning rate
        const auto model = makeRecommender(kind.toStdString(), settings, "recommender", someEmbeddings());
        model->fit(tasteRows(300, itemCount, 8), {.threads = 1});
        const Csr fresh = tasteRows(60, itemCount, 80);
        ScoreBlock scores = scoresOf(*model, fresh);
        int right = 0, all = 0;
        for (Eigen::Index u = 0; u < scores.rows(); ++u) {
            for (const std::int32_t item : fresh.view().row(u))
                scores(u, item) = -1;
            for (int n = 0; n < 5; ++n, ++all) {
                Eigen::Index best = 0;
                scores.row(u).maxCoeff(&best);
                right += best % 3 == u % 3;
                scores(u, best) = -1;
            }
        }
        QVERIFY2(right * 3 > all * 2, qPrintable(QString("%1 of %2").arg(right).arg(all)));
    }
};

APIARY_TEST(RegistryTest)
#include "registry_test.moc"
