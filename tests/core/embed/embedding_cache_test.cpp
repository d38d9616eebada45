#include "embed/embedding_cache.h"

#include "base/random.h"
#include "store/database.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace apiary;
using namespace apiary::embed;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t width = 24;

CacheSpace spaceOf(const std::string &encoder = "e1")
{
    CacheSpace space;
    space.encoder = encoder;
    space.dimension = width;
    return space;
}

std::vector<CacheKey> keysOf(std::int32_t first, std::int32_t count)
{
    std::vector<CacheKey> keys;
    for (std::int32_t i = first; i < first + count; ++i)
        keys.push_back(cacheKey(std::vector<std::int32_t>{101, i, 102}));
    return keys;
}

/// Rows that their number determines.
Embeddings rowsOf(std::int32_t first, std::int32_t count)
{
    Embeddings rows(count, width);
    for (std::int32_t i = 0; i < count; ++i) {
        CounterRng random(static_cast<std::uint64_t>(first + i));
        for (Eigen::Index j = 0; j < width; ++j)
            rows(i, j) = static_cast<float>(random.uniform() - 0.5);
    }
    return rows;
}

bool sameBits(const Embeddings &a, const Embeddings &b)
{
    return a.rows() == b.rows() && a.cols() == b.cols() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

bool has(EmbeddingCache &cache, std::int32_t first, std::int32_t count, const CacheSpace &space = spaceOf())
{
    const auto found = cache.find(space, keysOf(first, count));
    return found.missing.empty() && sameBits(found.rows, rowsOf(first, count));
}

/// Overwrites bytes in the middle of a file.
void spoil(const fs::path &file, std::streamoff at, std::size_t count)
{
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekp(at);
    for (std::size_t i = 0; i < count; ++i)
        stream.put(static_cast<char>(i * 37 + 5));
}

} // namespace

class EmbeddingCacheTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_number = 0;
    std::vector<std::string> m_log;

    fs::path folder() const { return fs::path(m_dir.path().toStdString()) / ("cache" + std::to_string(m_number)); }
    fs::path file() const { return folder() / "embeddings.sqlite"; }
    EmbeddingCache::Log log()
    {
        return [this](const std::string &line) { m_log.push_back(line); };
    }

