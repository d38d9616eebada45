#include "base/error.h"
#include "base/random.h"
#include "eval/bootstrap.h"
#include "eval/comparison.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QElapsedTimer>
#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace apiary;
using namespace apiary::eval;

namespace {

using Values = std::vector<double>;

Values uniform(std::size_t count, std::uint64_t seed)
{
    CounterRng random(seed);
    Values values(count);
    for (double &value : values)
        value = random.uniform();
    return values;
}

bool equal(const Interval &a, const Interval &b)
{
    return a.mean == b.mean && a.low == b.low && a.high == b.high;
}

Evaluation evaluation(const std::string &model, Values recall, Values ndcg)
{
    Evaluation result;
    result.model = model;
    result.metrics = {{"recall@20", std::move(recall)}, {"ndcg@100", std::move(ndcg)}};
    return result;
}

/// Three models on 200 users: a baseline, a better one, one that cannot be told from the baseline.
std::vector<Evaluation> three()
{
    const Values base = uniform(200, 1);
    Values better = base;
    Values same = base;
    const Values noise = uniform(200, 2);
    for (std::size_t u = 0; u < base.size(); ++u) {
        better[u] += 0.1 + 0.02 * noise[u];
        same[u] += u % 2 ? 0.01 : -0.01;
    }
    return {evaluation("ungeübt", base, base), evaluation("tuned", better, better), evaluation("same", same, same)};
}

} // namespace

