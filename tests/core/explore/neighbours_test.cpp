#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"
#include "explore/neighbours.h"

#include "support/assets.h"
#include "support/registry.h"

#include <QElapsedTimer>
#include <QTest>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

using namespace apiary;
using namespace apiary::explore;

namespace {

using Items = std::vector<std::int32_t>;

Embeddings randomEmbeddings(Eigen::Index items, Eigen::Index dimensions, std::uint64_t seed)
{
    CounterRng random(seed);
    Embeddings result(items, dimensions);
    for (Eigen::Index i = 0; i < result.size(); ++i)
        result.data()[i] = static_cast<float>(random.uniform() - 0.5);
    return result;
}

Csr randomRows(std::int64_t users, std::int32_t items, int perUser, std::uint64_t seed)
{
    CounterRng random(seed);
    Csr result;
    result.cols = items;
    for (std::int64_t u = 0; u < users; ++u) {
        Items row;
        for (int i = 0; i < perUser; ++i)
            row.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(items))));
        std::sort(row.begin(), row.end());
        row.erase(std::unique(row.begin(), row.end()), row.end());
        result.addRow(row);
    }
    return result;
}

data::ItemSplit split(std::int64_t items)
{
    data::ItemSplit result;
    for (std::int64_t j = 0; j < items; ++j)
        result.roles.push_back(static_cast<data::ItemRole>(j % 5 == 0 ? 2 : j % 5 == 1 ? 1 : 0));
    return result;
}

Items itemsOf(const std::vector<Neighbour> &list)
{
    Items items;
    for (const Neighbour &neighbour : list)
        items.push_back(neighbour.item);
    return items;
}

struct Golden {
    nlohmann::json json;
    Embeddings embeddings;
    Csr interactions;

    Golden()
    {
        std::ifstream file(tests::golden() / "metrics_ranking.json");
        json = nlohmann::json::parse(file);
        const auto rows = json["embeddings"].get<std::vector<std::vector<float>>>();
        embeddings.resize(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows[0].size()));
        for (std::size_t j = 0; j < rows.size(); ++j)
            for (std::size_t k = 0; k < rows[j].size(); ++k)
                embeddings(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(k)) = rows[j][k];
        interactions.cols = embeddings.rows();
        for (const auto &row : json["interactions"])
            interactions.addRow(row.get<Items>());
    }
};

} // namespace

class NeighboursTest : public QObject {
    Q_OBJECT

private slots:
    void semanticEqualsNumpy()
    {
        const Golden golden;
        const SemanticIndex index(golden.embeddings);
        QCOMPARE(index.size(), std::int64_t{37});
        QCOMPARE(index.dimension(), std::int64_t{21});
        for (std::int32_t item = 0; item < 37; ++item) {
            const auto &expected = golden.json["semantic"][static_cast<std::size_t>(item)];
            const auto near = index.nearest(item, 10);
            QCOMPARE(near.size(), expected.size());
            for (std::size_t i = 0; i < near.size(); ++i) {
                QCOMPARE(near[i].item, expected[i][0].get<std::int32_t>());
                QVERIFY(std::abs(near[i].similarity - expected[i][1].get<double>()) < 1e-6);
            }
        }
    }

    void interactionEqualsNumpy()
    {
        const Golden golden;
        const InteractionIndex index(golden.interactions);
        for (std::int32_t item = 0; item < 37; ++item) {
            const auto &expected = golden.json["interaction"][static_cast<std::size_t>(item)];
            const auto near = index.nearest(item, 10);
            QCOMPARE(near.size(), expected.size());
            for (std::size_t i = 0; i < near.size(); ++i) {
                QCOMPARE(near[i].item, expected[i][0].get<std::int32_t>());
                QVERIFY(std::abs(near[i].similarity - expected[i][1].get<double>()) < 1e-6);
                const double both = std::sqrt(static_cast<double>(index.users(item) * index.users(near[i].item)));
                QVERIFY(std::abs(static_cast<double>(index.usersInCommon(item, near[i].item)) / both -
                                 near[i].similarity) < 1e-6);
            }
            QCOMPARE(index.popularityRank(item),
                     golden.json["popularity"][static_cast<std::size_t>(item)].get<std::int64_t>());
        }
        QVERIFY(index.nearest(20, 10).empty()); // nobody's item
        QCOMPARE(index.users(20), std::int64_t{0});
    }

    void aVectorFindsWhatItsItemFinds()
    {
        Embeddings items = randomEmbeddings(60, 13, 4);
        items.row(50) = items.row(8);
        const SemanticIndex index(items);
        const std::span<const float> query(items.row(8).data(), 13);
        const auto near = index.nearest(query, 5);
        QCOMPARE(near[0].item, 8); // equal rows tie: the smaller index first
        QCOMPARE(near[1].item, 50);
        QCOMPARE(near[0].similarity, near[1].similarity);
        QVERIFY(std::abs(near[0].similarity - 1) < 1e-6);
        const auto others = index.nearest(8, 4);
        QCOMPARE(others[0].item, 50);
        for (std::size_t i = 1; i < 4; ++i)
            QCOMPARE(others[i].item, near[i + 1].item);
    }

