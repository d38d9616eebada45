#include "support/registry.h"

#include <QCoreApplication>
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
    const QTemporaryDir cache; // the user's own stays untouched
    qputenv("APIARY_CACHE", cache.path().toLocal8Bit());
    QCoreApplication application(argc, argv);
    int failures = 0;
    for (const auto &factory : apiary::tests::registry())
        failures += QTest::qExec(factory().get(), argc, argv);
    return failures == 0 ? 0 : 1;
}
