#include "data/statistics.h"

#include "base/error.h"
#include "base/random.h"
#include "support/registry.h"

#include <QTest>
#include <cmath>
#include <numeric>
#include <set>

using namespace apiary;
using namespace apiary::data;

namespace {

Csr randomRows(std::int64_t users, std::int64_t items, std::uint64_t share)
{
    Csr csr;
    csr.cols = items;
    CounterRng rng(11);
    std::vector<std::int32_t> row;
    for (std::int64_t user = 0; user < users; ++user) {
        row.clear();
        for (std::int64_t item = 0; item < items; ++item)
            if (rng.below(100) < share)
                row.push_back(static_cast<std::int32_t>(item));
        csr.addRow(row);
    }
    return csr;
}

/// Cells of XᵀX off the diagonal that are not zero, by looking at every pair.
double byPairs(const CsrView &x)
{
    std::set<std::pair<std::int32_t, std::int32_t>> pairs;
    for (std::int64_t user = 0; user < x.rows; ++user)
        for (const std::int32_t a : x.row(user))
            for (const std::int32_t b : x.row(user))
                if (a != b)
                    pairs.emplace(a, b);
    return static_cast<double>(pairs.size()) / static_cast<double>(x.cols * (x.cols - 1));
}

} // namespace

class StatisticsTest : public QObject {
    Q_OBJECT
private slots:
    void coOccurrenceExact()
    {
        const Csr x = randomRows(40, 60, 8);
        const CoOccurrence found = coOccurrence(x);
        QVERIFY(found.exact);
        QCOMPARE(found.items, 60);
        QCOMPARE(found.standardError, 0.0);
        QVERIFY(std::abs(found.density - byPairs(x)) < 1e-12);
        QVERIFY(found.density > 0 && found.density < 1);
    }
    void coOccurrenceSampled()
    {
        const Csr x = randomRows(150, 400, 3);
        const double all = byPairs(x);
        const CoOccurrence sampled = coOccurrence(x, 2000);
        QVERIFY(!sampled.exact);
        QVERIFY(sampled.items >= 100 && sampled.items < 400);
        QVERIFY(sampled.standardError > 0);
        QVERIFY2(std::abs(sampled.density - all) < 5 * sampled.standardError,
                 std::to_string(sampled.density - all).c_str());
        QCOMPARE(coOccurrence(x, 2000).density, sampled.density);
        QVERIFY(coOccurrence(x, 2000, 43).density != sampled.density);
    }
    void coOccurrenceOfLittle()
    {
        Csr x;
        x.cols = 1;
        QCOMPARE(coOccurrence(x).density, 0.0);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(coOccurrence(randomRows(5, 5, 50), 100, 1, stop.get_token()), Cancelled);
    }

    void counts()
    {
        Csr x;
        x.cols = 3;
        x.addRow(std::vector<std::int32_t>{0, 2});
        x.addRow(std::vector<std::int32_t>{2});
        QCOMPARE(popularity(x), (std::vector<std::int64_t>{1, 0, 2}));
        QCOMPARE(activity(x), (std::vector<std::int64_t>{2, 1}));
    }

    void curves()
    {
        const Curve small = curve({1, 5, 2, 2});
        QCOMPARE(small.rank, (std::vector<std::int64_t>{1, 2, 3, 4}));
        QCOMPARE(small.count, (std::vector<std::int64_t>{5, 2, 2, 1}));
        QCOMPARE(small.share, (std::vector<double>{0.5, 0.7, 0.9, 1.0}));
        QVERIFY(std::abs(small.gini - 0.3) < 1e-12); // mean difference over twice the mean: 24 / (2 · 16 · 2.5)
        QVERIFY(std::abs(curve({7, 7, 7}).gini) < 1e-12);
        QVERIFY(std::abs(curve({0, 0, 0, 9}).gini - 0.75) < 1e-12);
        QVERIFY(curve({}).rank.empty());

        std::vector<std::int64_t> many(100000);
        std::iota(many.begin(), many.end(), 0);
        const Curve thin = curve(many, 200);
        QVERIFY(thin.rank.size() <= 200 && thin.rank.size() > 100);
        QCOMPARE(thin.rank.front(), 1);
        QCOMPARE(thin.rank.back(), 100000);
        QCOMPARE(thin.count.front(), 99999);
        QCOMPARE(thin.share.back(), 1.0);
    }

    void lengths()
    {
        std::vector<std::string> texts;
        for (std::size_t i = 1; i <= 3000; ++i)
            texts.emplace_back(i % 100 + 1, 'x');
        std::size_t largestBlock = 0;
        const LengthHistogram found = lengthHistogram(
            texts,
            [&](std::span<const std::string> block) {
                largestBlock = std::max(largestBlock, block.size());
                std::vector<std::int64_t> sizes;
                for (const std::string &text : block)
                    sizes.push_back(static_cast<std::int64_t>(text.size()));
                return sizes;
            },
            90, 10);
        QCOMPARE(found.shortest, 1);
        QCOMPARE(found.longest, 100);
        QCOMPARE(found.median, 50);
        QCOMPARE(found.p95, 95);
        QCOMPARE(found.mean, 50.5);
        QCOMPARE(found.truncated, 300);
        QCOMPARE(found.bins.size(), std::size_t{10});
        QCOMPARE(std::accumulate(found.bins.begin(), found.bins.end(), std::int64_t{0}), 3000);
        QVERIFY(largestBlock < texts.size());
        // The limit is a border of bins, and the open bin begins no earlier.
        QCOMPARE(90 % found.binWidth, 0);
        QVERIFY(found.binWidth * 9 >= 90);
        QVERIFY(lengthHistogram({}, {}).bins.empty());
    }

    void search()
    {
        Catalog catalog;
        catalog.ids = {"1", "2", "3", "heat", "5"};
        catalog.titles = {"Heat", "In the Heat", "Crème", "Other", "HEATHERS"};
        catalog.texts = {"x", "x", "about heat", "x", "x"};
        const std::vector<std::int64_t> popular{1, 9, 9, 1, 5};
        using Places = std::vector<std::int32_t>;
        QCOMPARE(searchItems(catalog, popular, "heat"), (Places{3, 4, 0, 1, 2}));
        QCOMPARE(searchItems(catalog, popular, " creme "), (Places{2}));
        QCOMPARE(searchItems(catalog, popular, "", 2), (Places{1, 2}));
        QCOMPARE(searchItems(catalog, popular, "nothing"), Places{});
        QCOMPARE(searchUsers({"u10", "u1", "xu1"}, std::vector<std::int64_t>{1, 2, 3}, "U1"), (Places{1, 0, 2}));
        QCOMPARE(searchUsers({"a", "b"}, std::vector<std::int64_t>{1, 2}, ""), (Places{1, 0}));
    }
};

APIARY_TEST(StatisticsTest)
#include "statistics_test.moc"
