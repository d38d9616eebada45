#include "recsys/elsa.h"
#include "recsys/ials.h"
#include "recsys/registry.h"
#include "recsys/standardise.h"

#include "golden_models.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <iterator>

using namespace apiary;
using namespace apiary::recsys;
using namespace apiary::tests;
using Json = nlohmann::ordered_json;

class RecommenderGoldenTest : public QObject {
    Q_OBJECT

    Csr m_rows;

    const nlohmann::json &file() { return goldenFile("recommenders.json"); }

    ScoreBlock fitted(const std::string &kind, const Json &parameters)
    {
        const auto model = makeRecommender(kind, parameters);
        model->fit(m_rows, {.threads = 2});
        return scoresOf(*model, m_rows);
    }

private slots:
    void initTestCase() { m_rows = goldenRows(file()["interactions"], file()["items"].get<std::int64_t>()); }

    void popularity()
    {
        const ScoreBlock scores = fitted("popularity", Json::object());
        for (Eigen::Index j = 0; j < scores.cols(); ++j)
            QCOMPARE(scores(1, j), file()["popularity"][static_cast<std::size_t>(j)].get<float>());
    }

    void easeEqualsNumpy()
    {
        for (const auto &expected : file()["ease"]) {
            const double far =
                farthest(fitted("ease", {{"lambda", expected["lambda"].get<double>()}}), expected["scores"]);
            QVERIFY2(far < 1e-5, qPrintable(QString::number(far)));
        }
    }

    void itemKnnEqualsNumpy()
    {
        for (const auto &expected : file()["knn"]) {
            const double far = farthest(fitted("item-knn", {{"K", expected["K"].get<int>()},
                                                            {"shrink", expected["shrink"].get<double>()},
                                                            {"normalize_X", expected["normalize_X"].get<bool>()},
                                                            {"normalize_sim", expected["normalize_sim"].get<bool>()}}),
                                        expected["scores"]);
            QVERIFY2(far < 2e-6, qPrintable(QString::number(far)));
        }
    }

    void itemKnnEqualsImplicit()
    {
        const double far = farthest(fitted("item-knn", {{"K", 1000}}), file()["implicit_knn"]);
        QVERIFY2(far < 2e-6, qPrintable(QString::number(far)));
    }

