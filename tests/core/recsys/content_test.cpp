#include "base/error.h"
#include "base/random.h"
#include "recsys/dots.h"
#include "recsys/recommender.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QTest>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace apiary;
using namespace apiary::recsys;

namespace {

Embeddings randomEmbeddings(Eigen::Index items, Eigen::Index dimensions, std::uint64_t seed)
{
    CounterRng random(seed);
    Embeddings result(items, dimensions);
    for (Eigen::Index i = 0; i < result.size(); ++i)
        result.data()[i] = static_cast<float>(random.uniform() * 2 - 1);
    return result;
}

Csr randomRows(std::int64_t users, std::int32_t items, std::uint64_t seed)
{
    CounterRng random(seed);
    Csr result;
    result.cols = items;
    for (std::int64_t u = 0; u < users; ++u) {
        std::vector<std::int32_t> row;
        const std::uint64_t oneIn = 2 + random.below(20);
        for (std::int32_t j = 0; j < items; ++j)
            if (random.below(oneIn) == 0)
                row.push_back(j);
        result.addRow(row);
    }
    return result;
}

bool sameBits(const float *a, const float *b, std::size_t count)
{
    return std::memcmp(a, b, count * sizeof(float)) == 0;
}

} // namespace

class ContentTest : public QObject {
    Q_OBJECT

private slots:
    void equalsNumpy()
    {
        std::ifstream file(tests::golden() / "metrics_ranking.json");
        const auto golden = nlohmann::json::parse(file);
        const auto rows = golden["embeddings"].get<std::vector<std::vector<float>>>();
        Embeddings items(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows[0].size()));
        for (Eigen::Index j = 0; j < items.rows(); ++j)
            for (Eigen::Index k = 0; k < items.cols(); ++k)
                items(j, k) = rows[static_cast<std::size_t>(j)][static_cast<std::size_t>(k)];
        Csr sources;
        sources.cols = items.rows();
        for (const auto &row : golden["interactions"])
            sources.addRow(row.get<std::vector<std::int32_t>>());
        std::vector<std::int32_t> all(rows.size());
        std::iota(all.begin(), all.end(), 0);

