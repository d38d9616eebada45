#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"
#include "eval/evaluate.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QTest>
#include <atomic>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

using namespace apiary;
using namespace apiary::eval;

namespace {

using Items = std::vector<std::int32_t>;

/// Scores given by a function of user and item.
class FakeModel : public recsys::Recommender {
public:
    using Function = std::function<float(std::int64_t, std::int32_t)>;
    explicit FakeModel(Function function) : m_function(std::move(function)) {}
    std::string name() const override { return "fake"; }
    void fit(const CsrView &, const recsys::FitContext &) override {}
    void score(const CsrView &, std::int64_t firstUser, std::span<const std::int32_t> candidates,
               recsys::ScoreBlock &scores) const override
    {
        for (Eigen::Index i = 0; i < scores.rows(); ++i)
            for (Eigen::Index c = 0; c < scores.cols(); ++c)
                scores(i, c) = m_function(firstUser + i, candidates[static_cast<std::size_t>(c)]);
    }

private:
    Function m_function;
};

Csr rows(std::int64_t cols, const std::vector<Items> &lists)
{
    Csr result;
    result.cols = cols;
    for (const Items &list : lists)
        result.addRow(list);
    return result;
}

/// Every user has a source among the first items and a target among the last.
struct RandomTask {
    Csr sources;
    Csr targets;
    Items candidates;
    recsys::Embeddings embeddings;

    RandomTask(std::int64_t users, std::int32_t items, Eigen::Index dimensions) : embeddings(items, dimensions)
    {
        CounterRng random(11);
        const std::int32_t trained = items * 7 / 10;
        const auto draw = [&](std::int32_t from, std::int32_t to) {
            Items list;
            for (std::int32_t j = from; j < to; ++j)
                if (random.below(12) == 0)
                    list.push_back(j);
            if (list.empty())
                list.push_back(from);
            return list;
        };
        sources.cols = targets.cols = items;
        for (std::int64_t u = 0; u < users; ++u) {
            sources.addRow(draw(0, trained));
            targets.addRow(draw(trained, items));
        }
        candidates.resize(static_cast<std::size_t>(items - trained));
        std::iota(candidates.begin(), candidates.end(), trained);
        for (Eigen::Index i = 0; i < embeddings.size(); ++i)
            embeddings.data()[i] = static_cast<float>(random.uniform() - 0.4);
    }
    Task task() const { return {sources, targets, candidates}; }
};

} // namespace

class EvaluateTest : public QObject {
    Q_OBJECT

private slots:
    void ranksAsNumpy()
    {
        std::ifstream file(tests::golden() / "metrics_ranking.json");
        const auto golden = nlohmann::json::parse(file);
        const auto values = golden["embeddings"].get<std::vector<std::vector<float>>>();
        recsys::Embeddings items(static_cast<Eigen::Index>(values.size()), static_cast<Eigen::Index>(values[0].size()));
        for (std::size_t j = 0; j < values.size(); ++j)
            for (std::size_t k = 0; k < values[j].size(); ++k)
                items(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(k)) = values[j][k];
        const Csr sources = rows(items.rows(), golden["interactions"].get<std::vector<Items>>());
        const auto candidates = golden["candidates"].get<Items>();
        const auto model = recsys::contentRecommender("encoder", items);
        const auto rankings = rank(*model, {sources, sources, candidates}, 10);
        const auto expected = golden["rankings"].get<std::vector<Items>>();
        QCOMPARE(rankings.size(), expected.size());
        for (std::size_t u = 0; u < rankings.size(); ++u)
            QCOMPARE(rankings[u].items, expected[u]);
    }

    void tiesBreakByItemAndZerosRecommendNothing()
    {
        const FakeModel model([](std::int64_t user, std::int32_t item) {
            if (user == 0)
                return 0.5F;
            return item % 3 == 0 ? 0.25F : item % 3 == 1 ? 0.0F : -1.0F;
        });
        const Csr sources = rows(12, {{0, 4}, {3}});
        const Csr targets = rows(12, {{5}, {5}});
        const Items candidates{1, 2, 3, 4, 5, 6, 9, 10, 11};
        const auto rankings = rank(model, {sources, targets, candidates}, 5);
        QCOMPARE(rankings[0].items, (Items{1, 2, 3, 5, 6})); // 4 is masked
        QCOMPARE(rankings[0].scores, std::vector<float>(5, 0.5F));
        QCOMPARE(rankings[1].items, (Items{6, 9}));
        QVERIFY(rank(model, {sources, targets, candidates}, 0)[0].items.empty());
    }

    void doesNotDependOnThreadsOrNeighbours()
    {
        const RandomTask random(331, 700, 48);
        const auto model = recsys::contentRecommender("m", random.embeddings);
        const auto whole = rank(*model, random.task(), 100, 1);
        for (const int threads : {2, 3, 8, 0}) {
            const auto other = rank(*model, random.task(), 100, threads);
            for (std::size_t u = 0; u < whole.size(); ++u) {
                QCOMPARE(other[u].items, whole[u].items);
                QCOMPARE(other[u].scores, whole[u].scores);
            }
        }
        for (const std::size_t u : {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{330}}) {
            Csr source;
            Csr target;
            source.cols = target.cols = random.sources.cols;
            source.addRow(random.sources.view().row(static_cast<std::int64_t>(u)));
            target.addRow(random.targets.view().row(static_cast<std::int64_t>(u)));
            const auto alone = rank(*model, {source, target, random.candidates}, 100, 1);
            QCOMPARE(alone[0].items, whole[u].items);
            QCOMPARE(alone[0].scores, whole[u].scores);
        }
    }

