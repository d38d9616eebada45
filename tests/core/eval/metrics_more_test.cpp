#include "base/error.h"
#include "eval/comparison.h"
#include "eval/evaluate.h"
#include "eval/significance.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace apiary;
using namespace apiary::eval;

namespace {

using Json = nlohmann::json;
using Items = std::vector<std::int32_t>;
using Values = std::vector<double>;

Json golden(const char *file)
{
    std::ifstream in(tests::golden() / file);
    return Json::parse(in);
}

/// Gives every user the list that it was made with.
class ListModel : public recsys::Recommender {
public:
    explicit ListModel(std::vector<Items> lists) : m_lists(std::move(lists)) {}
    std::string name() const override { return "lists"; }
    void fit(const CsrView &, const recsys::FitContext &) override {}
    void score(const CsrView &, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               recsys::ScoreBlock &scores) const override
    {
        scores.setZero();
        for (Eigen::Index i = 0; i < scores.rows(); ++i) {
            const Items &list = m_lists[static_cast<std::size_t>(firstUser + i)];
            for (std::size_t place = 0; place < list.size(); ++place) {
                const auto at = std::lower_bound(candidates.begin(), candidates.end(), list[place]);
                scores(i, at - candidates.begin()) = static_cast<float>(list.size() - place);
            }
        }
    }

private:
    std::vector<Items> m_lists;
};

/// The lists of metrics.json as an evaluation of the users that have targets.
struct Lists {
    Json lists = golden("metrics.json");
    Json more = golden("metrics_more.json");
    std::vector<std::size_t> users; ///< in the golden file
    std::vector<Items> rankings;
    Csr sources, targets;
    Items candidates;
    recsys::Embeddings embeddings;
    std::vector<std::int64_t> popularity;

    Lists()
    {
        const auto vectors = more["numpy"]["embeddings"].get<std::vector<std::vector<float>>>();
        const auto items = static_cast<std::int64_t>(vectors.size());
        embeddings.resize(items, static_cast<Eigen::Index>(vectors[0].size()));
        for (Eigen::Index j = 0; j < embeddings.rows(); ++j)
            for (Eigen::Index d = 0; d < embeddings.cols(); ++d)
                embeddings(j, d) = vectors[static_cast<std::size_t>(j)][static_cast<std::size_t>(d)];
        popularity = more["numpy"]["popularity"].get<std::vector<std::int64_t>>();
        candidates.resize(vectors.size());
        std::iota(candidates.begin(), candidates.end(), 0);
        sources.cols = targets.cols = items;
        for (std::size_t u = 0; u < lists["targets"].size(); ++u) {
            const auto wanted = lists["targets"][u].get<Items>();
            if (wanted.empty())
                continue;
            users.push_back(u);
            rankings.push_back(lists["rankings"][u].get<Items>());
            sources.addRow({});
            targets.addRow(wanted);
        }
    }

    Task task() const { return {sources, targets, candidates}; }
    EvaluationOptions options(const std::string &metrics) const
    {
        EvaluationOptions options;
        options.metrics = parseMetrics(metrics);
        options.items = {popularity, more["numpy"]["population"].get<std::int64_t>(), &embeddings};
        return options;
    }
    Evaluation evaluate(const std::string &metrics) const
    {
        return eval::evaluate(ListModel(rankings), task(), options(metrics));
    }
};

double farthest(const Values &own, const std::vector<double> &golden)
{
    double largest = own.size() == golden.size() ? 0 : 1e9;
    for (std::size_t i = 0; i < std::min(own.size(), golden.size()); ++i)
        largest = std::max(largest, std::abs(own[i] - golden[i]));
    return largest;
}

} // namespace

class MetricsMoreTest : public QObject {
    Q_OBJECT

private slots:
    void equalRecPack()
    {
        const Lists data;
        QCOMPARE(data.more["versions"]["recpack"].get<std::string>(), std::string("0.3.6"));
        for (const auto &metric : data.more["recpack"]) {
            const auto name = metric["metric"].get<std::string>();
            QCOMPARE(metric["users"].get<std::vector<std::size_t>>(), data.users);
            const double far = farthest(data.evaluate(name).metrics[0].perUser, metric["values"].get<Values>());
            QVERIFY2(far <= 1e-9, qPrintable(QString("%1: %2").arg(name.c_str()).arg(far)));
        }
        for (const auto &metric : data.more["coverage"]) {
            const auto totals = data.evaluate(metric["metric"].get<std::string>()).totals;
            QCOMPARE(totals.size(), std::size_t{1});
            QVERIFY(std::abs(totals[0].value - metric["value"].get<double>()) <= 1e-9);
        }
    }

