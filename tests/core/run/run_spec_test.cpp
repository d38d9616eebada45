#include "base/error.h"
#include "recsys/registry.h"
#include "run/run_spec.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

using namespace apiary;
using namespace apiary::run;
namespace fs = std::filesystem;

class RunSpecTest : public QObject {
    Q_OBJECT

private slots:
    void presetsAreValidAndSurviveTheirText_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"default", "quickstart", "paper"})
            QTest::newRow(name) << name;
    }
    void presetsAreValidAndSurviveTheirText()
    {
        QFETCH(QString, name);
        const RunSpec spec = preset(name.toStdString());
        checkSpec(spec);
        const RunSpec again = parseSpec(toText(spec), "text");
        QVERIFY(again == spec);
        QCOMPARE(toText(again), toText(spec));
        QCOMPARE(specHash(again), specHash(spec));
        QCOMPARE(specHash(spec).size(), std::size_t{64});
    }

    void everyFieldTakesPartInEqualityAndThoseThatDecideInTheHash()
    {
        const RunSpec spec = preset("default");
        const auto base = toJson(spec);
        QCOMPARE(base.flatten().size(), fields().size());
        const std::set<std::string> aside{"name", "description", "dataset.name", "training.tokenBudget",
                                          "training.passes", "training.memoryBudget", "threads",
                                          // A cold start of shares does not read these.
                                          "scenario.draws", "scenario.folds", "scenario.fold", "scenario.sourceShare",
                                          "scenario.folder"};
        for (const FieldInfo &field : fields()) {
            std::string pointer = "/" + field.path;
            std::replace(pointer.begin(), pointer.end(), '.', '/');
            auto changed = base;
            auto &value = changed.at(nlohmann::ordered_json::json_pointer(pointer));
            if (field.type == "boolean") {
                value = !value.get<bool>();
            } else if (field.type == "integer") {
                value = value == field.minimum ? field.minimum + 1 : value.get<double>() - 1;
            } else if (field.type == "number") {
                value = value.get<double>() * 0.99;
            } else if (field.type == "string") {
                static const std::map<std::string, std::string> others{
                    {"device", "cpu"}, {"evaluation.metrics", "hit@5"}, {"evaluation.recommenders", "ease"}};
                const auto other = others.find(field.path);
                value = other != others.end() ? other->second : "x" + value.get<std::string>();
            } else if (field.choices.size() > 1) {
                value = value == field.choices.back() ? field.choices.front() : field.choices.back();
            } else {
                continue;
            }
            const RunSpec other = parseSpec(changed.dump(), "text");
            QVERIFY2(!(other == spec), field.path.c_str());
            QVERIFY2((specHash(other) == specHash(spec)) == aside.contains(field.path), field.path.c_str());
        }
    }

    /// What the scenario does not read decides nothing; recommenders have one spelling.
    void theHashFollowsTheScenario()
    {
        RunSpec spec = preset("default"), other = spec;
        spec.scenario.kind = other.scenario.kind = "user-split";
        other.scenario.testShare = 0.3;
        QCOMPARE(specHash(other), specHash(spec));
        other.scenario.folds = 4;
        QVERIFY(specHash(other) != specHash(spec));
        spec = other = preset("default");
        spec.scenario.draw = other.scenario.draw = "as-published";
        other.scenario.testShare = 0.3;
        QCOMPARE(specHash(other), specHash(spec));
        other.scenario.draws = 100;
        QVERIFY(specHash(other) != specHash(spec));
        spec = other = preset("default");
        spec.evaluation.recommenders = "ease(lambda=1e3),popularity";
        other.evaluation.recommenders = "ease( lambda = 1000 ), popularity";
        QCOMPARE(specHash(other), specHash(spec));
    }

    /// Projects of earlier versions: their runs compare by what this version makes of their specs.
    void storedHashesCompare()
    {
        RunSpec spec = preset("quickstart");
        const std::string now = specHash(spec);
        spec.threads = 3;
        spec.name = "again";
        QCOMPARE(specHash(toText(spec), "of an earlier version"), now);
        QCOMPARE(specHash("{\"seed\": 42}", "x"), specHash(RunSpec{})); // fields that are left out have their defaults
        for (const char *unreadable : {"", "{", "{\"later\": 1}"})
            QCOMPARE(specHash(unreadable, "kept"), std::string("kept"));
    }

    void everyFieldIsExplained()
    {
        for (const FieldInfo &field : fields()) {
            QVERIFY2(!field.label.empty() && field.help.size() > 10 && field.help.back() == '.', field.path.c_str());
            QVERIFY2(field.minimum <= field.maximum, field.path.c_str());
            QVERIFY2((field.type == "enum") == !field.choices.empty(), field.path.c_str());
        }
    }

    void namesFieldLineAndExpectation_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QStringList>("parts"); // all of them stand in the message
        QTest::newRow("unknown") << QByteArray("{\n \"training\": {\n  \"learninRate\": 1}}")
                                 << QStringList{"s.json:3", "training.learninRate",
                                                "did you mean \"training.learningRate\""};
        QTest::newRow("snake case") << QByteArray("{\"training\": {\"users_per_step\": 1}}")
                                    << QStringList{"s.json:1", "did you mean \"training.usersPerStep\""};
        QTest::newRow("wrong section") << QByteArray("{\n\n\"learningRate\": 1}")
                                       << QStringList{"s.json:3, learningRate",
                                                      "did you mean \"training.learningRate\""};
        QTest::newRow("section misspelt")
            << QByteArray("{\"trainig\": {}}") << QStringList{"trainig", "did you mean \"training\""};
        QTest::newRow("nothing near") << QByteArray("{\"zzzzzz\": {}}")
                                      << QStringList{"zzzzzz", "no such field", "apiary-cli spec"};
        QTest::newRow("text for number") << QByteArray("{\"training\":\n{\"dropout\": true,\n\"epochs\": \"five\"}}")
                                         << QStringList{"s.json:3, training.epochs", "whole number from 1",
                                                        "not \"five\""};
        QTest::newRow("fraction") << QByteArray("{\"training\": {\"epochs\": 1.5}}")
                                  << QStringList{"training.epochs", "whole number", "not 1.5"};
        QTest::newRow("out of bounds") << QByteArray("{\"scenario\": {\"testShare\": 1.5}}")
                                       << QStringList{"scenario.testShare", "0.001 to 0.9", "not 1.5"};
        QTest::newRow("negative seed") << QByteArray("{\"seed\": -1}") << QStringList{"seed", "whole number from 0"};
        QTest::newRow("huge") << QByteArray("{\"training\": {\"usersPerStep\": 1e300}}")
                              << QStringList{"training.usersPerStep", "whole number"};
        QTest::newRow("choice") << QByteArray("{\"training\": {\"passes\": \"three\"}}")
                                << QStringList{"training.passes", "\"auto\", \"one\", \"two\"", "not \"three\""};
        QTest::newRow("number for text") << QByteArray("{\"name\": 5}")
                                         << QStringList{"name", "text in quotes", "not 5"};
        QTest::newRow("number for flag") << QByteArray("{\"training\":{\"dropout\": 1}}")
                                         << QStringList{"training.dropout", "true or false"};
        QTest::newRow("null") << QByteArray("{\"seed\": null}") << QStringList{"seed", "not null"};
        QTest::newRow("list") << QByteArray("{\"seed\": [1]}") << QStringList{"seed", "not a list"};
        QTest::newRow("section is a number")
            << QByteArray("{\n\"training\": 5}") << QStringList{"s.json:2, training", "expected an object"};
        QTest::newRow("twice") << QByteArray("{\"seed\": 1,\n\"seed\": 2}") << QStringList{"s.json:2, seed", "twice"};
        QTest::newRow("shares") << QByteArray("{\"scenario\": {\n\"testShare\": 0.6, \"validationShare\": 0.5}}")
                                << QStringList{"s.json:2, scenario.testShare", "too few to train"};
        QTest::newRow("fold") << QByteArray("{\"scenario\": {\"folds\": 3,\n\"fold\": 3}}")
                              << QStringList{"s.json:2, scenario.fold", "no fold 3 of 3"};
        QTest::newRow("scenario") << QByteArray("{\"scenario\": {\"kind\": \"warm\"}}")
                                  << QStringList{"scenario.kind", "\"time-split\"", "not \"warm\""};
        QTest::newRow("metric") << QByteArray("{\"evaluation\": {\n\"metrics\": \"recall@20, ndgc@100\"}}")
                                << QStringList{"s.json:2, evaluation.metrics", "no metric \"ndgc\"", "ndcg"};
        QTest::newRow("device") << QByteArray("{\"device\": \"gpu\"}") << QStringList{"device", "cuda:N", "\"gpu\""};
        QTest::newRow("syntax") << QByteArray("{\n\"seed\": 1,,\n}") << QStringList{"s.json:2", "not JSON", "line 2"};
        QTest::newRow("cut off") << QByteArray("{\"seed\": 1") << QStringList{"not JSON", "spec` prints"};
        QTest::newRow("negative seed") << QByteArray("{\"seed\": -1}")
                                       << QStringList{"seed", "from 0 to 9007199254740991"};
        QTest::newRow("empty") << QByteArray("") << QStringList{"not JSON"};
        QTest::newRow("no object") << QByteArray("[1]") << QStringList{"expected an object"};
        QTest::newRow("bad UTF-8") << QByteArray("{\"name\": \"\xff\"}") << QStringList{"not JSON"};
        QTest::newRow("after the end") << QByteArray("{} {}") << QStringList{"not JSON"};
        QTest::newRow("deep") << QByteArray("{\"training\":").repeated(10000) << QStringList{"not JSON"};
    }
    void namesFieldLineAndExpectation()
    {
        QFETCH(QByteArray, json);
        QFETCH(QStringList, parts);
        QString message;
        try {
            parseSpec(json.toStdString(), "s.json");
        } catch (const InputError &error) {
            message = error.what();
        }
        for (const QString &part : parts)
            QVERIFY2(message.contains(part), qPrintable(part + " | " + message));
    }

    void acceptsWholeNumbersWithAnExponent()
    {
        QCOMPARE(parseSpec(R"({"training": {"itemsPerStep": 1e4}})", "s").training.itemsPerStep, 10000);
    }

    void leftOutFieldsHaveDefaults() { QVERIFY(parseSpec("{}", "s") == preset("default")); }

    void pathsStartAtTheFile()
    {
        QTemporaryDir dir;
        const fs::path root = dir.path().toStdString();
        fs::create_directories(root / "projects");
        std::ofstream(root / "projects" / "a.json")
            << R"({"dataset": {"interactions": "../data/a.csv", "items": "/abs/b.csv"}, "encoder": {"folder": "enc"}})";
        const RunSpec spec = loadSpec(root / "projects" / "a.json");
        QCOMPARE(spec.dataset.interactions.string(), (root / "data" / "a.csv").string());
        QCOMPARE(spec.dataset.items.string(), std::string("/abs/b.csv"));
        QCOMPARE(spec.encoder.folder.string(), (root / "projects" / "enc").string());
        QVERIFY_EXCEPTION_THROWN(loadSpec(root / "none.json"), InputError);
        QVERIFY_EXCEPTION_THROWN(loadSpec(root), InputError);
    }

    void missingInputsNameTheirField()
    {
        QString message;
        try {
            checkInputs(preset("default"));
        } catch (const InputError &error) {
            message = error.what();
        }
        QVERIFY(message.contains("dataset.interactions"));
        RunSpec spec = preset("default");
        spec.dataset.interactions = "/nowhere/at/all.csv";
        try {
            checkInputs(spec);
        } catch (const InputError &error) {
            message = error.what();
        }
        QVERIFY(message.contains("/nowhere/at/all.csv"));
    }

    void projectsAreValid()
    {
        int count = 0;
        for (const auto &entry : fs::directory_iterator(tests::sourceFolder() / "projects")) {
            if (entry.path().extension() != ".json")
                continue;
            ++count;
            const RunSpec spec = loadSpec(entry.path());
            QVERIFY2(!spec.name.empty() && !spec.description.empty(), entry.path().c_str());
            QVERIFY(spec.encoder.folder.is_absolute());
        }
        QVERIFY(count >= 3);
    }

    void quickstartFileIsItsPreset()
    {
        const fs::path root = tests::sourceFolder();
        RunSpec spec = preset("quickstart");
        for (fs::path *path : {&spec.dataset.interactions, &spec.dataset.items, &spec.encoder.folder})
            *path = (root / *path).lexically_normal();
        QCOMPARE(toText(loadSpec(root / "projects" / "quickstart.json")), toText(spec));
    }

    void schemaDescribesEveryField()
    {
        const auto schema = specSchema();
        QCOMPARE(schema.at("additionalProperties").get<bool>(), false);
        for (const FieldInfo &field : fields()) {
            std::string pointer = "/properties/" + field.path;
            if (const auto dot = pointer.find('.'); dot != std::string::npos)
                pointer.replace(dot, 1, "/properties/");
            const auto &entry = schema.at(nlohmann::ordered_json::json_pointer(pointer));
            QVERIFY2(entry.contains("default") && entry.contains("description") && entry.contains("type"),
                     pointer.c_str());
        }
        QVERIFY_EXCEPTION_THROWN(preset("nothing"), InputError);
    }

    /// From the registry: every kind stands in the field's description, with its parameters in $defs.
    void schemaKnowsEveryRecommender()
    {
        const auto schema = specSchema();
        const auto &field = schema.at("properties").at("evaluation").at("properties").at("recommenders");
        const QString help = QString::fromStdString(field.at("description").get<std::string>());
        for (const recsys::RecommenderInfo &info : recsys::recommenders()) {
            const QRegularExpression word("[ :]" + QRegularExpression::escape(QString::fromStdString(info.kind)) +
                                          "[,.]");
            QVERIFY2(help.contains(word), info.kind.c_str());
            const auto &properties = schema.at("$defs").at("recommenders").at(info.kind).at("properties");
            const auto defaults = recsys::defaultParameters(info.kind);
            QCOMPARE(properties.size(), info.parameters.size());
            for (const recsys::ParameterInfo &parameter : info.parameters)
                QVERIFY(properties.at(parameter.name).at("default") == defaults.at(parameter.name));
        }
    }
};

APIARY_TEST(RunSpecTest)
#include "run_spec_test.moc"
