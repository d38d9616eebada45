#include "widgets/train/estimate_panel.h"

#include "base/error.h"
#include "run/dataset_place.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"
#include "widgets/train/field_editor.h"

#include <QLabel>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

namespace apiary::widgets {

struct EstimatePanel::Result {
    run::StepEstimate step;
    double secondsAToken = 0; ///< 0: no run to judge by
    qint64 judgedBy = 0;
    QString failure; ///< why a run with the spec would fail
    std::string failedField;
};

namespace {

std::string encoderFolderOf(const store::RunRecord &run)
{
    const auto json = nlohmann::json::parse(run.specJson, nullptr, false);
    if (!json.is_object() || !json.contains("encoder") || !json["encoder"].is_object())
        return {};
    return json["encoder"].value("folder", std::string());
}

/// Seconds a token of the latest run with this encoder; {0, 0} without one.
std::pair<double, qint64> pace(const store::Project &project, const std::string &folder)
{
    int tried = 0;
    for (const store::RunRecord &run : project.runs()) {
        if (encoderFolderOf(run) != folder)
            continue;
        double seconds = 0;
        double tokens = 0;
        for (const store::StepRecord &step : project.steps(run.id)) {
            seconds += step.seconds;
            tokens += static_cast<double>(step.tokens);
        }
        if (tokens > 0)
            return {seconds / tokens, run.id};
        if (++tried == 5)
            break;
    }
    return {0, 0};
}

} // namespace

EstimatePanel::EstimatePanel(ProjectSession *session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_task(new TaskRunner(this))
    , m_soon(new Debounce(
          500, [this] { start(); }, this))
    , m_first(new QLabel)
    , m_second(new QLabel)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    for (QLabel *label : {m_first, m_second}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(label);
    }
    m_second->setFont(Theme::instance().smallFont());
    Theme::instance().makeMuted(m_second);
    const int line = QFontMetrics(m_second->font()).lineSpacing();
    m_first->setMinimumHeight(QFontMetrics(m_first->font()).lineSpacing());
    m_second->setFixedHeight(3 * line); // nothing below moves when the text changes
    m_second->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_first->setText(tr("Estimating…"));
    connect(m_session, &ProjectSession::projectChanged, m_soon, &Debounce::trigger);
}

QString EstimatePanel::text() const
{
    return m_first->text() + QLatin1Char('\n') + m_second->text();
}
bool EstimatePanel::busy() const
{
    return m_task->busy();
}

void EstimatePanel::setSpec(const run::RunSpec &spec)
{
    m_spec = spec;
    m_soon->trigger();
}

void EstimatePanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_soon->trigger();
}

std::string EstimatePanel::textOf(const run::RunSpec &spec) const
{
    return run::toText(spec) + m_session->folder().string();
}

QString EstimatePanel::failureOf(const run::RunSpec &spec)
{
    if (m_failedFor.empty() || m_failedFor != textOf(spec))
        return {};
    m_shownFor.clear(); // it may be mended by now
    m_soon->trigger();
    return m_problem;
}

void EstimatePanel::fail(const QString &problem, const std::string &field)
{
    m_first->setText(tr("No estimate yet"));
    m_problem = problem;
    m_second->setText(m_problem);
    m_problemField = field;
    Q_EMIT checked();
}

void EstimatePanel::start()
{
    const std::string shown = textOf(m_spec);
    if (shown == m_shownFor)
        return;
    m_shownFor = shown;
    m_failedFor.clear();
    std::shared_ptr<store::Project> project;
    run::RunSpec spec;
    try {
        project = m_session->isOpen() ? m_session->reopen() : nullptr;
        spec = run::withDatasetFolder(m_spec, project.get());
        run::checkInputs(spec);
    } catch (const std::exception &error) {
        m_shownFor.clear(); // what is missing may be there the next time
        m_task->cancel();
        return fail(describeSetting(error), settingOf(error));
    }
    m_problem.clear();
    m_problemField.clear();
    Q_EMIT checked();
    m_first->setText(tr("Estimating…"));
    m_task->run(
        [spec, project](std::stop_token stop, const ProgressFn &) {
            Result result;
            try {
                result.step = run::estimate(spec, stop);
            } catch (const InputError &error) {
                result.failedField = settingOf(error);
                result.failure = describeSetting(error);
                return result;
            }
            if (project)
                std::tie(result.secondsAToken, result.judgedBy) = pace(*project, spec.encoder.folder.string());
            return result;
        },
        [this, shown](const Result &result) {
            if (result.failure.isEmpty())
                return show(result);
            m_failedFor = shown;
            fail(result.failure, result.failedField);
            Q_EMIT estimated();
        },
        [this](const QString &failure) {
            m_first->setText(tr("No estimate yet"));
            m_second->setText(failure);
            Q_EMIT estimated();
        });
}

void EstimatePanel::show(const Result &result)
{
    const run::StepEstimate &e = result.step;
    const std::int64_t bytes = e.passes == 1 ? e.bytesOnePass : e.bytesTwoPass;
    m_first->setText(tr("About %1 tokens a step, %2").arg(format::count(e.tokensPerStep), format::memory(bytes)));
    QString more = tr("%1 users, %2 training items, %3 a step; %4 steps; %5")
                       .arg(format::count(e.users), format::count(e.items), format::count(e.itemsPerStep),
                            format::count(e.steps), e.passes == 1 ? tr("one pass") : tr("two passes"));
    if (e.passes == 1)
        more += tr(" (two would take %1)").arg(format::memory(e.bytesTwoPass));
    more += QLatin1Char('.');
    if (result.secondsAToken > 0) {
        const double step = result.secondsAToken * static_cast<double>(e.tokensPerStep);
        more += tr(" About %1 a step, %2 for all, judged by run #%3.")
                    .arg(format::duration(step), format::duration(step * e.steps))
                    .arg(result.judgedBy);
    }
    m_second->setText(more);
    Q_EMIT estimated();
}

} // namespace apiary::widgets
