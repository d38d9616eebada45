// How the import wizard is put together.
#include "widgets/data/file_row.h"
#include "widgets/data/import_step.h"
#include "widgets/data/import_wizard.h"
#include "widgets/data/parts.h"
#include "widgets/data/rules_step.h"
#include "widgets/data/source_step.h"
#include "widgets/data/table_preview.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QTabWidget>
#include <QToolButton>
#include <utility>

namespace apiary::widgets {

namespace {

/// Knows whether a press of Escape closes an open list: the list goes first, and then the key looks like anyone's.
class EscapeGuard final : public QObject {
public:
    explicit EscapeGuard(QObject *parent) : QObject(parent) { QCoreApplication::instance()->installEventFilter(this); }

    /// Whether the press was a list's; it is that once.
    bool take() { return std::exchange(m_list, false); }

    bool eventFilter(QObject *, QEvent *event) override
    {
        const bool press = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
        if (!press && event->type() != QEvent::KeyRelease)
            return false;
        const auto *key = static_cast<const QKeyEvent *>(event);
        if (key->key() != Qt::Key_Escape)
            return false;
        // A press comes by several times, with one time; the release of one that closed a list may be nobody's.
        const bool same = std::exchange(m_time, key->timestamp()) == key->timestamp();
        m_list = press && ((same && m_list) || QApplication::activePopupWidget());
        return false;
    }

private:
    bool m_list = false;
    quint64 m_time = 0;
};

} // namespace

QWidget *ImportWizard::makeHead()
{
    auto *head = new QWidget;
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::tight);
    const QString names[] = {tr("Source"), tr("Columns"), tr("Text"), tr("Rules"), tr("Import")};
    for (int i = 0; i < StepCount; ++i) {
        auto *button = new QToolButton;
        button->setText(QStringLiteral("%1  %2").arg(i + 1).arg(names[i]));
        button->setAccessibleName(tr("Step %1: %2").arg(i + 1).arg(names[i]));
        button->setCheckable(true);
        button->setAutoRaise(true);
        button->setMinimumHeight(30);
        connect(button, &QToolButton::clicked, this, [this, i] { goTo(static_cast<Step>(i)); });
        row->addWidget(button);
        m_heads.push_back(button);
    }
    row->addStretch(1);
    QToolButton *close = makeToolButton(QStringLiteral("close"), tr("Close"),
                                        tr("Back to the datasets (Esc); what you have entered stays"));
    connect(close, &QToolButton::clicked, this, &ImportWizard::closed);
    row->addWidget(close);
    return head;
}

QWidget *ImportWizard::makeColumns()
{
    m_tables = new QTabWidget;
    m_tables->setDocumentMode(true);
    m_tables->addTab(m_interactions, tr("Interactions"));
    m_tables->addTab(m_items, tr("Items"));
    return m_tables;
}

QWidget *ImportWizard::makeFoot()
{
    auto *foot = new QWidget;
    m_hint = mutedLabel();
    m_hint->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_back = new QPushButton(tr("Back"));
    m_next = new QPushButton(tr("Next"));
    m_back->setMinimumSize(120, 32);
    // As wide as its longest text with air at both sides, so that nothing moves when the text changes.
    m_next->setMinimumSize(m_next->fontMetrics().horizontalAdvance(tr("Show the dataset")) + 3 * space::section, 32);
    Theme::instance().makePrimary(m_next);
    for (QPushButton *button : {m_back, m_next})
        button->setAutoDefault(true); // Return presses the one with the focus
    m_back->setToolTip(tr("The step before (Alt+Left)"));
    m_next->setToolTip(tr("Go on (Alt+Right)"));
    connect(m_back, &QPushButton::clicked, this, &ImportWizard::back);
    connect(m_next, &QPushButton::clicked, this, &ImportWizard::next);
    const auto key = [this](const QKeySequence &keys, auto call) {
        auto *shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, call);
    };
    key(QKeySequence(Qt::ALT | Qt::Key_Left), &ImportWizard::back);
    key(QKeySequence(Qt::ALT | Qt::Key_Right), &ImportWizard::next);
    auto *guard = new EscapeGuard(this);
    key(QKeySequence(Qt::Key_Escape), [this, guard] {
        if (!guard->take())
            Q_EMIT closed();
    });
    auto *row = new QHBoxLayout(foot);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::group);
    row->addWidget(m_hint, 1);
    row->addSpacing(space::group);
    row->addWidget(m_back);
    row->addWidget(m_next);
    return foot;
}

void ImportWizard::connectFiles()
{
    const auto join = [this](FileRow *row, TablePreview *table) {
        connect(row, &FileRow::chosen, this, [this, row, table] {
            if (row->file() == table->file())
                return SourceStep::tell(row, *table);
            m_recipe.clear(); // other files are another dataset
            m_import->forget();
            m_rules->forgetChoices();
            table->setFile(row->file());
        });
        connect(table, &TablePreview::changed, row, [row, table] { SourceStep::tell(row, *table); });
    };
    join(m_source->interactions(), m_interactions);
    join(m_source->items(), m_items);
    join(m_source->descriptions(), m_descriptions);
}

} // namespace apiary::widgets
