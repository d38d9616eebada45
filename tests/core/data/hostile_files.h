#pragma once

#include "import_files.h"

#include "base/error.h"
#include "support/assets.h"

#include <QTest>
#include <functional>

namespace apiary::tests {

/// What is done to the small files of ImportFiles.
using Edit = std::function<void(ImportFiles &)>;

/// An import that must fail, and what its message says: where (DIR stands for the folder), and how the problem and the
/// remedy begin.
struct Refusal {
    Edit edit;
    QString where, problem, remedy;
};

} // namespace apiary::tests

Q_DECLARE_METATYPE(apiary::tests::Refusal)

namespace apiary::tests {

inline void refusalColumns()
{
    QTest::addColumn<Refusal>("refusal");
}

inline void add(const char *name, const Edit &edit, const char *where, const QString &problem, const char *remedy)
{
    QTest::newRow(name) << Refusal{edit, QString(where), problem, QString(remedy)};
}

/// Under `strict`, where the first row at fault is an error.
inline void verifyRefused(const Refusal &refusal)
{
    ImportFiles files;
    files.spec.strict = true;
    refusal.edit(files);
    const auto shown = [&files](const std::string &text) {
        return QString::fromStdString(text).replace(files.folder.path(), "DIR");
    };
    try {
        files.import();
        QFAIL("accepted");
    } catch (const Error &error) {
        QCOMPARE(shown(error.where()), refusal.where);
        QVERIFY2(shown(error.problem()).startsWith(refusal.problem), error.problem().c_str());
        QVERIFY2(shown(error.remedy()).startsWith(refusal.remedy), error.remedy().c_str());
        QVERIFY(!error.problem().empty() && !error.remedy().empty());
    }
}

inline Edit rows(const QByteArray &bytes)
{
    return [bytes](ImportFiles &files) { files.write("inter.csv", "user_id,item_id,rating,timestamp\n" + bytes); };
}

inline Edit interactions(const QByteArray &bytes, const QString &name = "inter.csv")
{
    return [bytes, name](ImportFiles &files) { files.spec.interactions.file = files.write(name, bytes); };
}

inline Edit items(const QByteArray &bytes, const QString &name = "items.csv")
{
    return [bytes, name](ImportFiles &files) { files.spec.items.file = files.write(name, bytes); };
}

/// A file of tests/golden/data/tables.
inline QByteArray table(const char *name)
{
    QFile file(QString::fromStdString((golden() / "tables" / name).string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// As UTF-16.
inline QByteArray wide(const QByteArray &text, bool bigEndian)
{
    QByteArray out;
    for (const char c : text)
        out += bigEndian ? QByteArray(1, '\0') + c : c + QByteArray(1, '\0');
    return out;
}

} // namespace apiary::tests
