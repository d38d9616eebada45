// The settings of the Train page: their files, what is missing in them, starting a run with them.
#include "widgets/plot/plot_export.h"
#include "widgets/shell/run_controller.h"
#include "widgets/shell/task.h"
#include "widgets/train/config_form.h"
#include "widgets/train/estimate_panel.h"
#include "widgets/train/field_editor.h"
#include "widgets/train/train_page.h"

#include <QFileDialog>
#include <QFileInfo>

namespace apiary::widgets {

namespace {

bool isOfData(const std::string &field)
{
    return field.starts_with("dataset.");
}

} // namespace

void TrainPage::setSpec(const run::RunSpec &spec)
{
    m_form->setSpec(spec);
}

bool TrainPage::openSpec(const QString &file)
{
    try {
        setSpec(run::loadSpec(file.toStdString()));
        return true;
    } catch (const std::exception &error) {
        fail(error);
        return false;
    }
}

void TrainPage::openSpecDialog()
{
    const QString file = QFileDialog::getOpenFileName(this, tr("Open settings"), {}, tr("Settings of a run (*.json)"));
    if (!file.isEmpty())
        openSpec(file);
}

void TrainPage::saveSpecDialog()
{
    QString file = QFileDialog::getSaveFileName(this, tr("Save settings"), QStringLiteral("run.json"),
                                                tr("Settings of a run (*.json)"));
    if (file.isEmpty())
        return;
    if (QFileInfo(file).suffix().isEmpty())
        file += QStringLiteral(".json");
    try {
        exportText(QString::fromStdString(run::toText(m_form->spec())), file);
        m_formMessages->show(MessageBar::Tone::Info, tr("Saved to %1").arg(file), {}, 4000);
    } catch (const std::exception &error) {
        fail(error);
    }
}

void TrainPage::fail(const std::exception &error)
{
    m_form->showFailure(QString::fromStdString(settingOf(error)));
    m_formMessages->show(MessageBar::Tone::Error, describeSetting(error));
}

QString TrainPage::whatComesHere()
{
    return tr(
        "Curves of loss, validation metric and memory appear here while a run goes on, and the runs of this project "
        "are listed below them.");
}

/// In place of the curves: that the settings are complete, or what is missing and the way there.
void TrainPage::sayWhatIsNext()
{
    const std::string field = m_estimate->problemField();
    QString next = tr("The settings on the left are ready to go.");
    if (!m_estimate->problem().isEmpty())
        next = tr("Before a run can start: %1").arg(m_estimate->problem());
    m_noRun->setText(whatComesHere() + QStringLiteral("\n\n") + next);
    m_noRun->setAction(field == "encoder.folder" ? tr("Choose an encoder")
                       : isOfData(field)         ? tr("Choose a dataset")
                                                 : tr("Start training"));
}

void TrainPage::takeNextStep()
{
    const std::string field = m_estimate->problemField();
    if (field == "encoder.folder")
        Q_EMIT encoderRequested();
    else if (isOfData(field))
        Q_EMIT datasetRequested();
    else
        start();
}

void TrainPage::start()
{
    if (m_controller->active())
        return;
    m_formMessages->dismiss();
    m_form->showFailure({});
    if (const QString known = m_estimate->failureOf(m_form->spec()); !known.isEmpty()) {
        m_form->showFailure(QString::fromStdString(m_estimate->problemField()));
        m_formMessages->show(MessageBar::Tone::Error, known);
        return;
    }
    try {
        m_controller->start(m_form->spec());
    } catch (const std::exception &error) {
        fail(error);
    }
}

} // namespace apiary::widgets
