// libtorch's headers first: Qt's keywords clash with them.
#include "encoder/safetensors.h"

#include "base/error.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace apiary;
using namespace apiary::encoder;

namespace {

QByteArray withLength(const QByteArray &header, std::uint64_t length)
{
    QByteArray bytes;
    for (int i = 0; i < 8; ++i)
        bytes.append(static_cast<char>(length >> (8 * i) & 0xFF));
    return bytes + header;
}

QByteArray file(const QByteArray &header, int dataBytes)
{
    return withLength(header, static_cast<std::uint64_t>(header.size())) + QByteArray(dataBytes, '\1');
}

QByteArray entry(const char *name, const char *dtype, const char *shape, const char *offsets)
{
    return QByteArray("'")
        .append(name)
        .append("':{'dtype':'")
        .append(dtype)
        .append("','shape':")
        .append(shape)
        .append(",'data_offsets':")
        .append(offsets)
        .append("}")
        .replace('\'', '"');
}

QByteArray object(const QByteArrayList &entries)
{
    return "{" + entries.join(',') + "}";
}

} // namespace

class SafetensorsTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void writtenIsRead();
    void convertsHalfPrecision();
    void readsWithoutAlignment();
    void viewOutlivesTheFile();
    void readsWhatOthersWrite();
    void missingTensor();
    void damaged_data();
    void damaged();
    void unreadable();
    void failedWriteLeavesNothing();

private:
    std::filesystem::path write(const QByteArray &bytes, const char *name = "test.safetensors");
    std::unique_ptr<QTemporaryDir> m_folder;
};

void SafetensorsTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

std::filesystem::path SafetensorsTest::write(const QByteArray &bytes, const char *name)
{
    const std::filesystem::path path = m_folder->filePath(name).toStdString();
    std::ofstream(path, std::ios::binary).write(bytes.data(), bytes.size());
    return path;
}

void SafetensorsTest::writtenIsRead()
{
    const std::filesystem::path path = m_folder->filePath("a.safetensors").toStdString();
    const at::Tensor floats = at::randn({3, 5});
    const at::Tensor longs = at::arange(7, at::kLong);
    const at::Tensor bytes = at::arange(3, at::kByte);
    const std::vector<std::pair<std::string, at::Tensor>> tensors{{"z.bytes", bytes},
                                                                  {"transposed", floats.t()},
                                                                  {"longs", longs},
                                                                  {"scalar", at::scalar_tensor(2.5)},
                                                                  {"none", at::empty({0, 4})}};
    writeSafetensors(path, tensors, {{"format", "pt"}, {"note", "naïve"}});

    const SafetensorsFile read = SafetensorsFile::open(path);
    QCOMPARE(read.names(), (std::vector<std::string>{"longs", "none", "scalar", "transposed", "z.bytes"}));
    QCOMPARE(read.metadata().at("note"), std::string("naïve"));
    for (const auto &[name, tensor] : tensors) {
        const at::Tensor found = read.tensor(name);
        QCOMPARE(found.scalar_type(), tensor.scalar_type());
        QVERIFY2(at::equal(found, tensor), name.c_str());
        QCOMPARE(reinterpret_cast<std::uintptr_t>(found.const_data_ptr()) %
                     static_cast<std::uintptr_t>(found.element_size()),
                 0U);
    }
    QVERIFY(read.has("longs") && !read.has("nothing"));
    QCOMPARE(read.info("transposed").shape, (std::vector<std::int64_t>{5, 3}));
    // Nothing but the file: the temporary one is gone.
    QCOMPARE(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1);
}

void SafetensorsTest::convertsHalfPrecision()
{
    const std::filesystem::path path = m_folder->filePath("half.safetensors").toStdString();
    const at::Tensor values = at::randn({17});
    writeSafetensors(path, std::vector<std::pair<std::string, at::Tensor>>{{"half", values.to(at::kHalf)},
                                                                           {"brain", values.to(at::kBFloat16)},
                                                                           {"double", values.to(at::kDouble)},
                                                                           {"int", values.to(at::kInt)}});
    const SafetensorsFile read = SafetensorsFile::open(path);
    QCOMPARE(read.info("brain").dtype, std::string("BF16"));
    for (const char *name : {"half", "brain", "double"}) {
        QCOMPARE(read.floatTensor(name).scalar_type(), at::kFloat);
        QVERIFY(at::allclose(read.floatTensor(name), values, 1e-2, 1e-3));
    }
    QVERIFY(at::equal(read.floatTensor("half"), values.to(at::kHalf).to(at::kFloat)));
    QVERIFY_EXCEPTION_THROWN(read.floatTensor("int"), InputError);
}

