#include "widgets/explore/run_chooser.h"

#include "widgets/shell/project_model.h"
#include "widgets/theme/theme.h"

#include <QSignalBlocker>
#include <map>

namespace apiary::widgets {

RunChooser::RunChooser(ProjectSession *session, QWidget *parent) : QComboBox(parent), m_session(session)
{
    setAccessibleName(tr("Run in view"));
    setToolTip(tr("The run whose encoder is shown"));
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
    setMaximumWidth(420);
    connect(session, &ProjectSession::runsChanged, this, &RunChooser::fill);
    connect(session, &ProjectSession::currentRunChanged, this, &RunChooser::fill);
    connect(this, &QComboBox::activated, this,
            [this](int index) { m_session->setCurrentRun(itemData(index).toLongLong()); });
    fill();
}

void RunChooser::fill()
{
    const QSignalBlocker quiet(this);
    clear();
    std::map<std::string, int> named;
    for (const auto &run : m_session->runs())
        ++named[run.name];
    for (const auto &run : m_session->runs()) {
        QString name = run.name.empty() ? tr("Run %1").arg(run.id) : QString::fromStdString(run.name);
        if (!run.name.empty() && named[run.name] > 1)
            name += tr(" · run %1").arg(run.id);
        const QString state =
            run.status == "finished" ? QString() : QStringLiteral(" · ") + QString::fromStdString(run.status);
        addItem(QStringLiteral("%1%2").arg(name, state), QVariant::fromValue(static_cast<qlonglong>(run.id)));
        setItemData(count() - 1, tr("Run %1, %2").arg(run.id).arg(format::date(run.started)), Qt::ToolTipRole);
    }
    setCurrentIndex(findData(QVariant::fromValue(static_cast<qlonglong>(m_session->currentRun()))));
    setVisible(count() > 0);
}

} // namespace apiary::widgets
