#include "support/registry.h"

#include "support/stored_runs.h"
#include "widgets/compare/comparison_model.h"
#include "widgets/compare/forest_plot.h"
#include "widgets/compare/model_style.h"
#include "widgets/compare_fixture.h"
#include "widgets/theme/theme.h"

#include <QTemporaryDir>
#include <QTest>

using namespace apiary;
using namespace apiary::widgets;

namespace {

ComparedModel model(ModelKind kind, std::int64_t run, const std::string &key)
{
    ComparedModel one;
    one.key = key;
    one.label = key;
    one.kind = kind;
    one.run = run;
    return one;
}

} // namespace

/// What tells the models of a comparison apart.
class TestCompareStyles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void noTwoModelsLookAlike()
    {
        std::vector<ComparedModel> models{model(ModelKind::Untrained, 1, "mini"), model(ModelKind::Tuned, 1, "own")};
        for (const int run : {6, 11, 16}) // runs whose numbers give one colour
            models.push_back(model(ModelKind::Tuned, run, "run " + std::to_string(run)));
        models.push_back(model(ModelKind::Untrained, 2, "mpnet"));
        models.push_back(model(ModelKind::Added, 1, "added")); // of the runs' colour too
        for (const char *name : {"popularity", "item-knn", "ease", "elsa", "ials", "sansa", "heater", "multvae"})
            models.push_back(model(ModelKind::Other, 1, name));
        models.push_back(model(ModelKind::Random, 1, "random"));
        const Theme &theme = Theme::instance();
        const auto styles = modelStyles(
            models, 1, [&](const ComparedModel &one) { return one.key == "own" ? theme.tuned() : theme.run(0); });
        QCOMPARE(styles.size(), models.size());
        for (std::size_t i = 0; i < styles.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                QVERIFY2(styles[i].colour != styles[j].colour || styles[i].marker != styles[j].marker,
                         (models[i].key + ", " + models[j].key).c_str());
        QCOMPARE(styles[0], (ModelStyle{theme.baseline(0), Qt::SolidLine, 0}));
        QCOMPARE(styles[1], (ModelStyle{theme.tuned(), Qt::SolidLine, 0}));
        QCOMPARE(styles.back().colour, theme.baseline(1));
        // Baselines differ in shade, dash and marker at once, as far as four shades and dashes go.
        const ModelStyle &popularity = styles[7], &knn = styles[8];
        QVERIFY(popularity.colour != knn.colour && popularity.dash != knn.dash && popularity.marker != knn.marker);
    }

    void markersAreOfOneSizeAndDiffer()
    {
        for (int marker = 0; marker < 7; ++marker) {
            const QRectF box = markerPath(marker).boundingRect();
            QVERIFY(box.width() > 4 && box.width() < 7 && box.height() > 4 && box.height() < 7);
            QVERIFY(markerPath(marker).contains(QPointF(0, 0)));
            for (int other = 0; other < marker; ++other)
                QVERIFY(markerPath(marker) != markerPath(other));
        }
        QCOMPARE(markerPath(7), markerPath(0));
    }

    void thePlotDrawsThem()
    {
        const QTemporaryDir dir;
        std::int64_t run = 0;
        {
            const auto project = store::Project::open(dir.filePath(QStringLiteral("project")).toStdString());
            run = project->beginRun(tests::storedRun("alpha", "1"));
            store::RunRecord record = *project->run(run);
            record.status = "finished";
            std::vector<store::MetricRecord> metrics;
            double lift = 0.1;
            for (const char *name : {"untrained", "tuned", "popularity", "item-knn"})
                metrics.push_back(tests::storedValues(name, "recall@20", lift += 0.02));
            project->finishRun(record, metrics, {}, {});
        }
        OPEN_COMPARISON(dir.filePath(QStringLiteral("project")).toStdString(), run);
        QCOMPARE(page.forest()->graphCount(), 3);
        const int knn = page.forest()->graphCount() - 1;
        const QCPScatterStyle a = page.forest()->graph(knn - 1)->scatterStyle();
        const QCPScatterStyle b = page.forest()->graph(knn)->scatterStyle();
        QVERIFY(a.customPath() != b.customPath());
        QVERIFY(a.isPenDefined()); // else the plot would draw the outline in a colour of its own
        QCOMPARE(a.pen().color(), a.brush().color());
        QVERIFY(a.brush().color() != b.brush().color());
        QList<Qt::PenStyle> dashes;
        for (int i = 0; i < page.forest()->itemCount(); ++i)
            if (const auto *line = qobject_cast<QCPItemLine *>(page.forest()->item(i)))
                dashes << line->pen().style();
        QCOMPARE(dashes.size(), 3);
        QVERIFY(dashes[1] != dashes[2]);
        // Another theme draws them anew, in its own greys.
        Theme::instance().setMode(Theme::Mode::Dark, false);
        const QColor dark = Theme::instance().baseline(3);
        const QColor drawn = page.forest()->graph(knn)->scatterStyle().brush().color();
        Theme::instance().setMode(Theme::Mode::System, false);
        QCOMPARE(drawn, dark);
    }
};

APIARY_TEST(TestCompareStyles)

#include "test_compare_styles.moc"
