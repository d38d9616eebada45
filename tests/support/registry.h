#pragma once

#include <QObject>
#include <functional>
#include <memory>
#include <vector>

namespace apiary::tests {

using TestFactory = std::function<std::unique_ptr<QObject>()>;

/// The test classes of this program, in the order of their registration.
std::vector<TestFactory> &registry();

struct Registration {
    explicit Registration(TestFactory factory) { registry().push_back(std::move(factory)); }
};

} // namespace apiary::tests

/// Adds a QtTest class to the program: one program a unit, as many classes as it needs.
#define APIARY_TEST(Class)                                                                                             \
    static const apiary::tests::Registration registration##Class([] { return std::make_unique<Class>(); });
