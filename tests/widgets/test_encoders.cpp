#include "hub/library.h"
#include "support/assets.h"
#include "support/http_server.h"
#include "support/registry.h"
#include "widgets/encoders/encoder_card_view.h"
#include "widgets/encoders/encoder_settings.h"
#include "widgets/encoders/encoders_page.h"
#include "widgets/encoders/get_panel.h"
#include "widgets/shell/main_window.h"
#include "widgets/shell/page.h"
#include "widgets/train/config_form.h"
#include "widgets/train/train_page.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QCryptographicHash>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <map>

namespace apiary::tests {

using namespace widgets;
namespace fs = std::filesystem;
using Reply = HttpServer::Reply;
using Request = HttpServer::Request;

class EncodersTest : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_home;
    QByteArray m_homeBefore;
    std::map<std::string, std::string> m_files;
    int m_pauseMs = 0; ///< of the server, between pieces

    fs::path home() const { return m_home->path().toStdString(); }
    static fs::path tiny() { return golden() / "tiny-bert"; }

    /// A hub whose one repository, made/tiny, is the tiny encoder of the golden values.
    Reply answer(const Request &request) const
    {
        if (request.path == "/api/models/made/tiny/revision/main?blobs=true") {
            std::string list;
            for (const auto &[file, bytes] : m_files)
                list += (list.empty() ? "" : ",") + std::string("{\"rfilename\":\"") + file +
                        "\",\"size\":" + std::to_string(bytes.size()) + ",\"lfs\":{\"sha256\":\"" +
                        QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256)
                            .toHex()
                            .toStdString() +
                        "\"}}";
            return Reply{.body = "{\"sha\":\"c0ffee\",\"cardData\":{\"license\":\"mit\"},\"siblings\":[" + list + "]}"};
        }
        const std::string resolve = "/made/tiny/resolve/c0ffee/";
        const auto it =
            request.path.starts_with(resolve) ? m_files.find(request.path.substr(resolve.size())) : m_files.end();
        if (it == m_files.end())
            return Reply{.status = 404};
        Reply reply{.body = it->second};
        if (m_pauseMs > 0) {
            reply.pieceBytes = 2000;
            reply.pauseMs = m_pauseMs;
        }
        return reply;
    }

    static void open(EncodersPage &page)
    {
        page.resize(1100, 700);
        page.show();
        page.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&page));
    }
    /// Puts a copy of the tiny encoder among the installed ones.
    void installTiny(const char *name) const
    {
        fs::create_directories(home() / "encoders");
        fs::copy(tiny(), home() / "encoders" / name, fs::copy_options::recursive);
    }
    template <typename Widget>
    static Widget *child(QWidget &parent, const char *name)
    {
        return parent.findChild<Widget *>(QLatin1String(name));
    }
    static void type(QLineEdit *line, const QString &text)
    {
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, text);
    }

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *name :
             {"http_proxy", "HTTP_PROXY", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "APIARY_OFFLINE", "HF_ENDPOINT"})
            qunsetenv(name);
        for (const char *name : {"HF_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME", "PIP_FIND_LINKS"})
            qputenv(name, "/nonexistent");
        qputenv("APIARY_PYPI", "http://127.0.0.1:1/simple");
        m_homeBefore = qgetenv("APIARY_HOME");
        for (const auto &entry : fs::recursive_directory_iterator(tiny())) {
            QFile file(QString::fromStdString(entry.path().string()));
            if (entry.is_regular_file() && file.open(QIODevice::ReadOnly))
                m_files[entry.path().lexically_relative(tiny()).generic_string()] = file.readAll().toStdString();
        }
    }
    void cleanupTestCase() { qputenv("APIARY_HOME", m_homeBefore); }
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        qputenv("APIARY_HOME", m_home->path().toUtf8());
        m_pauseMs = 0;
    }

    void emptyStateOffersTheFirst()
    {
        EncodersPage page;
        open(page);
        QTRY_VERIFY(page.isEmpty());
        // The settings stay within reach, and so does the empty state beside the panel.
        QVERIFY(child<QLineEdit>(page, "hubBase")->isVisible());
        QVERIFY(child<QCheckBox>(page, "offline")->isVisible());
        QVERIFY(!page.card()->isVisible());
        QTest::mouseClick(child<QToolButton>(page, "get"), Qt::LeftButton);
        QVERIFY(page.getShown() && page.getPanel()->isVisible() && page.isEmpty());
        QTest::mouseClick(child<QToolButton>(page, "get"), Qt::LeftButton);
        QVERIFY(!page.getPanel()->isVisible());
        // Nothing answers there: the failure stands on the page, with what to do.
        QTest::mouseClick(page.emptyState()->findChild<QPushButton *>(), Qt::LeftButton);
        QTRY_VERIFY(page.messages()->isVisible());
        QVERIFY2(page.messages()->text().contains(QLatin1String("127.0.0.1")) &&
                     page.messages()->text().contains(QLatin1String("proxy")),
                 qPrintable(page.messages()->text()));
        QTRY_VERIFY(!page.fetching());
        QVERIFY(page.isEmpty());
    }

    void listsAndShowsCards()
    {
        installTiny("made--tiny");
        installTiny("broken");
        fs::remove(home() / "encoders/broken/model.safetensors");
        EncodersPage page;
        const QAbstractItemModelTester tester(page.model());
        open(page);
        QTRY_COMPARE(page.model()->rowCount(), 2);
        const auto cell = [&](int row, int column) { return page.model()->index(row, column).data().toString(); };
        QCOMPARE(cell(0, EncoderListModel::Name), QLatin1String("broken"));
        QCOMPARE(cell(1, EncoderListModel::Name), QLatin1String("made/tiny"));
        QCOMPARE(cell(1, EncoderListModel::Architecture), QLatin1String("BERT"));
        QCOMPARE(cell(1, EncoderListModel::Dimension), QLatin1String("32"));
        QVERIFY(page.card()->problem().contains(QLatin1String("no weights")));
        QCOMPARE(page.card()->fact(QLatin1String("Parameters")), QLatin1String("unknown"));
        QVERIFY(!child<QPushButton>(page, "useEncoder")->isEnabled());

        page.list()->setFocus();
        QTest::keyClick(page.list(), Qt::Key_Down);
        QCOMPARE(page.card()->problem(), QString());
        QCOMPARE(page.card()->fact(QLatin1String("Dimension")), QLatin1String("32"));
        QVERIFY(page.card()->fact(QLatin1String("Pooling")).startsWith(QLatin1String("mean")));
        QCOMPARE(page.card()->fact(QLatin1String("Base model")), QLatin1String("unknown"));
        QSignalSpy used(&page, &EncodersPage::useRequested);
        QTest::keyClick(page.list(), Qt::Key_Return);
        QCOMPARE(used.count(), 1);
        QVERIFY(used[0][0].toString().endsWith(QLatin1String("made--tiny")));
    }

    void removesAndUndoes()
    {
        installTiny("made--tiny");
        const fs::path folder = home() / "encoders/made--tiny";
        {
            EncodersPage page;
            open(page);
            QTRY_COMPARE(page.model()->rowCount(), 1);
            page.list()->setFocus();
            QTest::keyClick(page.list(), Qt::Key_Delete);
            QTRY_COMPARE(page.model()->rowCount(), 0);
            QVERIFY(!fs::exists(folder));
            auto *undo = page.messages()->findChild<QPushButton *>();
            QVERIFY(undo->isVisible());
            QTest::keyClick(undo, Qt::Key_Space);
            QTRY_COMPARE(page.model()->rowCount(), 1);
            QVERIFY(fs::exists(folder / "model.safetensors"));

            page.addFolder(tiny());
            QTRY_COMPARE(page.model()->rowCount(), 2);
            QTRY_COMPARE(page.list()->currentIndex().row(), 1);
            page.removeSelected(); // a folder of the user's is only forgotten
            QTRY_COMPARE(page.model()->rowCount(), 1);
            QVERIFY(fs::exists(tiny() / "config.json"));
            page.addFolder(home());
            QVERIFY(page.messages()->text().contains(QLatin1String("no encoder")));

            page.removeSelected();
            QTRY_COMPARE(page.model()->rowCount(), 0);
        }
        QVERIFY(fs::is_empty(home() / "encoders")); // quit: gone for good
    }

    void downloadsByKeyboard()
    {
        const HttpServer server([this](const Request &request) { return answer(request); });
        installTiny("first");
        EncodersPage page;
        open(page);
        QTRY_COMPARE(page.model()->rowCount(), 1);
        QTest::mouseClick(child<QToolButton>(page, "get"), Qt::LeftButton);
        QVERIFY(page.getShown());
        auto *name = child<QLineEdit>(page, "repository");
        QTRY_VERIFY(name->hasFocus());
        auto *download = child<QPushButton>(page, "download");
        QVERIFY(!download->isEnabled());

        type(name, QString::fromStdString(server.url("/none/such")));
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_VERIFY(page.getPanel()->messages()->isVisible());
        QVERIFY(page.getPanel()->messages()->text().contains(QLatin1String("not there")));

        type(name, QString::fromStdString(server.url("/made/tiny")));
        QVERIFY(!page.getPanel()->messages()->isVisible());
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_VERIFY(download->isEnabled()); // the size is shown, nothing is fetched
        QVERIFY(!fs::exists(home() / "encoders/made--tiny"));
        bool told = false;
        for (const QLabel *label : page.getPanel()->findChildren<QLabel *>())
            told =
                told || (label->text().contains(QLatin1String("made/tiny")) &&
                         label->text().contains(QLatin1String("KiB")) && label->text().contains(QLatin1String("mit")) &&
                         label->text().contains(QStringLiteral(" in %1 files,").arg(m_files.size())));
        QVERIFY(told);
        QTRY_VERIFY(download->hasFocus());
        m_pauseMs = 5;
        QTest::keyClick(download, Qt::Key_Space);
        QVERIFY(page.fetching() && !download->isEnabled());
        QVERIFY(name->hasFocus()); // it stays in the panel
        QTRY_COMPARE(page.model()->rowCount(), 2);
        QTRY_VERIFY(!page.getShown());
        QCOMPARE(page.list()->currentIndex().row(), 1);
        QCOMPARE(page.card()->fact(QLatin1String("Licence")), QLatin1String("mit"));
        QVERIFY(page.card()->fact(QLatin1String("Fetched from")).contains(QLatin1String("c0ffee")));
        QVERIFY(page.messages()->text().contains(QLatin1String("installed")));
    }

    void cancelsWithinASecondAndGoesOn()
    {
        m_pauseMs = 20;
        const HttpServer server([this](const Request &request) { return answer(request); });
        hub::Hub hub;
        hub.base = server.url();
        const hub::HubRepository repository = hub::describeRepository(hub, "made/tiny", "", {});
        EncodersPage page;
        open(page);
        page.download(hub, repository);
        QTRY_VERIFY(page.fetchText().contains(QLatin1String("/s")));
        auto *cancel = child<QToolButton>(page, "cancelFetch");
        QVERIFY(cancel->isVisible());
        QElapsedTimer timer;
        timer.start();
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_VERIFY(!page.fetching());
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(page.messages()->text().contains(QLatin1String("goes on")));
        QVERIFY(!fs::exists(home() / "encoders/made--tiny"));
        m_pauseMs = 0;
        page.download(hub, repository);
        QTRY_COMPARE(page.model()->rowCount(), 1);
    }

    void keepsSettings()
    {
        EncodersPage page;
        open(page);
        page.showGet(true); // else the empty state is in front
        auto *base = child<QLineEdit>(page, "hubBase");
        type(base, QStringLiteral("nonsense"));
        QTest::keyClick(base, Qt::Key_Return);
        QVERIFY(page.messages()->text().contains(QLatin1String("no address")));
        QVERIFY(hub::loadSettings().hubBase.empty());
        type(base, QStringLiteral("http://127.0.0.1:1"));
        QTest::keyClick(base, Qt::Key_Return);
        QCOMPARE(hub::loadSettings().hubBase, std::string("http://127.0.0.1:1"));
        auto *limit = child<QDoubleSpinBox>(page, "cacheLimit");
        limit->setValue(0.5);
        QCOMPARE(hub::loadSettings().embeddingCacheBytes, std::int64_t{1} << 29);

        auto *offline = child<QCheckBox>(page, "offline");
        offline->setFocus();
        QTest::keyClick(offline, Qt::Key_Space);
        QVERIFY(hub::loadSettings().offline);
        type(child<QLineEdit>(page, "repository"), QStringLiteral("made/tiny"));
        page.getPanel()->lookUp();
        QTRY_VERIFY(page.getPanel()->messages()->text().contains(QLatin1String("offline")));
        page.install(QStringLiteral("all-MiniLM-L6-v2"));
        QTRY_VERIFY(page.messages()->text().contains(QLatin1String("offline")));

        qputenv("HF_HUB_OFFLINE", "1");
        page.hide();
        page.show();
        QVERIFY(offline->isChecked() && !offline->isEnabled());
        qunsetenv("HF_HUB_OFFLINE");
    }

    void goesToTheTrainPage()
    {
        installTiny("made--tiny");
        MainWindow window;
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTest::keyClick(&window, Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(window.page(), MainWindow::Encoders);
        EncodersPage *page = window.encodersPage();
        QTRY_COMPARE(page->model()->rowCount(), 1);
        QTest::mouseClick(child<QPushButton>(*page, "useEncoder"), Qt::LeftButton);
        QCOMPARE(window.page(), MainWindow::Train);
        QVERIFY(window.trainPage()->form()->spec().encoder.folder == home() / "encoders/made--tiny");
        QVERIFY(window.trainPage()->form()->changes() > 0);
    }

    void everythingHasAName()
    {
        installTiny("made--tiny");
        EncodersPage page;
        open(page);
        QTRY_COMPARE(page.model()->rowCount(), 1);
        for (const bool get : {false, true}) {
            page.showGet(get);
            // Tab goes round through all that can be used, and each of them has a name.
            QSet<QWidget *> seen;
            for (int i = 0; i < 60; ++i) {
                QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &page, Qt::Key_Tab);
                QWidget *now = QApplication::focusWidget();
                QVERIFY(now);
                seen << now;
                const auto *button = qobject_cast<QAbstractButton *>(now);
                QVERIFY2(!now->accessibleName().isEmpty() || (button && !button->text().isEmpty()) ||
                             qobject_cast<QLabel *>(now),
                         now->metaObject()->className());
            }
            QVERIFY(seen.contains(page.list()));
            QVERIFY(seen.contains(child<QLineEdit>(page, "hubBase")));
            if (get)
                QVERIFY(seen.contains(child<QLineEdit>(page, "repository")));
            else
                QVERIFY(seen.contains(child<QPushButton>(page, "useEncoder")));
        }
    }
};

} // namespace apiary::tests

using apiary::tests::EncodersTest;
APIARY_TEST(EncodersTest)
#include "test_encoders.moc"