private slots:
    void init()
    {
        ++m_number;
        m_log.clear();
    }

    void valuesComeBackBitForBit()
    {
        Embeddings rows = rowsOf(0, 700); // three blocks
        rows(0, 0) = -0.0F;
        rows(1, 0) = std::numeric_limits<float>::denorm_min();
        rows(2, 0) = std::numeric_limits<float>::quiet_NaN();
        rows(699, width - 1) = std::numeric_limits<float>::infinity();
        const auto keys = keysOf(0, 700);
        EmbeddingCache(folder(), log()).store(spaceOf(), keys, rows);
        EmbeddingCache again(folder(), log());
        const auto found = again.find(spaceOf(), keys);
        QVERIFY(found.missing.empty());
        QVERIFY(sameBits(found.rows, rows));
        QVERIFY(m_log.empty());
        QVERIFY(again.working());
    }

    void saysWhatIsMissing()
    {
        EmbeddingCache cache(folder(), log());
        QCOMPARE(cache.find(spaceOf(), keysOf(0, 3)).missing, (std::vector<std::int64_t>{0, 1, 2}));
        cache.store(spaceOf(), keysOf(10, 5), rowsOf(10, 5));
        const auto found = cache.find(spaceOf(), keysOf(8, 5)); // 8 and 9 are unknown
        QCOMPARE(found.missing, (std::vector<std::int64_t>{0, 1}));
        QVERIFY(sameBits(found.rows.bottomRows(3), rowsOf(10, 3)));
        QVERIFY(found.rows.topRows(2).isZero());
        const std::vector<CacheKey> twice{keysOf(11, 1)[0], keysOf(11, 1)[0]};
        QVERIFY(sameBits(cache.find(spaceOf(), twice).rows.bottomRows(1), rowsOf(11, 1)));
    }

    void theKeyHoldsAllThatCounts()
    {
        EmbeddingCache cache(folder(), log());
        cache.store(spaceOf(), keysOf(0, 4), rowsOf(0, 4));
        CacheSpace other = spaceOf("e2");
        QCOMPARE(cache.find(other, keysOf(0, 4)).missing.size(), std::size_t{4});
        other = spaceOf();
        other.precision = "int8";
        QCOMPARE(cache.find(other, keysOf(0, 4)).missing.size(), std::size_t{4});
        other = spaceOf();
        other.dimension = width / 2;
        QCOMPARE(cache.find(other, keysOf(0, 4)).missing.size(), std::size_t{4});
        other = spaceOf();
        other.promptTokens = 3;
        QCOMPARE(cache.find(other, keysOf(0, 4)).missing.size(), std::size_t{4});
        QVERIFY(has(cache, 0, 4));
        // The same numbers cut elsewhere are other texts.
        QVERIFY(cacheKey(std::vector<std::int32_t>{1, 256}) != cacheKey(std::vector<std::int32_t>{257}));
        QVERIFY(cacheKey(std::vector<std::int32_t>{}) != cacheKey(std::vector<std::int32_t>{0}));
    }

    void dropsWhatWasUsedLongestAgo()
    {
        EmbeddingCache cache(folder(), log());
        for (std::int32_t block = 0; block < 4; ++block)
            cache.store(spaceOf(), keysOf(block * 100, 100), rowsOf(block * 100, 100));
        const std::int64_t four = cache.bytes();
        QVERIFY(has(cache, 0, 100)); // the oldest is used again
        cache.setLimit(four);
        cache.store(spaceOf(), keysOf(400, 100), rowsOf(400, 100));
        QVERIFY(cache.bytes() <= four);
        QVERIFY(has(cache, 0, 100));
        QCOMPARE(cache.find(spaceOf(), keysOf(100, 100)).missing.size(), std::size_t{100});
        for (const std::int32_t first : {200, 300, 400})
            QVERIFY(has(cache, first, 100));
    }

    void bytesAreThoseOnDisk()
    {
        EmbeddingCache cache(folder(), log());
        QCOMPARE(cache.bytes(), std::int64_t{0});
        CacheSpace wide = spaceOf();
        wide.dimension = 384;
        for (std::int32_t first = 0; first < 2000; first += 500)
            cache.store(wide, keysOf(first, 500), Embeddings::Random(500, 384));
        const auto told = static_cast<double>(cache.bytes());
        cache.setLimit(cache.bytes() - 1); // drops a block and writes the log back into the file
        const auto real = static_cast<double>(fs::file_size(file()));
        QVERIFY2(std::abs(told - real) < 0.2 * told, qPrintable(QString::number(real / told)));
        cache.clear();
        QCOMPARE(cache.bytes(), std::int64_t{0});
        QVERIFY(fs::file_size(file()) < 300000);
        QCOMPARE(cache.find(wide, keysOf(0, 500)).missing.size(), std::size_t{500});
    }

    void theLimitIsEverybodys()
    {
        EmbeddingCache one(folder(), log());
        EmbeddingCache two(folder(), log());
        QCOMPARE(two.limit(), EmbeddingCache::defaultLimit);
        one.setLimit(0);
        QCOMPARE(two.limit(), std::int64_t{0});
        two.store(spaceOf(), keysOf(0, 4), rowsOf(0, 4));
        QCOMPARE(two.bytes(), std::int64_t{0});
        one.setLimit(1 << 20);
        two.store(spaceOf(), keysOf(0, 4), rowsOf(0, 4));
        QVERIFY(has(one, 0, 4));
    }

    void aSpoiledBlockIsMissing()
    {
        {
            EmbeddingCache cache(folder(), log());
            cache.store(spaceOf(), keysOf(0, 300), rowsOf(0, 300)); // two blocks
        }
        {
            const store::Database database(file(), store::Database::Mode::Create);
            database.execute("UPDATE contents SET data = CAST(zeroblob(4) || substr(data, 5) AS BLOB) WHERE block = 1");
        }
        EmbeddingCache cache(folder(), log());
        const auto found = cache.find(spaceOf(), keysOf(0, 300));
        QCOMPARE(found.missing.size(), std::size_t{256});
        QCOMPARE(found.missing.front(), std::int64_t{0});
        QVERIFY(has(cache, 256, 44));
        cache.store(spaceOf(), keysOf(0, 256), rowsOf(0, 256));
        QVERIFY(has(cache, 0, 300));
    }

    void aDamagedFileIsSetAside_data()
    {
        QTest::addColumn<QString>("how");
        for (const char *how : {"garbage", "header", "middle", "cut", "foreign"})
            QTest::newRow(how) << QString::fromLatin1(how);
    }

    void aDamagedFileIsSetAside()
    {
        QFETCH(QString, how);
        {
            EmbeddingCache cache(folder(), log());
            cache.store(spaceOf(), keysOf(0, 3000), rowsOf(0, 3000));
            cache.setLimit(1 << 30);
        }
        const auto size = static_cast<std::streamoff>(fs::file_size(file()));
        if (how == QLatin1String("garbage"))
            std::ofstream(file()) << "these are no embeddings, but long enough to be read as a database page "
                                  << how.size();
        else if (how == QLatin1String("header"))
            spoil(file(), 0, 200);
        else if (how == QLatin1String("middle"))
            spoil(file(), 16384, static_cast<std::size_t>(size) - 2 * 16384);
        else if (how == QLatin1String("cut"))
            fs::resize_file(file(), static_cast<std::uintmax_t>(size / 3));
        else {
            fs::remove(file());
            store::Database(file(), store::Database::Mode::Create).execute("CREATE TABLE mine (x)");
        }
        EmbeddingCache cache(folder(), log());
        for (int attempt = 0; attempt < 2; ++attempt) { // damage may show when reading first
            cache.find(spaceOf(), keysOf(0, 3000));
            cache.store(spaceOf(), keysOf(5000, 10), rowsOf(5000, 10));
        }
        QVERIFY(has(cache, 5000, 10));
        QVERIFY(fs::exists(file().string() + ".damaged"));
        QCOMPARE(m_log.size(), std::size_t{1});
    }

    void aFolderThatCannotBeIsLeftOut()
    {
        std::ofstream(folder()) << "a file where the folder should be";
        EmbeddingCache cache(folder(), log());
        QVERIFY(!cache.working());
        cache.store(spaceOf(), keysOf(0, 4), rowsOf(0, 4));
        QCOMPARE(cache.find(spaceOf(), keysOf(0, 4)).missing.size(), std::size_t{4});
        cache.setLimit(5);
        cache.clear();
        QCOMPARE(cache.bytes(), std::int64_t{0});
        QCOMPARE(m_log.size(), std::size_t{1});
        QVERIFY(m_log[0].find(folder().string()) != std::string::npos);
    }

    void aFullDiskKeepsWhatIsThere()
    {
        EmbeddingCache cache(folder(), log());
        cache.store(spaceOf(), keysOf(0, 50), rowsOf(0, 50));
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit small{400000, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        for (std::int32_t first = 1000; first < 9000; first += 1000)
            cache.store(spaceOf(), keysOf(first, 1000), rowsOf(first, 1000));
        setrlimit(RLIMIT_FSIZE, &before);
        QCOMPARE(m_log.size(), std::size_t{1});
        QVERIFY(has(cache, 0, 50));
        cache.store(spaceOf(), keysOf(8000, 1000), rowsOf(8000, 1000)); // there is room again
        QVERIFY(has(cache, 8000, 1000));
    }

    void processesShareIt()
    {
        constexpr int processes = 4;
        std::vector<pid_t> children;
        for (int p = 0; p < processes; ++p) {
            const pid_t child = fork();
            if (child == 0) {
                bool good = true;
                {
                    EmbeddingCache cache(folder(), [&](const std::string &) { good = false; });
                    for (std::int32_t round = 0; round < 20; ++round) { // all write the same and read the others'
                        const std::int32_t first = (round + 5 * p) % 20 * 50;
                        const auto found = cache.find(spaceOf(), keysOf(first, 50));
                        good = good && (found.missing.size() == 50 || sameBits(found.rows, rowsOf(first, 50)));
                        cache.store(spaceOf(), keysOf(first, 50), rowsOf(first, 50));
                    }
                }
                _exit(good ? 0 : 1);
            }
            children.push_back(child);
        }
        for (const pid_t child : children) {
            int status = 1;
            waitpid(child, &status, 0);
            QVERIFY(WIFEXITED(status));
            QCOMPARE(WEXITSTATUS(status), 0);
        }
        EmbeddingCache cache(folder(), log());
        QVERIFY(has(cache, 0, 1000));
        const store::Database database(file(), store::Database::Mode::ReadOnly);
        store::Statement count(database, "SELECT count(*) FROM blocks");
        count.step();
        QCOMPARE(count.integer(0), std::int64_t{20}); // nothing twice
    }

    void threadsTakeTurns()
    {
        EmbeddingCache cache(folder(), log());
        std::vector<std::jthread> threads;
        for (std::int32_t t = 0; t < 4; ++t)
            threads.emplace_back([&cache, t] {
                for (std::int32_t round = 0; round < 10; ++round) {
                    const std::int32_t first = (t * 10 + round) * 20;
                    cache.store(spaceOf(), keysOf(first, 20), rowsOf(first, 20));
                    cache.find(spaceOf(), keysOf(0, 800));
                }
            });
        threads.clear();
        QVERIFY(has(cache, 0, 800));
        QVERIFY(m_log.empty());
    }

    void whereItLies()
    {
        const auto keep = [](const char *name) { return std::pair(name, qgetenv(name)); };
        const auto before = {keep("APIARY_CACHE"), keep("XDG_CACHE_HOME"), keep("HOME")};
        qputenv("HOME", "/home/me");
        qunsetenv("APIARY_CACHE");
        qunsetenv("XDG_CACHE_HOME");
        QCOMPARE(cacheFolder(), fs::path("/home/me/.cache/apiary"));
        qputenv("XDG_CACHE_HOME", "/var/cache/me");
        QCOMPARE(cacheFolder(), fs::path("/var/cache/me/apiary"));
        qputenv("XDG_CACHE_HOME", "relative");
        QCOMPARE(cacheFolder(), fs::path("/home/me/.cache/apiary"));
        qputenv("APIARY_CACHE", "/elsewhere");
        QCOMPARE(cacheFolder(), fs::path("/elsewhere"));
        for (const auto &[name, value] : before)
            value.isNull() ? qunsetenv(name) : qputenv(name, value);
    }
};

APIARY_TEST(EmbeddingCacheTest)
#include "embedding_cache_test.moc"