    /// TF-IDF and BM25 of `implicit`, the SANSA-like EASE and the mix of NumPy; saved and loaded, too.
    void moreEqualReferences_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("index");
        const auto &golden = goldenFile("recommenders_more.json");
        for (const char *kind : {"item-knn", "sansa", "mix"})
            for (std::size_t i = 0; i < golden[kind].size(); ++i)
                QTest::addRow("%s %s", kind, golden[kind][i]["parameters"].dump().c_str())
                    << kind << static_cast<int>(i);
    }
    void moreEqualReferences()
    {
        QFETCH(QString, kind);
        QFETCH(int, index);
        const auto &golden = goldenFile("recommenders_more.json");
        const auto &expected = golden[kind.toStdString()][static_cast<std::size_t>(index)];
        auto embeddings = std::make_shared<Embeddings>(m_rows.cols, golden["embeddings"][0].size());
        for (Eigen::Index j = 0; j < embeddings->rows(); ++j)
            std::ranges::copy(golden["embeddings"][static_cast<std::size_t>(j)].get<std::vector<float>>(),
                              embeddings->row(j).data());
        const auto parameters = Json::parse(expected["parameters"].dump());
        const auto model = makeRecommender(kind.toStdString(), parameters, "recommender", embeddings);
        model->fit(m_rows, {.threads = 2});
        const ScoreBlock scores = scoresOf(*model, m_rows);
        const double far = farthest(scores, expected["scores"]);
        QVERIFY2(far < 5e-6, qPrintable(QString::number(far)));

        const QTemporaryDir directory;
        const auto folder = std::filesystem::path(directory.path().toStdString()) / "model";
        saveRecommender(*model, folder);
        const auto loaded = loadRecommender(folder);
        QVERIFY(loaded->parameters() == model->parameters());
        QVERIFY(sameBits(scoresOf(*loaded, m_rows), scores));
    }

    void elsaEqualsElsarec()
    {
        const auto &expected = file()["elsa"];
        ElsaParameters p;
        p.dimensions = expected["n_dims"].get<int>();
        p.learningRate = expected["lr"].get<double>();
        p.epochs = expected["epochs"].get<int>();
        p.batchSize = expected["batch_size"].get<int>();
        p.shuffle = false;
        Embeddings start(m_rows.cols, p.dimensions);
        for (Eigen::Index j = 0; j < start.rows(); ++j)
            std::ranges::copy(expected["start"][static_cast<std::size_t>(j)].get<std::vector<float>>(),
                              start.row(j).data());
        const auto model = elsaFrom(p, start);
        model->fit(m_rows, {.threads = 2});
        const double far = farthest(scoresOf(*model, m_rows), expected["scores"]);
        QVERIFY2(far < 2e-5, qPrintable(QString::number(far)));
    }

    /// Models that Python wrote, with the scores of PyTorch.
    void savedModelEqualsPyTorch_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"multvae", "sasrec", "heater"})
            QTest::newRow(kind) << kind;
    }
    void savedModelEqualsPyTorch()
    {
        QFETCH(QString, kind);
        const auto &expected = goldenFile("recommenders/" + kind.toStdString() + "/expected.json");
        Csr rows = goldenRows(expected["rows"], expected["items"].get<std::int64_t>());
        for (const auto &times : expected["times"])
            for (const auto &time : times)
                rows.times.push_back(time.get<std::int64_t>());
        const auto model = loadRecommender(golden() / "recommenders" / kind.toStdString());
        const double far = farthest(scoresOf(*model, rows), expected["scores"]);
        QVERIFY2(far < 2e-5, qPrintable(QString::number(far)));
    }

    void standardiseEqualsNumPy_data()
    {
        QTest::addColumn<int>("index");
        QTest::newRow("cut off at 1, as Heater's items") << 0;
        QTest::newRow("cut off at 5, as its content") << 1;
    }
    void standardiseEqualsNumPy()
    {
        QFETCH(int, index);
        const auto &expected = file()["scaled"][static_cast<std::size_t>(index)];
        std::vector<float> values, wanted;
        for (const auto &row : expected["values"])
            std::ranges::copy(row.get<std::vector<float>>(), std::back_inserter(values));
        for (const auto &row : expected["scaled"])
            std::ranges::copy(row.get<std::vector<float>>(), std::back_inserter(wanted));
        standardise(values, 4, expected["known"].get<std::vector<std::int32_t>>(), expected["most"].get<float>());
        for (std::size_t i = 0; i < wanted.size(); ++i)
            QVERIFY(std::abs(values[i] - wanted[i]) < 1e-5F);
    }

    void alsEqualsImplicit_data()
    {
        QTest::addColumn<int>("index");
        QTest::newRow("conjugate gradients, alpha 1") << 0;
        QTest::newRow("conjugate gradients, alpha 5") << 1;
        QTest::newRow("closed form, alpha 1") << 2;
        QTest::newRow("closed form, alpha 20") << 3;
    }
    void alsEqualsImplicit()
    {
        QFETCH(int, index);
        const auto &expected = file()["als"][static_cast<std::size_t>(index)];
        IalsParameters p;
        p.factors = expected["factors"].get<int>();
        p.regularization = expected["regularization"].get<double>();
        p.alpha = expected["alpha"].get<double>();
        p.useCg = expected["use_cg"].get<bool>();
        p.iterations = expected["iterations"].get<int>();
        const auto padded = [&](const nlohmann::json &rows) {
            PaddedMatrix matrix(static_cast<std::int64_t>(rows.size()), p.factors);
            for (std::size_t r = 0; r < rows.size(); ++r)
                std::ranges::copy(rows[r].get<std::vector<float>>(), matrix.row(static_cast<std::int64_t>(r)));
            return matrix;
        };
        PaddedMatrix users = padded(expected["start_users"]), items = padded(expected["start_items"]);
        alternate(m_rows, p, {.threads = 2}, users, items);
        const auto dense = [&](const PaddedMatrix &matrix) {
            ScoreBlock block(matrix.rows(), p.factors);
            for (std::int64_t r = 0; r < matrix.rows(); ++r)
                std::copy_n(matrix.row(r), p.factors, block.row(r).data());
            return block;
        };
        const double userFar = farthest(dense(users), expected["user_factors"]);
        const double itemFar = farthest(dense(items), expected["item_factors"]);
        QVERIFY2(userFar < 2e-4 && itemFar < 2e-4, qPrintable(QString("%1 %2").arg(userFar).arg(itemFar)));
        const double scoreFar = farthest(scoresOf(*ialsOf(p, std::move(items)), m_rows), expected["scores"]);
        QVERIFY2(scoreFar < 2e-4, qPrintable(QString::number(scoreFar)));
    }
};

APIARY_TEST(RecommenderGoldenTest)
#include "golden_test.moc"
