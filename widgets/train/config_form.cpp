#include "widgets/train/config_form.h"

#include "run/spec_fields.h"
#include "widgets/theme/theme.h"
#include "widgets/train/field_editor.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <set>

namespace apiary::widgets {

namespace {

/// Seldom touched: folded away until asked for.
bool isFolded(const std::string &path)
{
    static const std::set<std::string> paths{"description",
                                             "dataset.userColumn",
                                             "dataset.itemColumn",
                                             "dataset.ratingColumn",
                                             "dataset.timestampColumn",
                                             "dataset.itemIdColumn",
                                             "dataset.titleColumn",
                                             "dataset.titleTemplate",
                                             "dataset.delimiter",
                                             "scenario.seed",
                                             "scenario.draw",
                                             "scenario.draws",
                                             "training.negativesWithReplacement",
                                             "training.optimizer",
                                             "training.schedule",
                                             "training.dropout",
                                             "training.passes",
                                             "training.memoryBudget",
                                             "training.tokenBudget",
                                             "seed",
                                             "device",
                                             "threads",
                                             "evaluation.metrics",
                                             "evaluation.segments",
                                             "evaluation.bootstrapResamples",
                                             "evaluation.level"};
    return paths.count(path) > 0;
}

int groupOf(const std::string &path)
{
    const std::string section = path.substr(0, path.find('.'));
    if (section == "name" || section == "description")
        return 0;
    if (section == "dataset" || section == "filter")
        return 1;
    if (section == "scenario")
        return 2;
    if (section == "encoder")
        return 3;
    return section == "evaluation" ? 5 : 4;
}

/// What a share is of in that scenario, and the field's name with it; empty: as the field says.
std::pair<QString, QString> namedBy(const std::string &path, const std::string &kind)
{
    if (path == "scenario.testShare" && kind == "time-split")
        return {ConfigForm::tr("Test share"), ConfigForm::tr("of the interactions")};
    if (path == "scenario.validationShare" && kind == "time-split")
        return {ConfigForm::tr("Validation share"), ConfigForm::tr("of the earlier interactions")};
    if (path == "scenario.validationShare" && kind == "user-split")
        return {ConfigForm::tr("Validation users"), ConfigForm::tr("of the users")};
    return {};
}

constexpr int columnDot = 0, columnLabel = 1, columnEditor = 2, columnReset = 3;

} // namespace

ConfigForm::ConfigForm(QWidget *parent) : QWidget(parent), m_scroll(new QScrollArea), m_help(new QLabel)
{
    auto *body = new QWidget;
    auto *bodyLayout = new QVBoxLayout(body);
    bodyLayout->setContentsMargins(0, 0, space::group, space::group);
    bodyLayout->setSpacing(space::section);
    for (const QString &title :
         {tr("Run"), tr("Data"), tr("Scenario"), tr("Encoder"), tr("Training"), tr("Evaluation")})
        addGroup(bodyLayout, title);
    const auto &bindings = run::bindings();
    for (const bool folded : {false, true})
        for (std::size_t i = 0; i < bindings.size(); ++i)
            if (isFolded(bindings[i].info.path) == folded)
                addRow(groupOf(bindings[i].info.path), i);
    bodyLayout->addStretch(1);
    m_scroll->setWidget(body);
    // Wide enough for every field, so that none is cut: it scrolls up and down only.
    m_scroll->setMinimumWidth(body->minimumSizeHint().width() + m_scroll->verticalScrollBar()->sizeHint().width());
    for (std::size_t i = 0; i < m_groups.size(); ++i)
        setOpen(static_cast<int>(i), false);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->viewport()->setAutoFillBackground(false);
    body->setAutoFillBackground(false);

    m_help->setWordWrap(true);
    m_help->setFont(Theme::instance().smallFont());
    m_help->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_help->setMinimumHeight(QFontMetrics(m_help->font()).lineSpacing() * 3); // a longer text takes what it needs
    m_help->setText(tr("Choose a field to read what it does."));
    Theme::instance().makeMuted(m_help);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(m_scroll, 1);
    layout->addWidget(m_help);
    setSpec({});
}

int ConfigForm::addGroup(QVBoxLayout *layout, const QString &title)
{
    auto *box = new QWidget;
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(space::tight);
    grid->setVerticalSpacing(space::tight);
    grid->setColumnMinimumWidth(columnDot, 10);
    int widest = 0; // one width for all groups: the fields line up
    for (const run::FieldInfo &field : run::fields())
        if (field.label.size() < 24)
            widest = std::max(widest, QFontMetrics(font()).horizontalAdvance(QString::fromStdString(field.label)));
    grid->setColumnMinimumWidth(columnLabel, widest + space::tight);
    grid->setColumnMinimumWidth(columnReset, 22);
    grid->setColumnStretch(columnEditor, 1);
    auto *head = new QLabel(title);
    head->setFont(Theme::instance().strongFont());
    grid->addWidget(head, 0, columnLabel, 1, 2);
    auto *more = new QToolButton;
    more->setAutoRaise(true);
    more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    more->setIconSize(QSize(14, 14));
    const int index = static_cast<int>(m_groups.size());
    connect(more, &QToolButton::clicked, this,
            [this, index] { setOpen(index, !m_groups[static_cast<std::size_t>(index)].open); });
    layout->addWidget(box);
    m_groups.push_back({grid, more, false});
    return index;
}

void ConfigForm::addRow(int groupIndex, std::size_t binding)
{
    const run::FieldInfo &info = run::bindings()[binding].info;
    Group &group = m_groups[static_cast<std::size_t>(groupIndex)];
    Row row;
    row.binding = binding;
    row.group = groupIndex;
    row.folded = isFolded(info.path);
    row.editor = new FieldEditor(info);
    row.dot = new QLabel;
    row.dot->setAlignment(Qt::AlignCenter);
    row.label = new QLabel(QString::fromStdString(info.label));
    row.label->setWordWrap(info.label.size() >= 24);
    row.label->setBuddy(row.editor->input());
    row.reset = new QToolButton;
    row.reset->setAutoRaise(true);
    row.reset->setIcon(Theme::instance().icon(QStringLiteral("reset")));
    row.reset->setIconSize(QSize(14, 14));
    QSizePolicy keep = row.reset->sizePolicy();
    keep.setRetainSizeWhenHidden(true);
    row.reset->setSizePolicy(keep);

    const QString help = QString::fromStdString(info.help);
    for (QWidget *widget : {static_cast<QWidget *>(row.label), row.editor->input()})
        widget->setToolTip(QStringLiteral("<p>%1</p>").arg(help.toHtmlEscaped()));
    row.editor->input()->installEventFilter(this);

    int line = group.grid->rowCount();
    if (row.folded && group.more->parentWidget() == nullptr) {
        group.grid->addWidget(group.more, line, columnLabel, 1, 2, Qt::AlignLeft);
        ++line;
    }
    group.grid->addWidget(row.dot, line, columnDot);
    group.grid->addWidget(row.label, line, columnLabel);
    group.grid->addWidget(row.editor, line, columnEditor);
    group.grid->addWidget(row.reset, line, columnReset);

    const std::size_t index = m_rows.size();
    m_rows.push_back(row);
    connect(row.editor, &FieldEditor::edited, this, [this, index] {
        m_rows[index].editor->setFailed(false);
        refreshRow(m_rows[index]);
        if (m_rows[index].editor->field().path.starts_with("scenario."))
            followScenario();
        updateMore(m_rows[index].group);
        Q_EMIT changed();
    });
    connect(row.reset, &QToolButton::clicked, this, [this, index] {
        Row &r = m_rows[index];
        r.editor->setValue(run::bindings()[r.binding].get(m_opened));
        r.editor->setFailed(false);
        r.editor->input()->setFocus();
        refreshRow(r);
        followScenario();
        updateMore(r.group);
        Q_EMIT changed();
    });
}

run::RunSpec ConfigForm::spec() const
{
    run::RunSpec spec = m_opened;
    for (const Row &row : m_rows)
        run::bindings()[row.binding].set(spec, row.editor->value());
    return spec;
}

void ConfigForm::setSpec(const run::RunSpec &spec)
{
    m_opened = spec;
    for (Row &row : m_rows) {
        row.editor->setValue(run::bindings()[row.binding].get(spec));
        row.editor->setFailed(false);
        refreshRow(row);
    }
    followScenario();
    for (std::size_t i = 0; i < m_groups.size(); ++i)
        updateMore(static_cast<int>(i));
    Q_EMIT changed();
}

int ConfigForm::changes() const
{
    return static_cast<int>(std::count_if(m_rows.begin(), m_rows.end(), [this](const Row &row) {
        return row.editor->value() != run::bindings()[row.binding].get(m_opened);
    }));
}

void ConfigForm::refreshRow(Row &row)
{
    const nlohmann::ordered_json before = run::bindings()[row.binding].get(m_opened);
    const bool changed = row.editor->value() != before;
    row.dot->setText(changed ? QStringLiteral("•") : QString());
    row.dot->setAccessibleName(changed ? tr("changed") : QString());
    QString was = QString::fromStdString(before.is_string() ? before.get<std::string>() : before.dump());
    if (was.isEmpty())
        was = tr("empty");
    row.dot->setToolTip(changed ? tr("Changed; it was: %1").arg(was) : QString());
    row.reset->setVisible(changed && isShown(row));
    row.reset->setToolTip(tr("Back to: %1").arg(was));
    row.reset->setAccessibleName(tr("Reset %1 to %2").arg(row.label->text(), was));
}

void ConfigForm::updateMore(int index)
{
    const Group &group = m_groups[static_cast<std::size_t>(index)];
    int count = 0;
    int changed = 0;
    for (const Row &row : m_rows)
        if (row.group == index && row.folded && row.applies) {
            ++count;
            changed += row.dot->text().isEmpty() ? 0 : 1;
        }
    group.more->setVisible(count > 0);
    QString text = group.open ? tr("Fewer fields") : format::plural(count, tr("1 more field"), tr("%1 more fields"));
    if (changed > 0 && !group.open)
        text += tr(", %1 changed").arg(changed);
    group.more->setText(text);
    group.more->setIcon(Theme::instance().icon(group.open ? QStringLiteral("up") : QStringLiteral("down")));
}

void ConfigForm::setOpen(int index, bool open)
{
    m_groups[static_cast<std::size_t>(index)].open = open;
    for (Row &row : m_rows)
        if (row.group == index && row.folded)
            showRow(row);
    updateMore(index);
}

bool ConfigForm::isShown(const Row &row) const
{
    return row.applies && (!row.folded || m_groups[static_cast<std::size_t>(row.group)].open);
}

void ConfigForm::showRow(Row &row)
{
    const bool shown = isShown(row);
    for (QWidget *widget :
         {static_cast<QWidget *>(row.dot), static_cast<QWidget *>(row.label), static_cast<QWidget *>(row.editor)})
        widget->setVisible(shown);
    row.reset->setVisible(shown && !row.dot->text().isEmpty());
    QSizePolicy keep = row.reset->sizePolicy();
    keep.setRetainSizeWhenHidden(shown);
    row.reset->setSizePolicy(keep);
}

/// Shows the settings of the split that have an effect in the chosen scenario, under the names that they have there.
void ConfigForm::followScenario()
{
    const run::RunSpec now = spec();
    int group = 0;
    for (Row &row : m_rows) {
        const std::string &path = row.editor->field().path;
        if (!path.starts_with("scenario."))
            continue;
        group = row.group;
        row.applies = run::scenarioReads(now.scenario, path);
        const auto [name, unit] = namedBy(path, now.scenario.kind);
        row.label->setText(name.isEmpty() ? QString::fromStdString(row.editor->field().label) : name);
        row.editor->setUnit(unit.isEmpty() ? row.editor->unit() : unit);
        row.editor->input()->setAccessibleName(row.label->text());
        showRow(row);
    }
    updateMore(group);
}

FieldEditor *ConfigForm::editor(const QString &path) const
{
    for (const Row &row : m_rows)
        if (row.editor->field().path == path.toStdString())
            return row.editor;
    return nullptr;
}

bool ConfigForm::showFailure(const QString &path)
{
    bool found = false;
    for (Row &row : m_rows) {
        const bool here = !path.isEmpty() && row.editor->field().path == path.toStdString();
        row.editor->setFailed(here);
        if (!here)
            continue;
        found = true;
        if (row.folded)
            setOpen(row.group, true);
        m_scroll->ensureWidgetVisible(row.editor);
        row.editor->input()->setFocus();
    }
    return found;
}

void ConfigForm::showHelp(const Row &row)
{
    const QString help = QString::fromStdString(row.editor->field().help);
    m_help->setText(help);
    m_help->setToolTip(QStringLiteral("<p>%1</p>").arg(help.toHtmlEscaped()));
    layout()->activate(); // a long help leaves less room for the fields
    if (m_scroll->widget()->isAncestorOf(row.editor))
        m_scroll->ensureWidgetVisible(row.editor, 0, space::section);
}

bool ConfigForm::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::FocusIn)
        for (const Row &row : m_rows)
            if (row.editor->input() == watched)
                showHelp(row);
    return QWidget::eventFilter(watched, event);
}

} // namespace apiary::widgets