void SafetensorsTest::readsWithoutAlignment()
{
    QByteArray header = object({entry("x", "F32", "[2]", "[0,8]")});
    while (header.size() % 4 != 1)
        header += ' ';
    const float values[] = {1.5F, -2.0F};
    const auto path = write(file(header, 0) + QByteArray(reinterpret_cast<const char *>(values), 8));
    const at::Tensor read = SafetensorsFile::open(path).tensor("x");
    QVERIFY(at::equal(read, at::tensor({1.5F, -2.0F})));
}

void SafetensorsTest::viewOutlivesTheFile()
{
    at::Tensor view;
    const auto path = write(file(object({entry("x", "U8", "[1000]", "[0,1000]")}), 1000));
    {
        const SafetensorsFile file = SafetensorsFile::open(path);
        view = file.tensor("x");
        view[0].fill_(9); // stays in this process
    }
    QCOMPARE(view.sum().item<std::int64_t>(), 1008);
    QCOMPARE(SafetensorsFile::open(path).tensor("x").sum().item<std::int64_t>(), 1000);
}

void SafetensorsTest::readsWhatOthersWrite()
{
    // Written by the safetensors package for Python.
    const SafetensorsFile read = SafetensorsFile::open(tests::golden() / "tiny-bert.safetensors");
    QCOMPARE(read.metadata().count("sentence-transformers"), 1U);
    QCOMPARE(read.info("embeddings.mean").shape, (std::vector<std::int64_t>{20, 32}));
    const at::Tensor norms = read.tensor("embeddings.mean").norm(2, {1});
    QVERIFY(at::allclose(norms, at::ones(20)));
}

void SafetensorsTest::missingTensor()
{
    const SafetensorsFile read = SafetensorsFile::open(write(file(object({entry("x", "U8", "[1]", "[0,1]")}), 1)));
    try {
        read.tensor("encoder.y");
        QFAIL("no error");
    } catch (const InputError &error) {
        QVERIFY(error.problem().find("\"encoder.y\" is missing") != std::string::npos);
        QVERIFY(error.where().ends_with("test.safetensors"));
    }
}