    void equalScikitLearn()
    {
        const Lists data;
        std::size_t compared = 0;
        for (const auto &one : data.more["sklearnNdcg"]) {
            const auto u = one["user"].get<std::size_t>();
            const double own = ndcg(data.lists["rankings"][u].get<Items>(), data.lists["targets"][u].get<Items>(),
                                    one["k"].get<int>());
            QVERIFY(std::abs(own - one["value"].get<double>()) <= 1e-9);
            ++compared;
        }
        QVERIFY(compared > 100);
        for (const auto &one : data.more["sklearnMap"]) {
            const auto u = one["user"].get<std::size_t>();
            const Hits hits = findHits(one["ranking"].get<Items>(), data.lists["targets"][u].get<Items>());
            const double own = valueOf({MetricKind::Map, static_cast<int>(data.candidates.size())}, hits);
            QVERIFY(std::abs(own - one["value"].get<double>()) <= 1e-9);
        }
    }

    void equalNumpy()
    {
        const Lists data;
        for (const auto &metric : data.more["numpy"]["perUser"]) {
            const auto name = metric["metric"].get<std::string>();
            Values expected;
            for (const std::size_t u : data.users)
                expected.push_back(metric["values"][u].get<double>());
            const double far = farthest(data.evaluate(name).metrics[0].perUser, expected);
            QVERIFY2(far <= 1e-9, qPrintable(QString("%1: %2").arg(name.c_str()).arg(far)));
        }
        for (const auto &metric : data.more["numpy"]["totals"])
            QVERIFY(std::abs(data.evaluate(metric["metric"].get<std::string>()).totals[0].value -
                             metric["value"].get<double>()) <= 1e-9);
    }

    /// One pass over many metrics gives what each alone gives, on any number of threads.
    void manyAtOnce()
    {
        const Lists data;
        const std::string names =
            "mrr@7,coverage@20,recall@20,similarity@10,gini@5,map@100,novelty@50,hit@1,precision@3";
        const auto all = data.evaluate(names);
        QCOMPARE(all.metrics.size(), std::size_t{7});
        QCOMPARE(all.totals.size(), std::size_t{2});
        for (const int threads : {1, 3}) {
            auto options = data.options(names);
            options.threads = threads;
            const auto again = eval::evaluate(ListModel(data.rankings), data.task(), options);
            for (std::size_t m = 0; m < all.metrics.size(); ++m)
                QCOMPARE(again.metrics[m].perUser, all.metrics[m].perUser);
            for (std::size_t t = 0; t < all.totals.size(); ++t)
                QCOMPARE(again.totals[t].value, all.totals[t].value);
        }
        for (const MetricValues &values : all.metrics)
            QCOMPARE(data.evaluate(values.metric).metrics[0].perUser, values.perUser);
        for (const TotalValue &total : all.totals)
            QCOMPARE(data.evaluate(total.metric).totals[0].value, total.value);
    }

    void refusesWhatItLacksFactsFor()
    {
        const Lists data;
        for (const char *name : {"novelty@5", "similarity@5"}) {
            EvaluationOptions options;
            options.metrics = parseMetrics(name);
            QVERIFY_THROWS_EXCEPTION(Error, eval::evaluate(ListModel(data.rankings), data.task(), options));
        }
        EvaluationOptions none;
        none.metrics.clear();
        QVERIFY_THROWS_EXCEPTION(Error, eval::evaluate(ListModel(data.rankings), data.task(), none));
        auto segments = data.options("hit@5");
        segments.userSegments = Segments{{"one"}, {0}};
        QVERIFY_THROWS_EXCEPTION(Error, eval::evaluate(ListModel(data.rankings), data.task(), segments));
        segments.userSegments.reset();
        segments.itemSegments = Segments{{"one"}, {0}};
        QVERIFY_THROWS_EXCEPTION(Error, eval::evaluate(ListModel(data.rankings), data.task(), segments));
    }

