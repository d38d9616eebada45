#include "support/registry.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

namespace apiary::tests {

std::vector<TestFactory> &registry()
{
    static std::vector<TestFactory> factories;
    return factories;
}

} // namespace apiary::tests

int main(int argc, char **argv)
{
    const QTemporaryDir settings; // the user's own stay untouched
    const QTemporaryDir home;
    qputenv("APIARY_CACHE", home.filePath(QStringLiteral("cache")).toLocal8Bit());
    if (qEnvironmentVariableIsEmpty("APIARY_HOME"))
        qputenv("APIARY_HOME", home.path().toLocal8Bit());
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    QCoreApplication::setOrganizationName(QStringLiteral("ApiaryTests"));
    QCoreApplication::setApplicationName(QStringLiteral("ApiaryTests"));
    QApplication application(argc, argv);
    int failures = 0;
    for (const auto &factory : apiary::tests::registry())
        failures += QTest::qExec(factory().get(), argc, argv);
    return failures == 0 ? 0 : 1;
}
