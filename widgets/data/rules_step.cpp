#include "widgets/data/rules_step.h"

#include "widgets/data/parts.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>
#include <cmath>

namespace apiary::widgets {

namespace {

constexpr int fieldWidth = 150;
constexpr double milliseconds = 1e3, microseconds = 1e6;
constexpr double fromMilliseconds = 1e11, fromMicroseconds = 1e14; // see data::TimeUnit::Auto

/// A number without zeros at its end.
class PlainBox : public QDoubleSpinBox {
public:
    PlainBox() { setDecimals(6); }
    QString textFromValue(double value) const override
    {
        return locale().toString(value, 'g', QLocale::FloatingPointShortest);
    }
};

template <typename Box>
Box *numberBox(double least, double most, const QString &name)
{
    auto *box = new Box;
    box->setRange(static_cast<decltype(box->minimum())>(least), static_cast<decltype(box->maximum())>(most));
    box->setAlignment(Qt::AlignRight);
    box->setFixedWidth(fieldWidth);
    box->setAccessibleName(name);
    return box;
}

} // namespace

RulesStep::RulesStep(QWidget *parent)
    : QWidget(parent)
    , m_name(new QLineEdit)
    , m_nameNote(mutedLabel())
    , m_replace(new QCheckBox(tr("Replace it")))
    , m_rated(new QCheckBox(tr("only ratings of at least")))
    , m_minRating(numberBox<PlainBox>(-1e6, 1e6, tr("Least rating")))
    , m_duplicates(new QComboBox)
    , m_minItem(numberBox<QSpinBox>(0, 1e9, tr("Interactions that an item needs")))
    , m_minUser(numberBox<QSpinBox>(0, 1e9, tr("Interactions that a user needs")))
    , m_kCore(new QCheckBox(tr("count again until all that are left have enough (k-core)")))
    , m_timeUnit(new QComboBox)
    , m_timeNote(mutedLabel())
    , m_badShare(numberBox<PlainBox>(0, 100, tr("Largest share of bad rows")))
    , m_strict(new QCheckBox(tr("stop at the first")))
{
    using data::Duplicates;
    using data::TimeUnit;
    const std::pair<Duplicates, QString> policies[] = {{Duplicates::Last, tr("the latest counts")},
                                                       {Duplicates::First, tr("the earliest counts")},
                                                       {Duplicates::Sum, tr("ratings add up")},
                                                       {Duplicates::Any, tr("the highest rating counts")},
                                                       {Duplicates::Error, tr("is an error")}};
    for (const auto &[policy, text] : policies)
        m_duplicates->addItem(text, static_cast<int>(policy));
    const std::pair<TimeUnit, QString> units[] = {{TimeUnit::Auto, tr("detect")},
                                                  {TimeUnit::Seconds, tr("seconds since 1970")},
                                                  {TimeUnit::Milliseconds, tr("milliseconds since 1970")},
                                                  {TimeUnit::Microseconds, tr("microseconds since 1970")},
                                                  {TimeUnit::Iso, tr("dates (2020-12-31)")}};
    for (const auto &[unit, text] : units)
        m_timeUnit->addItem(text, static_cast<int>(unit));
    m_duplicates->setAccessibleName(tr("A pair of user and item that stands more than once"));
    m_timeUnit->setAccessibleName(tr("Unit of times"));
    m_name->setAccessibleName(tr("Name of the dataset"));
    m_name->setFixedWidth(2 * fieldWidth);
    m_nameNote->setWordWrap(false);
    m_minRating->setValue(4);
    m_minItem->setSpecialValueText(tr("any number"));
    m_minUser->setSpecialValueText(tr("any number"));
    m_badShare->setValue(100 * data::ImportSpec{}.maxBadShare);
    m_badShare->setSuffix(tr(" %"));

    auto *taken = new QWidget;
    auto *takenRow = new QHBoxLayout(taken);
    takenRow->setContentsMargins(0, 0, 0, 0);
    takenRow->setSpacing(space::group);
    takenRow->addWidget(m_nameNote);
    takenRow->addWidget(m_replace);
    takenRow->addStretch(1);
    auto *form = new QGridLayout;
    form->setHorizontalSpacing(space::section);
    form->setVerticalSpacing(12);
    form->setColumnStretch(2, 1);
    const auto add = [form](QWidget *label, QWidget *field, QWidget *remark) {
        const int row = form->rowCount();
        if (auto *text = qobject_cast<QLabel *>(label))
            text->setBuddy(field);
        form->addWidget(label, row, 0, Qt::AlignLeft | Qt::AlignVCenter);
        form->addWidget(field, row, 1, Qt::AlignLeft | Qt::AlignVCenter);
        form->addWidget(remark, row, 2, Qt::AlignVCenter);
    };
    const auto remark = [](const QString &text) {
        QLabel *label = mutedLabel(text);
        label->setWordWrap(false);
        return label;
    };
    add(new QLabel(tr("&Name in the project")), m_name, taken);
    add(new QLabel(tr("A pair that stands &more than once")), m_duplicates,
        remark(tr("Before the ratings are looked at.")));
    add(m_rated, m_minRating, remark(tr("Rows with a lower rating are left out.")));
    add(new QLabel(tr("Interactions that an &item needs")), m_minItem, remark(tr("Items with fewer go.")));
    add(new QLabel(tr("Interactions that a &user needs")), m_minUser,
        remark(tr("Users with fewer go, after the items.")));
    form->addWidget(m_kCore, form->rowCount(), 1, 1, 2);
    add(new QLabel(tr("Unit of &times")), m_timeUnit, m_timeNote);
    add(new QLabel(tr("&Rows that cannot be used")), m_badShare, m_strict);
    form->addWidget(
        mutedLabel(tr("They are left out, counted, and listed with their lines and reasons. A larger share than this "
                      "means that the format is wrong: the import fails.")),
        form->rowCount(), 1, 1, 2);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, space::section, 0, 0);
    layout->addLayout(form);
    layout->addStretch(1);
    setFocusProxy(m_name);
    setMaximumWidth(1000);