    void itemsByPopularity()
    {
        // 12 + 6 + 6 = 24 interactions, 8 a third: item 3 begins at 0, item 0 at 12 (second third), items 4 and 5 later.
        const std::vector<std::int64_t> popularity{6, 100, 0, 12, 3, 3};
        const Items candidates{0, 2, 3, 4, 5};
        const Segments segments = popularitySegments(popularity, candidates);
        QCOMPARE(segments.of, (std::vector<std::int8_t>{1, -1, 2, 0, 2, 2}));
        QCOMPARE(segments.names[2], std::string("items: tail"));
        const std::vector<std::int64_t> nobody(6, 0);
        QCOMPARE(popularitySegments(nobody, candidates).of, (std::vector<std::int8_t>{2, -1, 2, 2, 2, 2}));
    }

    void usersByActivity()
    {
        Csr sources;
        sources.cols = 9;
        for (const Items &row : {Items{1, 2, 3, 4}, {1}, {1, 2}, {3}, {5}, {1, 2, 3, 4, 5}})
            sources.addRow(row);
        // By size: users 1, 3, 4 (1 item, together though a third is two users), 2, 0, 5.
        QCOMPARE(activitySegments(sources).of, (std::vector<std::int8_t>{2, 0, 1, 0, 0, 2}));
        QCOMPARE(popularityOf(sources)[1], std::int64_t{4});
        QCOMPARE(popularityOf(sources)[8], std::int64_t{0});
    }

    void segmentsByHand()
    {
        Csr sources, targets;
        sources.cols = targets.cols = 6;
        sources.addRow(Items{5});
        targets.addRow(Items{0, 1, 2});
        sources.addRow(Items{5});
        targets.addRow(Items{3});
        const Items candidates{0, 1, 2, 3, 4};
        EvaluationOptions options;
        options.metrics = parseMetrics("recall@2, coverage@2, mrr@2");
        options.itemSegments = Segments{{"a", "b"}, {0, 1, 1, 0, 0, -1}};
        options.userSegments = Segments{{"x", "y"}, {1, 1}};
        const auto result = eval::evaluate(ListModel({{4, 1}, {3, 2}}), {sources, targets, candidates}, options);
        QCOMPARE(result.segments.size(), std::size_t{4});
        const auto &a = result.segments[0];
        QCOMPARE(a.segment, std::string("a"));
        QCOMPARE(a.users, (Items{0, 1}));
        QCOMPARE(a.metrics.size(), std::size_t{2});
        QCOMPARE(a.metrics[0].perUser, (Values{0, 1}));
        const auto &b = result.segments[1];
        QCOMPARE(b.users, (Items{0}));
        QCOMPARE(b.metrics[0].perUser, (Values{0.5})); // of the targets 1 and 2, which are in b, 1 is in the list
        QCOMPARE(b.metrics[1].perUser, (Values{0.5}));
        QVERIFY(result.segments[2].users.empty());
        QCOMPARE(result.segments[3].users, (Items{0, 1}));
        QCOMPARE(result.segments[3].metrics[0].perUser, result.metrics[0].perUser);
        QCOMPARE(result.totals[0].value, 4.0 / 5);
        QCOMPARE(QString::fromStdString(formatSegments({result})),
                 QStringLiteral("segment  users  metric    lists\n"
                                "a        2      recall@2  0.5000\n"
                                "                mrr@2     0.5000\n"
                                "b        1      recall@2  0.5000\n"
                                "                mrr@2     0.5000\n"
                                "x        0      recall@2  -\n"
                                "                mrr@2     -\n"
                                "y        2      recall@2  0.7500\n"
                                "                mrr@2     0.7500\n"));
        QVERIFY(formatSegments({Evaluation{}}).empty());
    }

    void wilcoxonEqualsSciPy()
    {
        const Json data = golden("metrics_more.json");
        for (const auto &one : data["wilcoxon"]) {
            const auto model = one["model"].get<Values>(), baseline = one["baseline"].get<Values>();
            const SignedRank test = wilcoxon(model, baseline);
            QVERIFY(std::abs(test.statistic - one["statistic"].get<double>()) <= 1e-9);
            QVERIFY(std::abs(test.p - one["p"].get<double>()) <= 1e-9);
            QCOMPARE(wilcoxon(baseline, model).p, test.p);
        }
        QCOMPARE(wilcoxon(Values{1, 2}, Values{1, 2}).p, 1.0);
        QCOMPARE(wilcoxon(Values{}, Values{}).p, 1.0);
        QVERIFY_THROWS_EXCEPTION(Error, wilcoxon(Values{1}, Values{1, 2}));
    }