        const auto model = contentRecommender("encoder", items);
        QCOMPARE(model->name(), std::string("encoder"));
        ScoreBlock scores(sources.rows(), items.rows());
        model->score(sources, 0, all, scores);
        double largest = 0;
        for (Eigen::Index u = 0; u < scores.rows(); ++u)
            for (Eigen::Index j = 0; j < scores.cols(); ++j) {
                const auto expected =
                    golden["scores"][static_cast<std::size_t>(u)][static_cast<std::size_t>(j)].get<double>();
                largest = std::max(largest, std::abs(expected - scores(u, j)));
            }
        QVERIFY2(largest < 2e-6, qPrintable(QString::number(largest)));
        QVERIFY(scores.maxCoeff() > 1);
        QCOMPARE(scores.minCoeff(), 0.0F);
        QCOMPARE(scores.row(3).maxCoeff(), 0.0F);  // an empty source recommends nothing
        QCOMPARE(scores.col(12).maxCoeff(), 0.0F); // nor is an item without an embedding recommended
    }

    /// Invariant 5: no user's score depends on the block, no item's on the other candidates; every bit is compared.
    void scoresDependOnUserAndItemAlone_data()
    {
        QTest::addColumn<int>("dimensions");
        for (const int dimensions : {1, 5, 16, 31, 384})
            QTest::addRow("%d dimensions", dimensions) << dimensions;
    }
    void scoresDependOnUserAndItemAlone()
    {
        QFETCH(int, dimensions);
        const std::int32_t items = 83;
        const Csr sources = randomRows(75, items, 5);
        const auto model = contentRecommender("m", randomEmbeddings(items, dimensions, 6));
        std::vector<std::int32_t> all(items);
        std::iota(all.begin(), all.end(), 0);
        ScoreBlock whole(sources.rows(), items);
        model->score(sources, 0, all, whole);

        for (const std::int64_t block : {1, 2, 3, 7, 33, 64}) {
            for (std::int64_t first = 0; first < sources.rows(); first += block) {
                ScoreBlock part(std::min(block, sources.rows() - first), items);
                model->score(sources, first, all, part);
                QVERIFY(sameBits(part.data(), whole.row(first).data(), static_cast<std::size_t>(part.size())));
            }
        }
        const std::vector<std::int32_t> some{1, 2, 5, 40, 41, 60, 61, 62, 80, 82, 3};
        ScoreBlock part(sources.rows(), static_cast<Eigen::Index>(some.size()));
        model->score(sources, 0, some, part);
        for (std::size_t c = 0; c < some.size(); ++c)
            for (Eigen::Index u = 0; u < part.rows(); ++u)
                QVERIFY(sameBits(&part(u, static_cast<Eigen::Index>(c)), &whole(u, some[c]), 1));
    }

    void equalEmbeddingsTie()
    {
        Embeddings items = randomEmbeddings(20, 48, 1);
        items.row(13) = items.row(2);
        const Csr sources = randomRows(40, 2, 3); // source items 0 and 1 only
        Csr wide = sources;
        wide.cols = 20;
        std::vector<std::int32_t> all(20);
        std::iota(all.begin(), all.end(), 0);
        ScoreBlock scores(40, 20);
        contentRecommender("m", items)->score(wide, 0, all, scores);
        for (Eigen::Index u = 0; u < scores.rows(); ++u)
            QVERIFY(sameBits(&scores(u, 2), &scores(u, 13), 1));
    }

    void lengthOfAnEmbeddingDoesNotMatter()
    {
        Embeddings items = randomEmbeddings(10, 8, 1);
        const Csr sources = randomRows(6, 10, 3);
        std::vector<std::int32_t> all(10);
        std::iota(all.begin(), all.end(), 0);
        ScoreBlock before(6, 10);
        contentRecommender("m", items)->score(sources, 0, all, before);
        items.row(4) *= 1024;
        ScoreBlock after(6, 10);
        contentRecommender("m", items)->score(sources, 0, all, after);
        QVERIFY(sameBits(before.data(), after.data(), 60));
    }

    void refusesWhatIsNotFinite()
    {
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            Embeddings items = randomEmbeddings(10, 8, 1);
            items(7, 3) = bad;
            try {
                contentRecommender("broken", items);
                QFAIL("accepted");
            } catch (const Error &error) {
                QCOMPARE(error.where(), std::string("item 7"));
            }
        }
    }

    void refusesAnotherDataset()
    {
        const auto model = contentRecommender("m", randomEmbeddings(10, 8, 1));
        const Csr sources = randomRows(4, 11, 3);
        const std::vector<std::int32_t> candidates{0, 1};
        ScoreBlock scores(4, 2);
        QVERIFY_THROWS_EXCEPTION(Error, model->score(sources, 0, candidates, scores));
    }

    void dotsEqualDoublePrecision()
    {
        const Embeddings left = randomEmbeddings(8, 100, 1);
        const Embeddings right = randomEmbeddings(9, 100, 2);
        PaddedMatrix users(8, 100);
        PaddedMatrix items(9, 100);
        for (Eigen::Index r = 0; r < 8; ++r)
            std::copy_n(left.row(r).data(), 100, users.row(r));
        for (Eigen::Index r = 0; r < 9; ++r)
            std::copy_n(right.row(r).data(), 100, items.row(r));
        const std::vector<std::int32_t> candidates{8, 0, 3, 5, 1};
        ScoreBlock out = ScoreBlock::Constant(8, 6, -7);
        dots(users, 6, items, candidates, out.data(), 6);
        for (Eigen::Index u = 0; u < 8; ++u)
            for (Eigen::Index c = 0; c < 6; ++c) {
                const bool written = u < 6 && c < 5;
                const double expected = written ? left.row(u).cast<double>().dot(
                                                      right.row(candidates[static_cast<std::size_t>(c)]).cast<double>())
                                                : -7;
                QVERIFY(std::abs(expected - out(u, c)) < (written ? 2e-5 : 1e-30));
            }
    }

    /// Sizes that fill no tile, panel or block of columns: every product has the bits that it has alone.
    void dotsHaveTheBitsOfOneAlone()
    {
        constexpr Eigen::Index columns = 700;
        const Embeddings left = randomEmbeddings(31, columns, 3), right = randomEmbeddings(77, columns, 4);
        PaddedMatrix users(31, columns), items(77, columns), one(1, columns);
        for (Eigen::Index r = 0; r < left.rows(); ++r)
            std::copy_n(left.row(r).data(), columns, users.row(r));
        for (Eigen::Index r = 0; r < right.rows(); ++r)
            std::copy_n(right.row(r).data(), columns, items.row(r));
        std::vector<std::int32_t> candidates(75);
        for (std::size_t c = 0; c < candidates.size(); ++c)
            candidates[c] = static_cast<std::int32_t>((c * 31) % 77);
        ScoreBlock out(31, 75);
        dots(users, 31, items, candidates, out.data(), 75);
        for (Eigen::Index u = 0; u < 31; ++u)
            for (Eigen::Index c = 0; c < 75; ++c) {
                const std::int32_t candidate = candidates[static_cast<std::size_t>(c)];
                std::copy_n(users.row(u), users.stride(), one.row(0));
                float alone = 0;
                dots(one, 1, items, std::span(&candidate, 1), &alone, 1);
                QCOMPARE(std::bit_cast<std::uint32_t>(out(u, c)), std::bit_cast<std::uint32_t>(alone));
                const double exact = left.row(u).cast<double>().dot(right.row(candidate).cast<double>());
                QVERIFY2(std::abs(exact - alone) < 2e-4, qPrintable(QString::number(exact - alone)));
            }
        ScoreBlock raised(31, 75);
        dots(users, 31, items, candidates, raised.data(), 75, 0.25F);
        QVERIFY(raised == out.cwiseMax(0.25F));
        users.row(3)[5] = std::numeric_limits<float>::quiet_NaN(); // is not raised to a number
        dots(users, 31, items, candidates, raised.data(), 75, 0.25F);
        QVERIFY(raised.row(3).array().isNaN().all() && !raised.topRows(3).hasNaN());
    }
};

APIARY_TEST(ContentTest)
#include "content_test.moc"
