#include "widgets/shell/run_bar.h"

#include "widgets/shell/run_controller.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>

namespace apiary::widgets {

namespace {

QString outcome(const RunState &state)
{
    if (state.run == 0 && state.message.isEmpty())
        return RunBar::tr("No run is going on");
    switch (state.status) {
    case run::RunStatus::Finished:
        return RunBar::tr("Run #%1 finished after %2 steps").arg(state.run).arg(state.step);
    case run::RunStatus::Stopped:
        return RunBar::tr("Run #%1 was stopped after %2 steps").arg(state.run).arg(state.step);
    default:
        return state.run == 0 ? RunBar::tr("The run did not start") : RunBar::tr("Run #%1 failed").arg(state.run);
    }
}

} // namespace

QLabel *RunBar::figure(const QString &widest, const QString &tip)
{
    auto *label = new QLabel;
    label->setFixedWidth(QFontMetrics(font()).horizontalAdvance(widest) + 2);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    label->setToolTip(tip);
    return label;
}

RunBar::RunBar(RunController *controller, QWidget *parent)
    : QWidget(parent)
    , m_controller(controller)
    , m_icon(new QLabel)
    , m_name(new QLabel)
    , m_stage(new QLabel)
    , m_progress(new QProgressBar)
    , m_pace(figure(QStringLiteral("888.8 s/step"), tr("Seconds a step, mean of the last eight")))
    , m_left(figure(QStringLiteral("88 min 88 s left"), tr("Time left of training, at the pace so far")))
    , m_memory(figure(QStringLiteral("888.8 MiB"), tr("Resident memory of Apiary")))
    , m_pause(new QPushButton(tr("Pause")))
    , m_stop(new QPushButton(tr("Stop")))
{
    const Theme &theme = Theme::instance();
    setObjectName(QStringLiteral("runBar"));
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_name->setTextFormat(Qt::PlainText);
    m_name->installEventFilter(this);
    m_stage->setFixedWidth(QFontMetrics(font()).horizontalAdvance(QStringLiteral("encoding items, validation 0")));
    m_stage->setTextFormat(Qt::PlainText);
    m_progress->setFixedWidth(200);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(12);
    m_icon->setFixedSize(18, 18);
    m_pause->setIcon(theme.icon(QStringLiteral("pause")));
    m_stop->setIcon(theme.icon(QStringLiteral("stop")));
    m_pause->setToolTip(tr("Pause between two micro-batches (Ctrl+Shift+P)"));
    m_stop->setToolTip(tr("Stop within a second; what was learned so far is kept (Ctrl+.)"));
    m_pause->setObjectName(QStringLiteral("pause"));
    m_stop->setObjectName(QStringLiteral("stop"));
    m_pause->setFixedWidth(QFontMetrics(font()).horizontalAdvance(tr("Resume")) + 56);
    connect(m_pause, &QPushButton::clicked, this, [this] {
        const RunState &state = m_controller->state();
        if (state.paused || state.pausing)
            m_controller->resume();
        else
            m_controller->pause();
    });
    connect(m_stop, &QPushButton::clicked, m_controller, &RunController::stop);

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::section, space::group, space::section, space::group);
    layout->setSpacing(space::group);
    layout->addWidget(m_icon);
    layout->addWidget(m_name, 1);
    layout->addWidget(m_stage);
    layout->addWidget(m_progress);
    for (QLabel *label : {m_pace, m_left, m_memory})
        layout->addWidget(label);
    layout->addSpacing(space::group);
    layout->addWidget(m_pause);
    layout->addWidget(m_stop);
    connect(m_controller, &RunController::stateChanged, this, &RunBar::refresh);
    connect(&theme, &Theme::changed, this, [this] {
        m_iconName.clear();
        refresh();
    });
    refresh();
}

void RunBar::refresh()
{
    const RunState &state = m_controller->state();
    const Theme &theme = Theme::instance();
    const bool failed = !state.active && !state.message.isEmpty();
    const QString icon = state.active ? (state.paused ? QStringLiteral("pause") : QStringLiteral("play"))
                         : failed     ? QStringLiteral("alert")
                         : state.run  ? QStringLiteral("check")
                                      : QStringLiteral("info");
    if (icon != m_iconName) {
        m_iconName = icon;
        m_icon->setPixmap(
            theme.icon(icon, failed ? theme.error() : theme.text()).pixmap(QSize(18, 18), devicePixelRatioF()));
    }
    m_fullName = state.active ? QStringLiteral("%1 · %2").arg(state.name, state.encoder) : outcome(state);
    elideName();
    m_name->setAccessibleName(m_fullName);
    m_name->setToolTip(state.active ? m_fullName : state.message);

    QString stage = QString::fromStdString(state.progress.stage);
    const bool validating = state.totalSteps > 0 && state.progress.stage.find("validation") != std::string::npos;
    const bool training = state.totalSteps > 0 && (validating || state.progress.unit == "steps");
    if (state.stopping)
        stage = tr("stopping …");
    else if (state.paused)
        stage = tr("paused at step %1 / %2").arg(state.step).arg(state.totalSteps);
    else if (state.pausing)
        stage = tr("pausing …");
    else if (training)
        stage = validating ? tr("step %1 / %2, validating").arg(state.step).arg(state.totalSteps)
                           : tr("step %1 / %2").arg(state.step).arg(state.totalSteps);
    // While training goes on the bar shows steps, also during the validations between them.
    const std::int64_t done = training ? state.step : state.progress.done;
    const std::int64_t total = training ? state.totalSteps : state.progress.total;
    m_progress->setRange(0, state.active && total <= 0 ? 0 : 1000);
    if (total > 0)
        m_progress->setValue(static_cast<int>(1000 * done / total));
    m_stage->setText(stage);
    m_pace->setText(state.secondsAStep > 0 ? tr("%1 s/step").arg(format::number(state.secondsAStep, 3)) : QString());
    m_left->setText(state.secondsLeft >= 0 ? tr("%1 left").arg(format::duration(state.secondsLeft)) : QString());
    m_memory->setText(state.memory.resident > 0 ? format::memory(state.memory.resident) : QString());
    for (QWidget *widget :
         {static_cast<QWidget *>(m_stage), static_cast<QWidget *>(m_progress), static_cast<QWidget *>(m_pace),
          static_cast<QWidget *>(m_left), static_cast<QWidget *>(m_memory), static_cast<QWidget *>(m_pause),
          static_cast<QWidget *>(m_stop)})
        widget->setVisible(state.active);
    const bool waiting = state.paused || state.pausing;
    m_pause->setText(waiting ? tr("Resume") : tr("Pause"));
    m_pause->setIcon(theme.icon(waiting ? QStringLiteral("play") : QStringLiteral("pause")));
    m_pause->setEnabled(!state.stopping);
    m_stop->setEnabled(!state.stopping);
    setAccessibleName(tr("Run bar"));
    setAccessibleDescription(text());
}

void RunBar::elideName()
{
    const QString shown = m_name->fontMetrics().elidedText(m_fullName, Qt::ElideRight, m_name->width());
    if (shown != m_name->text())
        m_name->setText(shown);
}

bool RunBar::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_name && (event->type() == QEvent::Resize || event->type() == QEvent::FontChange))
        elideName();
    return QWidget::eventFilter(watched, event);
}

QString RunBar::text() const
{
    QStringList parts{m_fullName};
    for (const QLabel *label : {m_stage, m_pace, m_left, m_memory})
        if (!label->isHidden() && !label->text().isEmpty())
            parts << label->text();
    return parts.join(QStringLiteral(" · "));
}

} // namespace apiary::widgets
