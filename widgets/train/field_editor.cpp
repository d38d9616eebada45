#include "widgets/train/field_editor.h"

#include "base/error.h"
#include "recsys/registry.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace apiary::widgets {

namespace {

constexpr double mebibyte = 1024.0 * 1024.0;

/// A combo box that leaves the wheel to the form while it has no focus.
class CalmComboBox : public QComboBox {
protected:
    void wheelEvent(QWheelEvent *event) override
    {
        if (hasFocus())
            QComboBox::wheelEvent(event);
        else
            event->ignore();
    }
};

} // namespace

NumberBox::NumberBox(bool whole, double minimum, double maximum, QWidget *parent)
    : QAbstractSpinBox(parent)
    , m_whole(whole)
    , m_minimum(minimum)
    , m_maximum(maximum)
{
    setAlignment(Qt::AlignRight);
    setFocusPolicy(Qt::StrongFocus);
    setFixedWidth(112);
    connect(lineEdit(), &QLineEdit::textEdited, this, [this] {
        if (hasAcceptableInput())
            Q_EMIT edited();
    });
    connect(this, &QAbstractSpinBox::editingFinished, this, [this] {
        if (hasAcceptableInput())
            Q_EMIT edited();
    });
}

QString NumberBox::text(double value)
{
    if (value == std::floor(value) && std::abs(value) < 1e15)
        return QString::number(value, 'f', 0);
    return QString::number(value, 'g', QLocale::FloatingPointShortest);
}

double NumberBox::value() const
{
    return lineEdit()->text().toDouble();
}
void NumberBox::setValue(double value)
{
    lineEdit()->setText(text(value));
}

QSize NumberBox::sizeHint() const
{
    return {112, QAbstractSpinBox::sizeHint().height()};
}

bool NumberBox::inBounds(double value) const
{
    return m_minimum == m_maximum || (value >= m_minimum && value <= m_maximum);
}

QValidator::State NumberBox::validate(QString &text, int &) const
{
    static const QString allowed = QStringLiteral("0123456789+-.eE");
    for (const QChar c : text)
        if (!allowed.contains(c))
            return QValidator::Invalid;
    bool isNumber = false;
    const double value = text.toDouble(&isNumber);
    if (!isNumber || !std::isfinite(value) || !inBounds(value) || (m_whole && value != std::floor(value)))
        return QValidator::Intermediate;
    return QValidator::Acceptable;
}

void NumberBox::stepBy(int steps)
{
    double next = value();
    for (int i = 0; i < std::abs(steps); ++i) {
        const double size = std::max(std::abs(next), m_whole ? 1.0 : 1e-12);
        double unit = std::pow(10.0, std::floor(std::log10(size) + 1e-9) - 1);
        if (steps < 0 && size / unit < 10.5)
            unit /= 10; // from 1e-5 down to 9.9e-6, not to 0.9e-5 and 0
        if (m_whole)
            unit = std::max(1.0, std::floor(unit));
        next += steps > 0 ? unit : -unit;
        next = std::round(next / unit) * unit;
        next = QString::number(next, 'g', 12).toDouble();
    }
    if (m_minimum != m_maximum)
        next = qBound(m_minimum, next, m_maximum);
    setValue(next);
    selectAll();
    Q_EMIT edited();
}

QAbstractSpinBox::StepEnabled NumberBox::stepEnabled() const
{
    return StepUpEnabled | StepDownEnabled;
}

void NumberBox::wheelEvent(QWheelEvent *event)
{
    if (hasFocus())
        QAbstractSpinBox::wheelEvent(event);
    else
        event->ignore();
}