    for (QCheckBox *box : {m_replace, m_rated, m_kCore, m_strict})
        connect(box, &QCheckBox::toggled, this, &RulesStep::update);
    for (QSpinBox *box : {m_minItem, m_minUser})
        connect(box, &QSpinBox::valueChanged, this, &RulesStep::update);
    connect(m_name, &QLineEdit::textChanged, this, &RulesStep::update);
    connect(m_timeUnit, &QComboBox::currentIndexChanged, this, &RulesStep::update);
    update();
}

void RulesStep::setColumns(bool rating, bool time, const std::string &firstTime)
{
    m_hasRating = rating;
    m_hasTime = time;
    m_firstTime = firstTime;
    update();
}

void RulesStep::setTaken(const QStringList &names)
{
    m_taken = names;
    update();
}

void RulesStep::suggestName(const QString &name)
{
    const bool untouched = m_name->text().isEmpty() || m_name->text() == m_suggested;
    m_suggested = name;
    if (untouched)
        m_name->setText(name);
}

void RulesStep::forgetChoices()
{
    if (!m_given.isEmpty() && m_name->text() == m_given)
        m_suggested = m_given;
    m_given.clear();
}

void RulesStep::setChoices(const data::ImportSpec &spec)
{
    m_given = QString::fromStdString(spec.name);
    m_suggested.clear();
    m_name->setText(m_given);
    m_rated->setChecked(spec.filter.minRating.has_value());
    m_minRating->setValue(spec.filter.minRating.value_or(m_minRating->value()));
    m_duplicates->setCurrentIndex(m_duplicates->findData(static_cast<int>(spec.filter.duplicates)));
    m_minItem->setValue(spec.filter.minItem);
    m_minUser->setValue(spec.filter.minUser);
    m_kCore->setChecked(spec.filter.kCore);
    m_timeUnit->setCurrentIndex(m_timeUnit->findData(static_cast<int>(spec.interactions.timeUnit)));
    m_badShare->setValue(100 * spec.maxBadShare);
    m_strict->setChecked(spec.strict);
}

