#pragma once

#include "data_fixture.h"
#include "widgets/data/data_page.h"
#include "widgets/data/file_row.h"
#include "widgets/data/import_wizard.h"
#include "widgets/data/source_step.h"
#include "widgets/data/text_step.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QTest>
#include <type_traits>

namespace apiary::tests {

// Walking through an import with the keyboard.

inline void openPage(widgets::DataPage &page)
{
    page.resize(1180, 720);
    page.show();
    page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&page));
}

inline void openWizard(widgets::DataPage &page)
{
    openPage(page);
    page.showWizard(true);
}

inline void type(QLineEdit *line, const QString &text)
{
    line->setFocus();
    line->selectAll();
    QTest::keyClicks(line, text);
}

inline void goOn(widgets::ImportWizard *wizard)
{
    QTest::keyClick(wizard, Qt::Key_Right, Qt::AltModifier);
}

/// Until the entry with that value is chosen.
inline void choose(QComboBox *box, const QVariant &value)
{
    box->setFocus();
    const int at = box->findData(value);
    QVERIFY(box->isVisible() && box->isEnabled() && at >= 0);
    while (box->currentIndex() != at)
        QTest::keyClick(box, box->currentIndex() < at ? Qt::Key_Down : Qt::Key_Up);
}

template <typename Value>
requires std::is_enum_v<Value>
void choose(QComboBox *box, Value value)
{
    choose(box, QVariant(static_cast<int>(value)));
}

inline void flip(QCheckBox *box)
{
    box->setFocus();
    QVERIFY(box->isVisible() && box->isEnabled());
    QTest::keyClick(box, Qt::Key_Space);
}

/// Types both paths and waits for their previews.
inline void chooseFiles(widgets::ImportWizard *wizard, const DataFixture &fixture, const char *ratings = "ratings.csv",
                        const char *items = "items.csv")
{
    type(wizard->source()->interactions()->path(), fixture.path(ratings));
    type(wizard->source()->items()->path(), fixture.path(items));
    QTRY_VERIFY(wizard->problem(widgets::ImportWizard::Source).isEmpty());
}

/// From the columns, once they say enough, to the rules.
inline void goOnToText(widgets::ImportWizard *wizard)
{
    goOn(wizard);
    QCOMPARE(wizard->step(), widgets::ImportWizard::Text);
    QTRY_VERIFY2(wizard->text()->problem().isEmpty(), qPrintable(wizard->text()->problem()));
}

/// From the choice of files to the rules, with what was detected.
inline void goOnToRules(widgets::ImportWizard *wizard)
{
    goOn(wizard);
    goOnToText(wizard);
    goOn(wizard);
    QCOMPARE(wizard->step(), widgets::ImportWizard::Rules);
}

} // namespace apiary::tests