FieldEditor::FieldEditor(const run::FieldInfo &field, QWidget *parent) : QWidget(parent), m_field(field)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::tight);
    if (field.type == "boolean") {
        auto *box = new QCheckBox;
        connect(box, &QCheckBox::toggled, this, &FieldEditor::edited);
        m_editor = box;
    } else if (field.type == "enum") {
        auto *box = new CalmComboBox;
        box->setFocusPolicy(Qt::StrongFocus);
        for (const std::string &choice : field.choices)
            box->addItem(QString::fromStdString(choice));
        connect(box, &QComboBox::currentIndexChanged, this, &FieldEditor::edited);
        m_editor = box;
    } else if (field.type == "string") {
        auto *line = new QLineEdit;
        connect(line, &QLineEdit::textEdited, this, &FieldEditor::edited);
        m_editor = line;
    } else {
        auto *box =
            new NumberBox(field.type == "integer" && scale() == 1, field.minimum / scale(), field.maximum / scale());
        connect(box, &NumberBox::edited, this, &FieldEditor::edited);
        m_editor = box;
    }
    const bool wide = field.type == "string";
    layout->addWidget(m_editor, wide ? 1 : 0);
    if (!wide) {
        m_unit = new QLabel(unit());
        m_unit->setFont(Theme::instance().smallFont());
        m_unit->setWordWrap(true); // a long one makes the form no wider
        Theme::instance().makeMuted(m_unit);
        layout->addWidget(m_unit, 1);
    }
    if (isPath()) {
        auto *button = new QToolButton;
        button->setIcon(Theme::instance().icon(QStringLiteral("open")));
        button->setToolTip(isFolder() ? tr("Choose a folder") : tr("Choose a file"));
        button->setAccessibleName(button->toolTip());
        connect(button, &QToolButton::clicked, this, &FieldEditor::browse);
        layout->addWidget(button);
    }
    if (field.path == "evaluation.recommenders")
        layout->addWidget(makeRecommenderButton());
    setFocusProxy(m_editor);
    m_editor->setAccessibleName(QString::fromStdString(field.label));
    m_editor->setAccessibleDescription(QString::fromStdString(field.help));
    m_editor->setObjectName(QString::fromStdString(field.path));
}

bool FieldEditor::isFolder() const
{
    return m_field.path == "encoder.folder" || m_field.path == "scenario.folder";
}

bool FieldEditor::isPath() const
{
    return isFolder() || m_field.path == "dataset.interactions" || m_field.path == "dataset.items";
}

double FieldEditor::scale() const
{
    return m_field.unit == "bytes" ? mebibyte : 1;
}

QString FieldEditor::unit() const
{
    return m_field.unit == "bytes" ? QStringLiteral("MiB") : QString::fromStdString(m_field.unit);
}

void FieldEditor::setUnit(const QString &unit)
{
    if (m_unit)
        m_unit->setText(unit);
}

/// A menu of all recommenders, with their parameters; the chosen one is put at the end of the list.
QToolButton *FieldEditor::makeRecommenderButton()
{
    auto *button = new QToolButton;
    button->setText(tr("Add…"));
    button->setToolTip(tr("Add a recommender to the list"));
    button->setAccessibleName(button->toolTip());
    button->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(button);
    menu->setToolTipsVisible(true);
    for (const recsys::RecommenderInfo &info : recsys::recommenders()) {
        const QString kind = QString::fromStdString(info.kind);
        const auto defaults = recsys::defaultParameters(info.kind);
        QStringList parameters;
        for (const recsys::ParameterInfo &parameter : info.parameters)
            parameters << QStringLiteral("%1=%2").arg(
                QString::fromStdString(parameter.name),
                QString::fromStdString(recsys::shown(defaults.at(parameter.name))));
        QAction *action = menu->addAction(QStringLiteral("%1  (%2)").arg(QString::fromStdString(info.label), kind));
        QString tip = QStringLiteral("<p>%1</p>").arg(QString::fromStdString(info.help).toHtmlEscaped());
        if (!parameters.isEmpty())
            tip += QStringLiteral("<p>%1(%2)</p>").arg(kind, parameters.join(QStringLiteral(", ")).toHtmlEscaped());
        action->setToolTip(tip);
        connect(action, &QAction::triggered, this, [this, kind] {
            auto *line = qobject_cast<QLineEdit *>(m_editor);
            const QString before = line->text().trimmed();
            line->setText(before.isEmpty() ? kind : before + QStringLiteral(", ") + kind);
            line->setFocus();
            Q_EMIT edited();
        });
    }
    button->setMenu(menu);
    return button;
}

