#include "support/registry.h"

#include "run/runner.h"
#include "widgets/compare/compare_page.h"
#include "widgets/compare/comparison_model.h"
#include "widgets/gui_fixture.h"
#include "widgets/shell/project_model.h"

#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace apiary;
using namespace apiary::widgets;

namespace {

store::MetricRecord record(const std::string &model, double value)
{
    return {model, "recall@20", {value, value + 0.1, value + 0.05}, {"u1", "u2", "u3"}};
}

std::int64_t addRun(store::Project &project, const std::string &seed)
{
    store::RunRecord run;
    run.name = "run of split " + seed;
    run.specJson = R"({"seed":7,"scenario":{"seed":)" + seed + R"(},"evaluation":{"bootstrapResamples":50}})";
    run.datasetName = "films";
    run.datasetHash = "d1";
    run.encoderName = "mini";
    run.encoderHash = "e1";
    run.id = project.beginRun(run);
    run.status = "finished";
    project.finishRun(run, {record("untrained", 0.1), record("tuned", 0.2), record("random", 0.01)});
    return run.id;
}

store::TestedEncoder tested(std::int64_t run, const std::string &name, const std::string &hash, double value)
{
    store::TestedEncoder encoder;
    encoder.run = run;
    encoder.name = name;
    encoder.hash = hash;
    encoder.folder = "/models/" + name;
    encoder.metrics = {record(name, value)};
    return encoder;
}

class Silent : public run::RunObserver {
public:
    void onEvent(const run::RunEvent &) override {}
};

QStringList labels(const ScoreSet &set)
{
    QStringList names;
    for (const auto &model : set.models)
        names << QString::fromStdString(model.label);
    return names;
}

int rowOf(const ComparePage &page, const QString &label)
{
    for (std::size_t row = 0; page.shown() && row < page.shown()->models.size(); ++row)
        if (labelOf(page.shown()->models[row]) == label)
            return static_cast<int>(row);
    return -1;
}

} // namespace

class TestCompareEncoders : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void testedEncodersAreComparedWhereTheTestIsTheSame()
    {
        const QTemporaryDir dir;
        const auto project = store::Project::open(dir.filePath(QStringLiteral("p")).toStdString());
        const auto first = addRun(*project, "1");
        const auto second = addRun(*project, "1");
        const auto other = addRun(*project, "2");
        project->keepTested(tested(first, "mpnet", "h1", 0.3));
        project->keepTested(tested(second, "mpnet again", "h1", 0.3)); // the same weights: stands once
        project->keepTested(tested(second, "bge", "h2", 0.15));
        project->keepTested(tested(other, "elsewhere", "h3", 0.9));
        const ScoreSet set = collectScores(*project, first);
        QCOMPARE(labels(set).filter(QStringLiteral("mpnet")), QStringList{QStringLiteral("mpnet")});
        QVERIFY(labels(set).contains(QStringLiteral("bge")));
        QVERIFY(!labels(set).contains(QStringLiteral("elsewhere")));
        QCOMPARE(set.models.back().kind, ModelKind::Random);
        const auto found = std::find_if(set.models.begin(), set.models.end(),
                                        [](const auto &model) { return model.kind == ModelKind::Added; });
        QCOMPARE(found->key, std::string("encoder:h1"));
        QCOMPARE(found->metrics.at("recall@20").perUser, record("", 0.3).perUser);
        const ComparedModels compared = compareModels(set, 0);
        const auto place = static_cast<std::size_t>(found - set.models.begin());
        QVERIFY(std::abs(compared.models[place].cells[0].difference.mean - 0.2) < 1e-9);
        QVERIFY(run::exportTable(compared, run::TableFormat::Csv).find("\nmpnet,recall@20,0.3") != std::string::npos);
        QVERIFY(run::exportTable(compared, run::TableFormat::Markdown).find("| mpnet | 0.35") != std::string::npos);
    }

    void addTestRemoveUndoReopen()
    {
        if (!std::filesystem::exists(tests::golden() / "tiny-bert"))
            QSKIP("tests/golden/data/tiny-bert is not there");
        const tests::GuiFixture fixture;
        {
            const auto project = store::Project::open(fixture.project());
            Silent silent;
            run::PauseGate gate;
            run::execute(fixture.spec(2), *project, silent, gate, {});
        }
        ProjectSession project;
        project.open(fixture.project());
        const QString name = QStringLiteral("the same again");
        {
            ComparePage page(&project);
            page.resize(1100, 700);
            page.show();
            QTRY_VERIFY(page.shown() && !page.busy());
            const auto before = page.shown()->models.size();
            page.addEncoder({"folder:/nowhere", QStringLiteral("nowhere"), "/nowhere", 0});
            page.addEncoder({"folder:x", name, tests::golden() / "tiny-bert", 0});
            QVERIFY(page.testing());
            QTRY_VERIFY_WITH_TIMEOUT(!page.testing() && !page.busy() && rowOf(page, name) > 0, 20000);
            QVERIFY(page.messages()->text().contains(QStringLiteral("nowhere was not added")));
            QCOMPARE(page.shown()->models.size(), before + 1);
            const auto &added = page.shown()->models[static_cast<std::size_t>(rowOf(page, name))];
            for (std::size_t metric = 0; metric < added.cells.size(); ++metric) {
                QCOMPARE(added.cells[metric].mean.mean, page.shown()->models[0].cells[metric].mean.mean);
                QCOMPARE(added.cells[metric].difference.mean, 0.0);
            }
            page.matrix()->setCurrentIndex(page.matrix()->model()->index(rowOf(page, name), 0));
            QTest::keyClick(page.matrix(), Qt::Key_Delete);
            QTRY_VERIFY(!page.busy() && rowOf(page, name) < 0);
            for (auto *button : page.messages()->findChildren<QPushButton *>())
                if (button->isVisible())
                    button->click();
            QTRY_VERIFY(!page.busy() && rowOf(page, name) > 0);
            page.removeAdded(0); // the run's own cannot be taken out
            QVERIFY(rowOf(page, name) > 0);
        }
        ComparePage again(&project);
        again.show();
        QTRY_VERIFY(again.shown() && !again.busy());
        QVERIFY(rowOf(again, name) > 0);
        QVERIFY(!again.testing());
    }

    void aReadOnlyProjectTakesNoEncoders()
    {
        const QTemporaryDir dir;
        const auto folder = dir.filePath(QStringLiteral("p")).toStdString();
        const auto writer = store::Project::open(folder);
        const auto run = addRun(*writer, "1");
        writer->keepTested(tested(run, "mpnet", "h1", 0.3));
        ProjectSession project;
        project.open(folder); // held by the writer: read-only
        QVERIFY(project.readOnly());
        ComparePage page(&project);
        page.show();
        QTRY_VERIFY(page.shown() && !page.busy());
        QVERIFY(rowOf(page, QStringLiteral("mpnet")) > 0);
        page.addEncoder({"folder:x", QStringLiteral("x"), "/x", 0});
        QVERIFY(!page.testing());
        page.removeAdded(rowOf(page, QStringLiteral("mpnet")));
        QCOMPARE(writer->tested(run).size(), std::size_t{1});
    }
};

APIARY_TEST(TestCompareEncoders)

#include "test_compare_encoders.moc"