class BootstrapTest : public QObject {
    Q_OBJECT

private slots:
    void equalsSciPyWithinMonteCarloError()
    {
        std::ifstream file(tests::golden() / "metrics.json");
        const auto golden = nlohmann::json::parse(file)["bootstrap"];
        const auto model = golden["model"].get<Values>();
        const auto baseline = golden["baseline"].get<Values>();
        Values differences;
        for (std::size_t u = 0; u < model.size(); ++u)
            differences.push_back(model[u] - baseline[u]);
        const auto deviation = [](const Values &values) { // of the mean
            double sum = 0;
            double squares = 0;
            for (const double value : values) {
                sum += value;
                squares += value * value;
            }
            const auto n = static_cast<double>(values.size());
            return std::sqrt((squares - sum * sum / n) / (n - 1) / n);
        };
        for (const auto &golden : golden["cases"]) {
            const auto level = golden["level"].get<double>();
            const Interval paired = pairedBootstrap(model, baseline, 5, 100'000, level);
            const Interval single = bootstrap(model, 6, 100'000, level);
            // A 2.5% quantile from 100,000 resamples errs by 0.0085 standard deviations of the mean; here by up to five
            // times that, and SciPy's 200,000 by a little.
            const double pairedError = 0.05 * deviation(differences);
            const double singleError = 0.05 * deviation(model);
            QVERIFY(std::abs(paired.low - golden["paired"][0].get<double>()) < pairedError);
            QVERIFY(std::abs(paired.high - golden["paired"][1].get<double>()) < pairedError);
            QVERIFY(std::abs(single.low - golden["single"][0].get<double>()) < singleError);
            QVERIFY(std::abs(single.high - golden["single"][1].get<double>()) < singleError);
            QVERIFY(std::abs(paired.mean - std::accumulate(differences.begin(), differences.end(), 0.0) / 80) < 1e-12);
        }
    }

    /// 95% intervals of samples with a known mean hold it in about 95 of 100 cases.
    void covers()
    {
        int held = 0;
        for (std::uint64_t sample = 0; sample < 400; ++sample) {
            const Interval interval = bootstrap(uniform(60, 1000 + sample), 3, 1000);
            held += interval.low <= 0.5 && interval.high >= 0.5;
        }
        QVERIFY2(held > 360 && held < 396, qPrintable(QString::number(held)));
    }

    void dependsOnTheSeedAlone()
    {
        const Values a = uniform(300, 1);
        const Values b = uniform(300, 2);
        QVERIFY(equal(pairedBootstrap(a, b, 9), pairedBootstrap(a, b, 9)));
        QVERIFY(!equal(pairedBootstrap(a, b, 9), pairedBootstrap(a, b, 10)));
    }

    void edges()
    {
        QVERIFY(equal(bootstrap(Values{0.25}, 1), {0.25, 0.25, 0.25}));
        const Values constant(10, 0.5);
        QVERIFY(equal(pairedBootstrap(constant, constant, 1), {0, 0, 0}));
        QVERIFY(pairedBootstrap(constant, constant, 1).holdsZero());
        QVERIFY_THROWS_EXCEPTION(Error, bootstrap(Values{}, 1));
        QVERIFY_THROWS_EXCEPTION(Error, pairedBootstrap(Values(3), Values(4), 1));
        QVERIFY_THROWS_EXCEPTION(Error, bootstrap(constant, 1, 0));
        QVERIFY_THROWS_EXCEPTION(Error, bootstrap(constant, 1, 10, 1.0));
    }

    void isFast()
    {
        const Values a = uniform(1000, 1);
        const Values b = uniform(1000, 2);
        QElapsedTimer timer;
        timer.start();
        pairedBootstrap(a, b, 1);
        qInfo("10,000 resamples of 1,000 users: %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY(timer.elapsed() < 4000); // sanitizers and busy machines included
    }

    void comparisonEqualsTheBootstraps()
    {
        const auto models = three();
        const Comparison comparison = compare(models, 0, 42, 2000);
        QCOMPARE(comparison.metrics, (std::vector<std::string>{"recall@20", "ndcg@100"}));
        QCOMPARE(comparison.users, std::int64_t{200});
        QCOMPARE(comparison.rows.size(), std::size_t{3});
        for (std::size_t r = 0; r < 3; ++r)
            for (std::size_t m = 0; m < 2; ++m) {
                const ComparisonCell &cell = comparison.rows[r].cells[m];
                const auto &own = models[r].metrics[m].perUser;
                QVERIFY(equal(cell.mean, bootstrap(own, 42, 2000)));
                QVERIFY(equal(cell.difference, pairedBootstrap(own, models[0].metrics[m].perUser, 42, 2000)));
                QCOMPARE(cell.mean.mean, models[r].metrics[m].mean());
            }
        QVERIFY(!comparison.rows[1].cells[0].difference.holdsZero());
        QVERIFY(comparison.rows[2].cells[0].difference.holdsZero());
        QVERIFY(equal(comparison.rows[0].cells[1].difference, {0, 0, 0}));
    }

    void comparisonRefusesWhatDiffers()
    {
        auto models = three();
        QVERIFY_THROWS_EXCEPTION(Error, compare(models, 3, 1));
        QVERIFY_THROWS_EXCEPTION(Error, compare({}, 0, 1));
        models[1].metrics[1].perUser.pop_back();
        QVERIFY_THROWS_EXCEPTION(Error, compare(models, 0, 1));
        models = three();
        models[2].metrics[0].metric = "recall@50";
        QVERIFY_THROWS_EXCEPTION(Error, compare(models, 0, 1));
        models = three();
        models[2].metrics.pop_back();
        QVERIFY_THROWS_EXCEPTION(Error, compare(models, 0, 1));
    }

    void table()
    {
        Comparison comparison;
        comparison.metrics = {"recall@20"};
        comparison.users = 943;
        comparison.resamples = 10000;
        comparison.level = 0.95;
        comparison.seed = 42;
        comparison.rows = {{"ungeübt", {{{0.176, 0.165, 0.18712}, {}}}},
                           {"tuned", {{{0.357, 0.34, 0.3755}, {0.181, 0.17, 0.19249}, 1e-9, 2e-9}}},
                           {"random", {{{0.17, 0.16, 0.18}, {-0.006, -0.0201, 0.001}, 0.041, 0.041}}}};
        const std::string text = formatTable(comparison);
        QCOMPARE(QString::fromStdString(text),
                 QStringLiteral(
                     "metric     model    mean    95% interval      difference  95% interval             p\n"
                     "recall@20  ungeübt  0.1760  [0.1650, 0.1871]  (baseline)\n"
                     "           tuned    0.3570  [0.3400, 0.3755]  +0.1810     [+0.1700, +0.1925]       <0.0001\n"
                     "           random   0.1700  [0.1600, 0.1800]  -0.006000   [-0.02010, +0.001000] ~  0.041\n"
                     "943 users; differences to ungeübt; paired bootstrap over users, 10000 resamples, seed 42\n"
                     "p: Wilcoxon signed-rank test over users, two-sided, Holm's correction for the 2 "
                     "comparisons with the baseline, each metric by itself\n"
                     "~ the interval of the difference holds zero, or p is 0.05 or more: the data do not tell the two "
                     "apart\n"));
        comparison.totals = {"coverage@20"};
        comparison.rows[0].totals = {0.25};
        comparison.rows[1].totals = {0.5};
        comparison.rows.pop_back();
        const std::string two = formatTable(comparison);
        QVERIFY(two.find('~') == std::string::npos);
        QVERIFY(two.find("\ncoverage@20  ungeübt  0.2500\n             tuned    0.5000\n943 users") !=
                std::string::npos);
        QVERIFY(two.find("Wilcoxon signed-rank test over users, two-sided\n") != std::string::npos);
    }
};

APIARY_TEST(BootstrapTest)
#include "bootstrap_test.moc"