    void ranksAreThoseOfTheList()
    {
        Embeddings items = randomEmbeddings(40, 6, 4);
        items.row(3).setZero();
        const SemanticIndex index(items);
        for (const std::int32_t item : {0, 3, 39}) {
            const auto ranks = index.ranks(item);
            const auto near = index.nearest(item, 1000);
            QCOMPARE(near.size(), std::size_t{39});
            QCOMPARE(ranks[static_cast<std::size_t>(item)], 0);
            for (std::size_t i = 0; i < near.size(); ++i)
                QCOMPARE(ranks[static_cast<std::size_t>(near[i].item)], static_cast<std::int32_t>(i) + 1);
        }
        // A row of zeros is as near to anything: by index.
        QCOMPARE(itemsOf(index.nearest(3, 4)), (Items{0, 1, 2, 4}));
        QCOMPARE(index.nearest(3, 1)[0].similarity, 0.0F);
        QVERIFY(index.nearest(3, 0).empty());
        QVERIFY(index.nearest(3, -1).empty());
    }

    void refusesBrokenVectors()
    {
        Embeddings items = randomEmbeddings(10, 8, 1);
        const SemanticIndex index(items);
        std::vector<float> query(8, 0.5F);
        query[2] = std::numeric_limits<float>::infinity();
        QVERIFY_THROWS_EXCEPTION(Error, index.nearest(query, 3));
        QVERIFY_THROWS_EXCEPTION(Error, index.nearest(std::vector<float>(7, 1.0F), 3));
        items(6, 7) = std::numeric_limits<float>::quiet_NaN();
        try {
            SemanticIndex broken(items);
            QFAIL("accepted");
        } catch (const Error &error) {
            QCOMPARE(error.where(), std::string("item 6"));
        }
    }

    void overlaps()
    {
        const std::vector<Neighbour> a{{4, 0.9F}, {2, 0.8F}, {7, 0.7F}, {1, 0.6F}};
        const std::vector<Neighbour> b{{7, 0.5F}, {4, 0.4F}, {9, 0.3F}, {2, 0.2F}};
        QCOMPARE(overlap(a, b, 2), 0.5);
        QCOMPARE(overlap(a, b, 3), 2.0 / 3);
        QCOMPARE(overlap(a, b, 4), 0.75);
        QCOMPARE(overlap(a, b, 10), 0.3); // short lists are not stretched
        QCOMPARE(overlap(a, {}, 3), 0.0);
        QCOMPARE(overlap(a, b, 0), 0.0);
    }

    void overlapByRoleIsTheMeanOfOverlaps()
    {
        const std::int32_t items = 203;
        const SemanticIndex semantic(randomEmbeddings(items, 9, 2));
        Csr rows = randomRows(150, items - 3, 8, 3);
        rows.cols = items; // the last three are nobody's
        const InteractionIndex interactions(rows);
        const auto roles = split(items);
        double mean[3] = {0, 0, 0};
        std::int64_t count[3] = {0, 0, 0};
        for (std::int32_t j = 0; j < items; ++j) {
            if (interactions.users(j) == 0)
                continue;
            const auto role = static_cast<std::size_t>(roles.roles[static_cast<std::size_t>(j)]);
            mean[role] += overlap(semantic.nearest(j, 10), interactions.nearest(j, 10), 10);
            ++count[role];
        }
        for (const int threads : {1, 2, 5, 0}) {
            const RoleOverlap result = overlapByRole(semantic, interactions, roles, 10, threads);
            for (std::size_t role = 0; role < 3; ++role) {
                QCOMPARE(result.items[role], count[role]);
                QCOMPARE(result.mean[role], mean[role] / static_cast<double>(count[role]));
                QVERIFY(result.mean[role] > 0);
            }
        }
    }

    void overlapByRoleChecksAndStops()
    {
        const SemanticIndex semantic(randomEmbeddings(20, 9, 2));
        const InteractionIndex interactions(randomRows(15, 20, 8, 3));
        QVERIFY_THROWS_EXCEPTION(Error, overlapByRole(semantic, interactions, split(19), 10));
        const SemanticIndex other(randomEmbeddings(21, 9, 2));
        QVERIFY_THROWS_EXCEPTION(Error, overlapByRole(other, interactions, split(20), 10));
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(Cancelled, overlapByRole(semantic, interactions, split(20), 10, 2, stop.get_token()));
        const SemanticIndex none(Embeddings(0, 4));
        const RoleOverlap empty = overlapByRole(none, InteractionIndex(Csr{}), split(0), 10);
        QCOMPARE(empty.items[0], std::int64_t{0});
    }

    void moves()
    {
        const SemanticIndex base(randomEmbeddings(30, 9, 2));
        const SemanticIndex tuned(randomEmbeddings(30, 9, 3));
        const auto moved = rankMoves(base, tuned, 5, 7);
        const auto near = tuned.nearest(5, 7);
        const auto before = base.nearest(5, 29);
        QCOMPARE(moved.size(), std::size_t{7});
        for (std::size_t i = 0; i < moved.size(); ++i) {
            QCOMPARE(moved[i].item, near[i].item);
            QCOMPARE(moved[i].rank, static_cast<std::int32_t>(i) + 1);
            QCOMPARE(before[static_cast<std::size_t>(moved[i].otherRank) - 1].item, near[i].item);
        }
        QVERIFY_THROWS_EXCEPTION(Error, rankMoves(SemanticIndex(randomEmbeddings(29, 9, 2)), tuned, 5, 7));
    }

    void isFast()
    {
#ifdef APIARY_SANITIZED
        QSKIP("sanitizers slow the vectors down a hundred times");
#endif
        const SemanticIndex semantic(randomEmbeddings(1500, 384, 2));
        const InteractionIndex interactions(randomRows(943, 1500, 58, 3));
        QElapsedTimer timer;
        timer.start();
        overlapByRole(semantic, interactions, split(1500), 10);
        qInfo("overlap@10 of 1,500 items × 384: %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY(timer.elapsed() < 4000); // busy machines included
    }
};

APIARY_TEST(NeighboursTest)
#include "neighbours_test.moc"
