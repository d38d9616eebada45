#include "encoder/device.h"

#include "base/error.h"
#include "support/registry.h"

#include <QTest>

using namespace apiary;
using namespace apiary::encoder;

class DeviceTest : public QObject {
    Q_OBJECT

private slots:
    void processorIsFirst();
    void resolves();
    void refuses_data();
    void refuses();
    void memoryOfTheProcessor();
    void describesLibtorch();
};

void DeviceTest::processorIsFirst()
{
    const std::vector<DeviceInfo> all = devices();
    QVERIFY(!all.empty());
    QCOMPARE(all.front().name, std::string("cpu"));
    QVERIFY(!all.front().description.empty());
    QVERIFY(all.front().memory > (std::int64_t{1} << 28));
    for (std::size_t i = 1; i < all.size(); ++i)
        QCOMPARE(all[i].name, "cuda:" + std::to_string(i - 1));
}

void DeviceTest::resolves()
{
    const std::vector<DeviceInfo> all = devices();
    QCOMPARE(resolveDevice("cpu"), std::string("cpu"));
    QCOMPARE(resolveDevice("auto"), all.size() > 1 ? std::string("cuda:0") : std::string("cpu"));
    if (all.size() > 1)
        QCOMPARE(resolveDevice("cuda"), std::string("cuda:0"));
}

void DeviceTest::refuses_data()
{
    QTest::addColumn<QString>("device");
    QTest::addColumn<QString>("message");
    for (const char *device : {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:x", "cuda:0x", "cuda:99999999999"})
        QTest::newRow(*device ? device : "empty") << device << "unknown device";
    QTest::newRow("absent") << "cuda:1000"
                            << "no GPU";
    if (devices().size() == 1)
        QTest::newRow("no GPU at all") << "cuda"
                                       << "no GPU for \"cuda\"";
}

void DeviceTest::refuses()
{
    QFETCH(const QString, device);
    QFETCH(const QString, message);
    try {
        resolveDevice(device.toStdString());
        QFAIL("no error");
    } catch (const InputError &error) {
        QVERIFY2(QString::fromStdString(error.problem()).contains(message), error.what());
        QVERIFY(!error.remedy().empty());
    }
}

void DeviceTest::memoryOfTheProcessor()
{
    MemoryUse use = processMemory();
    addDeviceMemory(use, "cpu");
    QCOMPARE(use.gpuAllocated, -1);
    QCOMPARE(use.gpuTotal, -1);
    releaseDeviceMemory("cpu");
}

void DeviceTest::describesLibtorch()
{
    QVERIFY(libtorchVersion().starts_with("2."));
    QVERIFY(!cpuCapability().empty());
    const int before = threads();
    setThreads(1);
    QCOMPARE(threads(), 1);
    setThreads(0);
    QCOMPARE(threads(), 1);
    setThreads(before);
}

APIARY_TEST(DeviceTest)

#include "device_test.moc"