void SafetensorsTest::damaged_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("message");
    const auto x = [](const char *dtype, const char *shape, const char *offsets) {
        return object({entry("x", dtype, shape, offsets)});
    };
    QTest::newRow("empty") << QByteArray() << "too few for a header";
    QTest::newRow("seven bytes") << QByteArray(7, '\0') << "too few for a header";
    QTest::newRow("header longer than the file") << withLength("{}", 3) << "it is cut off";
    QTest::newRow("header of 2^64 - 1") << withLength("{}", ~std::uint64_t{0}) << "more than the format's";
    QTest::newRow("header over the limit") << withLength("{}", 100'000'001) << "more than the format's";
    QTest::newRow("not JSON") << file("{\"x\":", 0) << "not valid JSON";
    QTest::newRow("not UTF-8") << file("{\"\xff\xfe\":1}", 0) << "not valid JSON";
    QTest::newRow("deeply nested") << file(QByteArray(1'000'000, '['), 0) << "not valid JSON";
    QTest::newRow("nested and closed") << file(QByteArray(100'000, '[') + QByteArray(100'000, ']'), 0)
                                       << "no JSON object";
    QTest::newRow("a list") << file("[]", 0) << "no JSON object";
    QTest::newRow("empty header") << withLength("", 0) << "not valid JSON";
    QTest::newRow("entry is a number") << file("{\"x\":1}", 0) << "lacks dtype";
    QTest::newRow("no offsets") << file(R"({"x":{"dtype":"F32","shape":[1]}})", 4) << "lacks dtype";
    QTest::newRow("unknown dtype") << file(x("F31", "[1]", "[0,4]"), 4) << "unknown dtype";
    QTest::newRow("dtype is a list") << file(R"({"x":{"dtype":[],"shape":[1],"data_offsets":[0,4]}})", 4)
                                     << "unknown dtype";
    QTest::newRow("shape is an object") << file(x("F32", "{}", "[0,4]"), 4) << "list of at most 64 sizes";
    QTest::newRow("65 dimensions") << file(x("F32", "[" + QByteArray("1,").repeated(64) + "1]", "[0,4]"), 4)
                                   << "list of at most 64 sizes";
    QTest::newRow("negative size") << file(x("F32", "[-1]", "[0,4]"), 4) << "impossible size \"-1\"";
    QTest::newRow("fractional size") << file(x("F32", "[1.5]", "[0,4]"), 4) << "impossible size";
    QTest::newRow("size over 2^63") << file(x("F32", "[9223372036854775808]", "[0,4]"), 4) << "impossible size";
    QTest::newRow("size over 2^64") << file(x("F32", "[99999999999999999999]", "[0,4]"), 4) << "impossible size";
    QTest::newRow("product overflows") << file(x("F32", "[4611686018427387905]", "[0,4]"), 4)
                                       << "larger than any memory";
    QTest::newRow("product overflows in steps")
        << file(x("F32", "[4294967296,4294967296]", "[0,0]"), 0) << "larger than any memory";
    QTest::newRow("one offset") << file(x("F32", "[1]", "[4]"), 4) << "no range";
    QTest::newRow("offsets backwards") << file(x("F32", "[1]", "[4,0]"), 4) << "no range";
    QTest::newRow("negative offset") << file(x("F32", "[1]", "[-4,0]"), 4) << "no range";
    QTest::newRow("behind the end") << file(x("F32", "[2]", "[0,8]"), 7) << "ends at byte 8 of data, the file holds 7";
    QTest::newRow("size and offsets differ")
        << file(x("F32", "[2]", "[0,4]"), 4) << "takes 8 bytes, its data_offsets span 4";
    QTest::newRow("overlap") << file(object({entry("x", "U8", "[4]", "[0,4]"), entry("y", "U8", "[4]", "[2,6]")}), 6)
                             << "\"y\" overlaps another";
    QTest::newRow("same bytes") << file(object({entry("x", "U8", "[4]", "[0,4]"), entry("y", "U8", "[4]", "[0,4]")}), 4)
                                << "overlaps another";
    QTest::newRow("hole") << file(object({entry("x", "U8", "[2]", "[0,2]"), entry("y", "U8", "[2]", "[4,6]")}), 6)
                          << "bytes 2 to 4 of the data belong to no tensor";
    QTest::newRow("bytes left over") << file(x("U8", "[2]", "[0,2]"), 5)
                                     << "bytes 2 to 5 of the data belong to no tensor";
    QTest::newRow("name twice") << file(object({entry("x", "U8", "[2]", "[0,2]"), entry("x", "U8", "[2]", "[0,2]")}), 2)
                                << "\"x\" is there twice";
    QTest::newRow("metadata is a list") << file(R"({"__metadata__":[]})", 0) << "__metadata__ is no JSON object";
    QTest::newRow("metadata holds a number") << file(R"({"__metadata__":{"a":1}})", 0) << "something else than texts";
}

void SafetensorsTest::damaged()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const QString, message);
    const auto path = write(bytes);
    try {
        SafetensorsFile::open(path);
        QFAIL("no error");
    } catch (const InputError &error) {
        QVERIFY2(QString::fromStdString(error.problem()).contains(message), error.what());
        QCOMPARE(error.where(), path.string());
        QVERIFY(!error.remedy().empty());
    }
}

void SafetensorsTest::unreadable()
{
    QVERIFY_EXCEPTION_THROWN(SafetensorsFile::open("/nonexistent/file.safetensors"), InputError);
    QVERIFY_EXCEPTION_THROWN(SafetensorsFile::open(m_folder->path().toStdString()), InputError);
    const std::filesystem::path fifo = m_folder->filePath("fifo").toStdString();
    QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
    QVERIFY_EXCEPTION_THROWN(SafetensorsFile::open(fifo), InputError);
}

void SafetensorsTest::failedWriteLeavesNothing()
{
    const std::vector<std::pair<std::string, at::Tensor>> tensors{{"x", at::zeros({4})}};
    const std::filesystem::path missing = m_folder->filePath("missing/a.safetensors").toStdString();
    try {
        writeSafetensors(missing, tensors);
        QFAIL("no error");
    } catch (const Error &error) {
        QVERIFY2(error.problem().find("No such file") != std::string::npos, error.what());
        QVERIFY(error.where().find("missing") != std::string::npos);
    }
    // A folder in the file's place: written beside it, not put in place, and cleared away.
    const std::filesystem::path taken = m_folder->filePath("taken").toStdString();
    std::filesystem::create_directory(taken);
    QVERIFY_EXCEPTION_THROWN(writeSafetensors(taken, tensors), Error);
    QCOMPARE(std::distance(std::filesystem::directory_iterator(m_folder->path().toStdString()), {}), 1);
}

APIARY_TEST(SafetensorsTest)

#include "safetensors_test.moc"