    void wilcoxonIsExactForFewUsers_data()
    {
        QTest::addColumn<QString>("name");
        const Json data = golden("metrics_more.json");
        for (const auto &one : data["wilcoxonExact"])
            QTest::newRow(one["name"].get<std::string>().c_str())
                << QString::fromStdString(one["name"].get<std::string>());
        QCOMPARE(data["wilcoxonExact"].size(), std::size_t{11});
    }
    void wilcoxonIsExactForFewUsers()
    {
        QFETCH(QString, name);
        const Json data = golden("metrics_more.json");
        for (const auto &one : data["wilcoxonExact"]) {
            if (one["name"].get<std::string>() != name.toStdString())
                continue;
            const auto model = one["model"].get<Values>(), baseline = one["baseline"].get<Values>();
            const SignedRank test = wilcoxon(model, baseline);
            QCOMPARE(test.exact, one["exact"].get<bool>());
            QVERIFY(std::abs(test.statistic - one["statistic"].get<double>()) <= 1e-9);
            const double p = one["p"].get<double>();
            QVERIFY2(std::abs(test.p - p) <= 1e-9 * p, qPrintable(QString("%1, not %2").arg(test.p).arg(p)));
            QCOMPARE(wilcoxon(baseline, model).p, test.p);
        }
    }

    void holmEqualsStatsmodels()
    {
        const Json data = golden("metrics_more.json");
        for (const auto &one : data["holm"])
            QVERIFY(farthest(holm(one["p"].get<Values>()), one["holm"].get<Values>()) <= 1e-12);
        QVERIFY(holm({}).empty());
    }

    void spreadsOverSeeds()
    {
        const Spread three = spread(Values{0.1, 0.2, 0.6});
        QCOMPARE(three.runs, std::int64_t{3});
        QCOMPARE(three.mean, 0.3);
        QVERIFY(std::abs(three.deviation - std::sqrt((0.04 + 0.01 + 0.09) / 2)) < 1e-15);
        QCOMPARE(spread(Values{0.4}).deviation, 0.0);
        QCOMPARE(spread({}).runs, std::int64_t{0});
    }

    void comparisonTestsEachModel()
    {
        const Json data = golden("metrics_more.json");
        const auto model = data["wilcoxon"][0]["model"].get<Values>();
        const auto baseline = data["wilcoxon"][0]["baseline"].get<Values>();
        Values worse = baseline;
        for (std::size_t u = 0; u < worse.size(); u += 3)
            worse[u] -= 0.01;
        const auto evaluation = [](const std::string &name, const Values &values) {
            Evaluation one;
            one.model = name;
            one.metrics = {{"recall@20", values}};
            one.totals = {{"coverage@20", 0.5}};
            return one;
        };
        const auto comparison =
            compare({evaluation("base", baseline), evaluation("model", model), evaluation("worse", worse)}, 0, 1, 100);
        const double p1 = wilcoxon(model, baseline).p, p2 = wilcoxon(worse, baseline).p;
        QCOMPARE(comparison.rows[0].cells[0].p, 1.0);
        QCOMPARE(comparison.rows[1].cells[0].p, p1);
        QCOMPARE(comparison.rows[2].cells[0].p, p2);
        QCOMPARE(comparison.rows[1].cells[0].holm, holm(Values{p1, p2})[0]);
        QCOMPARE(comparison.rows[2].cells[0].holm, holm(Values{p1, p2})[1]);
        QVERIFY(comparison.rows[1].cells[0].holm > p1 || comparison.rows[2].cells[0].holm > p2);
        QCOMPARE(comparison.totals, std::vector<std::string>{"coverage@20"});
        QCOMPARE(comparison.rows[2].totals, Values{0.5});
        auto other = evaluation("other", model);
        other.totals.clear();
        QVERIFY_THROWS_EXCEPTION(Error, compare({evaluation("base", baseline), other}, 0, 1, 100));
    }
};

APIARY_TEST(MetricsMoreTest)
#include "metrics_more_test.moc"