void RulesStep::apply(data::ImportSpec &spec) const
{
    spec.name = m_name->text().trimmed().toStdString();
    spec.filter.minRating.reset();
    if (m_hasRating && m_rated->isChecked())
        spec.filter.minRating = m_minRating->value();
    spec.filter.duplicates = static_cast<data::Duplicates>(m_duplicates->currentData().toInt());
    spec.filter.minItem = m_minItem->value();
    spec.filter.minUser = m_minUser->value();
    spec.filter.kCore = m_kCore->isChecked() && m_kCore->isEnabled();
    spec.interactions.timeUnit = static_cast<data::TimeUnit>(m_timeUnit->currentData().toInt());
    spec.maxBadShare = m_badShare->value() / 100;
    spec.strict = m_strict->isChecked();
}

bool RulesStep::replaces() const
{
    return m_replace->isChecked() && m_taken.contains(m_name->text().trimmed());
}

QString RulesStep::problem() const
{
    const QString name = m_name->text().trimmed();
    if (name.isEmpty())
        return tr("Give the dataset a name.");
    return m_taken.contains(name) && !m_replace->isChecked() ? tr("The name is taken: choose another, or replace it.")
                                                             : QString();
}

QString RulesStep::warning() const
{
    const qint64 uses = replaces() && m_uses ? m_uses(m_name->text().trimmed()) : 0;
    return uses == 0
               ? QString()
               : format::plural(uses,
                                tr("1 run was made from the dataset of this name; if other data take its "
                                   "place, it can no longer be opened or compared."),
                                tr("%1 runs were made from the dataset of this name; if other data take its place, "
                                   "they can no longer be opened or compared."));
}

QString RulesStep::timeExample() const
{
    return m_timeNote->text();
}

void RulesStep::update()
{
    const bool taken = m_taken.contains(m_name->text().trimmed());
    m_nameNote->setText(taken ? tr("The project has a dataset of this name.") : QString());
    m_nameNote->setVisible(taken);
    m_replace->setVisible(taken);
    m_rated->setEnabled(m_hasRating);
    m_rated->setToolTip(m_hasRating ? QString() : tr("No column is a rating"));
    m_minRating->setEnabled(m_hasRating && m_rated->isChecked());
    m_kCore->setEnabled(m_minItem->value() > 0 || m_minUser->value() > 0);
    m_timeUnit->setEnabled(m_hasTime);
    m_badShare->setEnabled(!m_strict->isChecked());
    QString example = tr("No column is a time.");
    if (m_hasTime) {
        const QString cell = QString::fromStdString(m_firstTime).trimmed();
        bool number = false;
        double seconds = cell.toDouble(&number);
        const auto unit = static_cast<data::TimeUnit>(m_timeUnit->currentData().toInt());
        const bool automatic = unit == data::TimeUnit::Auto;
        if (unit == data::TimeUnit::Microseconds || (automatic && std::abs(seconds) >= fromMicroseconds))
            seconds /= microseconds;
        else if (unit == data::TimeUnit::Milliseconds || (automatic && std::abs(seconds) >= fromMilliseconds))
            seconds /= milliseconds;
        const bool plain = number && unit != data::TimeUnit::Iso && std::abs(seconds) < 1e11;
        example = plain
                      ? tr("The first row's %1 means %2.")
                            .arg(cell, QLocale().toString(
                                           QDateTime::fromSecsSinceEpoch(static_cast<qint64>(seconds), Qt::UTC).date(),
                                           QLocale::LongFormat))
                      : tr("The first row has %1.").arg(cell);
    }
    m_timeNote->setText(example);
    Q_EMIT changed();
}

} // namespace apiary::widgets
