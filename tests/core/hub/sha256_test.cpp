#include "hub/sha256.h"

#include "base/error.h"
#include "support/registry.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace apiary;
using hub::Sha256;

class Sha256Test : public QObject {
    Q_OBJECT
private slots:
    void knownDigests_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("digest");
        // FIPS 180-4 examples
        QTest::newRow("nothing") << QByteArray() << "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        QTest::newRow("abc") << QByteArray("abc") << "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        QTest::newRow("two blocks") << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                                    << "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
        QTest::newRow("a million a") << QByteArray(1000000, 'a')
                                     << "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    }
    void knownDigests()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, digest);
        Sha256 whole;
        whole.update(bytes.toStdString());
        QCOMPARE(QString::fromStdString(whole.hex()), digest);
        QCOMPARE(QString::fromStdString(whole.hex()), digest); // reading changes nothing

        Sha256 parts;
        for (int at = 0; at < bytes.size(); at += 7)
            parts.update(bytes.mid(at, 7).toStdString());
        QCOMPARE(QString::fromStdString(parts.hex()), digest);

        QTemporaryDir folder;
        QFile file(folder.filePath("bytes"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
        file.close();
        QCOMPARE(QString::fromStdString(hub::sha256File(file.fileName().toStdString())), digest);
    }

    void fileErrors()
    {
        QTemporaryDir folder;
        QVERIFY_EXCEPTION_THROWN(hub::sha256File(folder.path().toStdString()), InputError);
        QVERIFY_EXCEPTION_THROWN(hub::sha256File(folder.filePath("absent").toStdString()), InputError);
    }

    void stops()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath("bytes"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("x");
        file.close();
        std::stop_source source;
        source.request_stop();
        QVERIFY_EXCEPTION_THROWN(hub::sha256File(file.fileName().toStdString(), source.get_token()), Cancelled);
    }
};

APIARY_TEST(Sha256Test)
#include "sha256_test.moc"
