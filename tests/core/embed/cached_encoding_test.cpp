#include "embed/cached_encoding.h"

#include "base/error.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>

using namespace apiary;
using namespace apiary::embed;
namespace fs = std::filesystem;

class CachedEncodingTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    SentenceEncoder m_encoder{tests::golden() / "tiny-bert"};
    int m_number = 0;

    fs::path folder() const { return fs::path(m_dir.path().toStdString()) / std::to_string(m_number); }
    text::TokenBatch tokens(std::span<const std::string> texts) const
    {
        return m_encoder.tokenizer().encodeAll(texts, m_encoder.card().maxTokens);
    }
    CacheSpace space() const
    {
        CacheSpace space;
        space.encoder = m_encoder.card().hash;
        space.dimension = m_encoder.card().dimension;
        return space;
    }
    static CacheKey keyOf(const text::TokenBatch &batch, std::size_t text)
    {
        return cacheKey(std::span(batch.ids).subspan(static_cast<std::size_t>(batch.offsets[text]),
                                                     static_cast<std::size_t>(batch.length(static_cast<int>(text)))));
    }

private slots:
    void init() { ++m_number; }

    void equalsEncoding()
    {
        const std::vector<std::string> texts{"the bee", "a hive of bees", "", "the bee", "honey and the flower"};
        const auto batch = tokens(texts);
        const Embeddings wanted = m_encoder.encode(batch);
        EmbeddingCache cache(folder());
        for (int time = 0; time < 2; ++time)
            QVERIFY((encodeCached(m_encoder, batch, &cache) - wanted).cwiseAbs().maxCoeff() < 1e-6F);
        QVERIFY(encodeCached(m_encoder, batch, nullptr) == wanted);
        QCOMPARE(encodeCached(m_encoder, tokens({}), &cache).rows(), Eigen::Index{0});
    }

    void nothingIsEncodedTwice()
    {
        const std::vector<std::string> texts{"the bee", "a hive of bees", "honey"};
        const auto batch = tokens(texts);
        // Values that no encoder gives, under the texts' keys: to see them is to know that nothing was encoded.
        const Embeddings planted = Embeddings::Constant(2, space().dimension, 7.0F);
        EmbeddingCache cache(folder());
        cache.store(space(), std::vector<CacheKey>{keyOf(batch, 0), keyOf(batch, 2)}, planted);
        const Embeddings got = encodeCached(m_encoder, batch, &cache);
        QVERIFY(got.row(0) == planted.row(0) && got.row(2) == planted.row(1));
        QVERIFY((got.row(1) - m_encoder.encode(batch).row(1)).cwiseAbs().maxCoeff() < 1e-6F);
        std::vector<std::int64_t> done;
        encodeCached(m_encoder, batch, &cache, [&](const Progress &now) { done.push_back(now.done); });
        QCOMPARE(done, std::vector<std::int64_t>{3}); // at once
    }

    void aStopKeepsWhatIsDone()
    {
        std::vector<std::string> texts;
        for (int i = 0; i < 4500; ++i) // three parts
            texts.push_back("bee " + std::to_string(i));
        const auto batch = tokens(texts);
        EmbeddingCache cache(folder());
        std::stop_source stop;
        std::int64_t last = 0;
        const auto watch = [&](const Progress &now) {
            QVERIFY(now.done >= last);
            QCOMPARE(now.total, std::int64_t{4500});
            last = now.done;
            if (now.done > 2000)
                stop.request_stop();
        };
        QVERIFY_EXCEPTION_THROWN(encodeCached(m_encoder, batch, &cache, watch, stop.get_token()), Cancelled);
        std::vector<CacheKey> keys;
        for (std::size_t i = 0; i < texts.size(); ++i)
            keys.push_back(keyOf(batch, i));
        const auto missing = cache.find(space(), keys).missing.size();
        QVERIFY2(missing > 0 && missing <= 3000, qPrintable(QString::number(missing)));
        const Embeddings all = encodeCached(m_encoder, batch, &cache);
        QVERIFY((all - m_encoder.encode(batch)).cwiseAbs().maxCoeff() < 1e-5F);
        QVERIFY(cache.find(space(), keys).missing.empty());
    }

    void aBrokenCacheChangesNothing()
    {
        const std::vector<std::string> texts{"the bee", "a hive"};
        const auto batch = tokens(texts);
        EmbeddingCache nowhere("/dev/null/cache", [](const std::string &) {});
        QVERIFY(encodeCached(m_encoder, batch, &nowhere) == m_encoder.encode(batch));
    }
};

APIARY_TEST(CachedEncodingTest)
#include "cached_encoding_test.moc"