nlohmann::ordered_json FieldEditor::value() const
{
    if (const auto *box = qobject_cast<const QCheckBox *>(m_editor))
        return box->isChecked();
    if (const auto *box = qobject_cast<const QComboBox *>(m_editor))
        return box->currentText().toStdString();
    if (const auto *line = qobject_cast<const QLineEdit *>(m_editor))
        return line->text().toStdString();
    const auto *box = qobject_cast<const NumberBox *>(m_editor);
    if (NumberBox::text(box->value()) == m_givenText && !m_given.is_null())
        return m_given;
    if (m_field.type == "integer")
        return static_cast<std::int64_t>(std::llround(box->value() * scale()));
    return box->value() * scale();
}

void FieldEditor::setValue(const nlohmann::ordered_json &value)
{
    const QSignalBlocker blocker(m_editor);
    m_given = value;
    if (auto *box = qobject_cast<QCheckBox *>(m_editor))
        box->setChecked(value.get<bool>());
    else if (auto *choices = qobject_cast<QComboBox *>(m_editor))
        choices->setCurrentText(QString::fromStdString(value.get<std::string>()));
    else if (auto *line = qobject_cast<QLineEdit *>(m_editor)) {
        line->setText(QString::fromStdString(value.get<std::string>()));
        line->setCursorPosition(isPath() ? static_cast<int>(line->text().size()) : 0);
        line->setToolTip(line->text());
    } else if (auto *number = qobject_cast<NumberBox *>(m_editor)) {
        number->setValue(value.get<double>() / scale());
        m_givenText = NumberBox::text(number->value());
    }
}

void FieldEditor::setFailed(bool failed)
{
    QPalette colours;
    if (failed)
        colours.setColor(QPalette::Base, Theme::instance().messageGround(Theme::instance().error()));
    m_editor->setPalette(colours);
}

void FieldEditor::browse()
{
    auto *line = qobject_cast<QLineEdit *>(m_editor);
    const QString before = line->text();
    const QString title = QString::fromStdString(m_field.label);
    const QString chosen = isFolder() ? QFileDialog::getExistingDirectory(this, title, before)
                                      : QFileDialog::getOpenFileName(this, title, before);
    if (chosen.isEmpty() || chosen == before)
        return;
    line->setText(chosen);
    Q_EMIT edited();
}

std::string settingOf(const std::exception &error)
{
    const auto *known = dynamic_cast<const Error *>(&error);
    std::string found;
    for (const run::FieldInfo &field : run::fields())
        if (known && known->where().starts_with(field.path) && field.path.size() > found.size()) {
            const std::string rest = known->where().substr(field.path.size());
            if (rest.empty() || rest.front() == ',' || rest.front() == ':' || rest.front() == ' ')
                found = field.path;
        }
    return found;
}

QString describeSetting(const std::exception &error)
{
    const std::string path = settingOf(error);
    const std::vector<run::FieldInfo> &fields = run::fields();
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&path](const run::FieldInfo &one) { return one.path == path; });
    if (field == fields.end())
        return describe(error);
    const auto *known = dynamic_cast<const Error *>(&error);
    const QString label = QString::fromStdString(field->label), remedy = QString::fromStdString(known->remedy());
    if (known->problem() != "is empty") {
        QString place = QString::fromStdString(known->where().substr(path.size())); // "…, ease(lam=3), lam"
        if (place.startsWith(QLatin1String(", ")) || place.startsWith(QLatin1String(": ")))
            place.remove(0, 2);
        place = place.isEmpty() ? label : QStringLiteral("%1: %2").arg(label, place.trimmed());
        return QStringLiteral("%1: %2\n%3").arg(place, QString::fromStdString(known->problem()), remedy);
    }
    if (field->path == "encoder.folder")
        return FieldEditor::tr("No encoder is chosen.\nChoose one on the page Encoders, or its folder in the field %1.")
            .arg(label);
    if (field->path == "dataset.interactions")
        return FieldEditor::tr("No dataset is chosen.\nUse one on the page Data, or name a file in the field %1.")
            .arg(label);
    return FieldEditor::tr("The field %1 is empty.\n%2").arg(label, remedy);
}

} // namespace apiary::widgets
