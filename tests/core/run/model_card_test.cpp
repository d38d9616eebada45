#include "hub/card.h"
#include "run/run_files.h"
#include "support/assets.h"
#include "support/registry.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace apiary;
namespace fs = std::filesystem;

class ModelCardTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    int m_number = 0;

    fs::path copyOfTiny(const std::string &below)
    {
        const fs::path folder = fs::path(m_dir.path().toStdString()) / std::to_string(++m_number) / below;
        fs::create_directories(folder.parent_path());
        fs::copy(tests::golden() / "tiny-bert", folder, fs::copy_options::recursive);
        return folder;
    }
    static QString card(const fs::path &folder, const std::string &prompt = {})
    {
        run::RunSpec spec;
        spec.encoder.folder = folder;
        spec.encoder.prompt = prompt;
        embed::EncoderCard base;
        base.architecture = "bert";
        base.parameters = 7;
        if (fs::exists(folder / "prompts")) {
            base.prompts = {{"query", "q: "}, {"document", ""}};
            base.defaultPrompt = "query";
        }
        data::Dataset dataset;
        dataset.name = "films";
        return QString::fromStdString(run::modelCard(spec, base, dataset, 2, 1, nullptr));
    }

private slots:
    void baseModels_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("origin");
        QTest::addColumn<QString>("base");
        QTest::addColumn<QString>("title");
        QTest::newRow("a folder") << "mine"
                                  << ""
                                  << "mine"
                                  << "mine";
        QTest::newRow("downloaded") << "org--tiny"
                                    << "{\"repository\": \"org/tiny\"}"
                                    << "org/tiny"
                                    << "org--tiny";
        QTest::newRow("hub cache") << "models--org--tiny/snapshots/c0ffee"
                                   << ""
                                   << "org/tiny"
                                   << "org/tiny";
        QTest::newRow("of a run") << "books/models/3/encoder"
                                  << ""
                                  << "run 3 of books"
                                  << "run 3 of books";
    }
    void baseModels()
    {
        QFETCH(QString, folder);
        QFETCH(QString, origin);
        QFETCH(QString, base);
        QFETCH(QString, title);
        const fs::path copy = copyOfTiny(folder.toStdString());
        if (!origin.isEmpty())
            std::ofstream(copy / ".apiary.json") << origin.toStdString();
        const QString text = card(copy);
        QVERIFY2(text.contains("\nbase_model: \"" + base + "\"\n"), qPrintable(text));
        QVERIFY2(text.contains("\n# " + title + ", tuned on films\n"), qPrintable(text));
        // As the encoder's card counts them.
        const auto parameters = hub::readCard(copy).parameters;
        QVERIFY(parameters > 7 && text.contains(", " + QString::number(parameters) + " parameters"));
    }

    void carriesTheLicence_data()
    {
        QTest::addColumn<QString>("readme");
        QTest::addColumn<QString>("says");
        QTest::newRow("one of the list") << "---\nlicense: apache-2.0\n---\n"
                                         << "\nlicense: \"apache-2.0\"\n";
        QTest::newRow("its own") << "---\nlicense: other\nlicense_name: shared-bees\n---\n"
                                 << "\nlicense: other\nlicense_name: \"shared-bees\"\n";
        QTest::newRow("none") << "# A title\n"
                              << "";
    }
    void carriesTheLicence()
    {
        QFETCH(QString, readme);
        QFETCH(QString, says);
        const fs::path folder = copyOfTiny("mine");
        std::ofstream(folder / "README.md") << readme.toStdString();
        const QString text = card(folder);
        QVERIFY2(says.isEmpty() ? !text.contains("icen") : text.contains(says), qPrintable(text));
    }

    void showsItsPrompts()
    {
        const fs::path folder = copyOfTiny("mine");
        QVERIFY(!card(folder).contains("has prompts"));
        std::ofstream(folder / "prompts") << "";
        const QString unasked = card(folder);
        QVERIFY2(unasked.contains("`document` (empty), `query`") && unasked.contains("encode([\"a text\"])\n") &&
                     unasked.contains("unasked, `query` is put there"),
                 qPrintable(unasked));
        QVERIFY(card(folder, "document").contains("encode([\"a text\"], prompt_name=\"document\")\n"));
        QVERIFY(card(folder, "none").contains("encode([\"a text\"], prompt=\"\")\n"));
    }
};

APIARY_TEST(ModelCardTest)
#include "model_card_test.moc"