    void evaluatesTheLists()
    {
        const RandomTask random(150, 900, 16);
        const auto model = recsys::contentRecommender("m", random.embeddings);
        const auto result = evaluate(*model, random.task(), true);
        const auto without = evaluate(*model, random.task(), false, 1);
        QCOMPARE(result.model, std::string("m"));
        QCOMPARE(result.rankings.size(), std::size_t{150});
        QVERIFY(without.rankings.empty());
        QCOMPARE(result.metrics.size(), std::size_t{3});
        const char *const names[] = {"recall@20", "recall@50", "ndcg@100"};
        for (std::size_t m = 0; m < 3; ++m) {
            QCOMPARE(result.metrics[m].metric, std::string(names[m]));
            QCOMPARE(result.metrics[m].perUser, without.metrics[m].perUser);
            QVERIFY(result.metrics[m].mean() > 0.01);
        }
        for (std::size_t u = 0; u < 150; ++u) {
            const auto targets = random.targets.view().row(static_cast<std::int64_t>(u));
            const Items &items = result.rankings[u].items;
            QVERIFY(items.size() <= 100);
            QCOMPARE(result.metrics[0].perUser[u], calibratedRecall(items, targets, 20));
            QCOMPARE(result.metrics[1].perUser[u], calibratedRecall(items, targets, 50));
            QCOMPARE(result.metrics[2].perUser[u], ndcg(items, targets, 100));
        }
    }

    /// RecPack: a user with targets but without recommendations counts with 0.
    void usersWithoutRecommendationsCount()
    {
        const FakeModel model(
            [](std::int64_t user, std::int32_t item) { return user == 0 && item == 2 ? 1.0F : 0.0F; });
        const Csr sources = rows(4, {{0}, {0}});
        const Csr targets = rows(4, {{2}, {2}});
        const Items candidates{2, 3};
        const auto result = evaluate(model, {sources, targets, candidates});
        QCOMPARE(result.metrics[0].perUser, (std::vector<double>{1, 0}));
        QCOMPARE(result.metrics[2].mean(), 0.5);
    }

    void refusesTasksThatRecPackWouldCut()
    {
        const FakeModel model([](std::int64_t, std::int32_t) { return 1.0F; });
        const Csr sources = rows(4, {{0}, {0}});
        const Csr targets = rows(4, {{2}, {}});
        const Csr few = rows(4, {{2}});
        const Items candidates{2, 3};
        QVERIFY_THROWS_EXCEPTION(Error, evaluate(model, {sources, targets, candidates}));
        QVERIFY_THROWS_EXCEPTION(Error, evaluate(model, {sources, few, candidates}));
    }

    void notANumberIsAnError()
    {
        const FakeModel model([](std::int64_t user, std::int32_t item) {
            return user >= 70 && item == 3 ? std::numeric_limits<float>::quiet_NaN() : 1.0F;
        });
        const Csr sources = rows(4, std::vector<Items>(400, Items{0}));
        const Items candidates{2, 3};
        for (const int threads : {1, 4}) {
            try {
                rank(model, {sources, sources, candidates}, 5, threads);
                QFAIL("accepted");
            } catch (const Error &error) {
                QCOMPARE(error.where(), std::string("user row 70, item 3"));
            }
        }
    }

    void reportsProgressInTheCallingThread()
    {
        const RandomTask random(200, 60, 4);
        const auto model = recsys::contentRecommender("m", random.embeddings);
        const auto self = std::this_thread::get_id();
        bool elsewhere = false;
        Progress last;
        rank(*model, random.task(), 5, 3, [&](const Progress &progress) {
            elsewhere = elsewhere || std::this_thread::get_id() != self;
            QVERIFY(progress.done >= last.done);
            last = progress;
        });
        QVERIFY(!elsewhere);
        QCOMPARE(last.done, std::int64_t{200});
        QCOMPARE(last.total, std::int64_t{200});
    }

    void stops()
    {
        std::stop_source stop;
        std::atomic<int> blocks{0};
        const FakeModel model([&](std::int64_t, std::int32_t item) {
            if (item == 2 && ++blocks == 100)
                stop.request_stop();
            return 1.0F;
        });
        const Csr sources = rows(4, std::vector<Items>(100'000, Items{0}));
        const Items candidates{2, 3};
        QVERIFY_THROWS_EXCEPTION(Cancelled, rank(model, {sources, sources, candidates}, 5, 2, {}, stop.get_token()));
        QVERIFY(blocks < 1000);
    }

    void nothingToDo()
    {
        const FakeModel model([](std::int64_t, std::int32_t) { return 1.0F; });
        const Csr none = rows(4, {});
        const Items candidates{2, 3};
        QVERIFY(rank(model, {none, none, candidates}, 5).empty());
        const Csr one = rows(4, {{0}});
        QVERIFY(rank(model, {one, one, {}}, 5)[0].items.empty());
    }
};

APIARY_TEST(EvaluateTest)
#include "evaluate_test.moc"
