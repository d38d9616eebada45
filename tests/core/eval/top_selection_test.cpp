#include "eval/top_selection.h"

#include "base/random.h"
#include "support/registry.h"

#include <QTest>
#include <algorithm>
#include <limits>
#include <numeric>

using namespace apiary;
using namespace apiary::eval;

namespace {

/// Names of shapes a row of scores can have; each gives the score at a place.
float scoreOf(const QString &shape, std::size_t place, CounterRng &random)
{
    const auto uniform = static_cast<float>(random.uniform());
    if (shape == "all alike")
        return 0.5F;
    if (shape == "few values") // most are ties
        return static_cast<float>(random.below(4));
    if (shape == "mostly zero")
        return uniform < 0.97F ? 0.0F : uniform;
    if (shape == "none above zero")
        return -uniform;
    if (shape == "ascending")
        return static_cast<float>(place + 1);
    if (shape == "descending")
        return 1.0F / static_cast<float>(place + 1);
    if (shape == "best in one lane") // of a group: all of the list lies in few groups
        return place % 4 == 1 && place < 2000 ? 2 + uniform : uniform;
    if (shape == "infinite")
        return uniform < 0.1F ? std::numeric_limits<float>::infinity() : uniform;
    return uniform - 0.2F;
}

} // namespace

class TopSelectionTest final : public QObject {
    Q_OBJECT

private slots:
    void isWhatSortingGives_data()
    {
        QTest::addColumn<QString>("shape");
        for (const char *shape : {"random", "all alike", "few values", "mostly zero", "none above zero", "ascending",
                                  "descending", "best in one lane", "infinite"})
            QTest::newRow(shape) << QString(shape);
    }

    void isWhatSortingGives()
    {
        QFETCH(QString, shape);
        CounterRng random(5);
        for (const std::size_t count : {0, 1, 63, 64, 65, 200, 1762, 9891})
            for (const int k : {0, 1, 20, 100, 20000}) {
                std::vector<std::int32_t> items(count);
                std::iota(items.begin(), items.end(), 7);
                std::reverse(items.begin(), items.end()); // places and items do not order alike
                TopSelection selection(items, k);
                for (int row = 0; row < 3; ++row) {
                    std::vector<float> scores(count);
                    for (std::size_t c = 0; c < count; ++c)
                        scores[c] = scoreOf(shape, c, random);
                    std::vector<std::size_t> order;
                    for (std::size_t c = 0; c < count; ++c)
                        if (scores[c] > 0)
                            order.push_back(c);
                    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                        return scores[a] != scores[b] ? scores[a] > scores[b] : items[a] < items[b];
                    });
                    order.resize(std::min(order.size(), static_cast<std::size_t>(k)));
                    QVERIFY(!selection.select(scores.data()));
                    const Ranking ranking = selection.ranking();
                    QCOMPARE(ranking.items.size(), order.size());
                    for (std::size_t n = 0; n < order.size(); ++n) {
                        QCOMPARE(ranking.items[n], items[order[n]]);
                        QCOMPARE(ranking.scores[n], scores[order[n]]);
                    }
                }
            }
    }

    void findsTheFirstThatIsNotANumber()
    {
        std::vector<std::int32_t> items(150);
        std::iota(items.begin(), items.end(), 0);
        TopSelection selection(items, 10);
        for (const std::size_t bad : {0, 5, 63, 64, 127, 128, 149}) {
            std::vector<float> scores(150, 1);
            scores[bad] = scores[149] = std::numeric_limits<float>::quiet_NaN();
            QCOMPARE(selection.select(scores.data()), std::optional(bad));
        }
        QVERIFY(!selection.select(std::vector<float>(150, 1).data()));
        QCOMPARE(selection.ranking().items.size(), std::size_t{10});
    }
};

APIARY_TEST(TopSelectionTest)
#include "top_selection_test.moc"
