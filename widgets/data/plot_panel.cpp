#include "widgets/data/plot_panel.h"

#include "widgets/data/fact_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/plot/plot_export.h"
#include "widgets/shell/task.h"
#include "widgets/theme/parts.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

namespace apiary::widgets {

PlotPanel::PlotPanel(const QString &title, FactPlot *plot, const QString &stem, QWidget *parent)
    : QWidget(parent)
    , m_plot(plot)
    , m_stem(stem)
    , m_controls(new QHBoxLayout)
    , m_note(mutedLabel())
    , m_tableButton(makeToolButton(QStringLiteral("table"), tr("Table"), tr("The table behind the plot (Ctrl+T)")))
    , m_export(makeToolButton(QStringLiteral("export"), tr("Export"), tr("Save the plot, or its numbers")))
    , m_stack(new QStackedWidget)
    , m_tables(new QHBoxLayout)
{
    m_tableButton->setAccessibleName(tr("Table: %1").arg(title));
    m_tableButton->setCheckable(true);
    connect(m_tableButton, &QToolButton::clicked, this, &PlotPanel::showTable);
    m_export->setAccessibleName(tr("Export: %1").arg(title));
    m_export->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(m_export);
    const std::pair<QString, QString> kinds[] = {{tr("Picture (PNG)…"), QStringLiteral("png")},
                                                 {tr("Drawing (SVG)…"), QStringLiteral("svg")},
                                                 {tr("Document (PDF)…"), QStringLiteral("pdf")},
                                                 {tr("Numbers (CSV)…"), QStringLiteral("csv")}};
    for (const auto &[name, ending] : kinds)
        connect(menu->addAction(name), &QAction::triggered, this, [this, ending = ending] { askAndExport(ending); });
    m_export->setMenu(menu);

    auto *frame = new QFrame;
    frame->setFrameShape(QFrame::StyledPanel);
    auto *framed = new QVBoxLayout(frame);
    framed->setContentsMargins(1, 1, 1, 1);
    framed->addWidget(plot);
    auto *tables = new QWidget;
    m_tables->setContentsMargins(0, 0, 0, 0);
    m_tables->setSpacing(space::group);
    tables->setLayout(m_tables);
    m_stack->addWidget(frame);
    m_stack->addWidget(tables);
    m_note->hide();

    m_controls->setSpacing(space::group);
    auto *head = new QHBoxLayout;
    head->setSpacing(space::tight);
    head->addWidget(strongLabel(title), 1);
    head->addLayout(m_controls);
    head->addWidget(m_tableButton);
    head->addWidget(m_export);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::tight);
    layout->addLayout(head);
    layout->addWidget(m_note);
    layout->addWidget(m_stack, 1);
}

void PlotPanel::addControl(QWidget *widget)
{
    m_controls->addWidget(widget);
}

QTableView *PlotPanel::addTable(RowsModel *model, const QString &accessibleName)
{
    m_views.push_back(makeRowList(model, accessibleName));
    m_tables->addWidget(m_views.back());
    return m_views.back();
}

void PlotPanel::setNote(const QString &text)
{
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
}

bool PlotPanel::tableShown() const
{
    return m_stack->currentIndex() == 1;
}

void PlotPanel::showTable(bool shown)
{
    m_stack->setCurrentIndex(shown ? 1 : 0);
    m_tableButton->setChecked(shown);
}

void PlotPanel::exportTo(const QString &file) const
{
    if (QFileInfo(file).suffix() == QLatin1String("csv"))
        exportText(m_plot->csv(), file);
    else
        exportPlot(*m_plot, file);
}

void PlotPanel::askAndExport(const QString &ending)
{
    QString file =
        QFileDialog::getSaveFileName(this, tr("Export"), m_stem + u'.' + ending, QStringLiteral("*.") + ending);
    if (file.isEmpty())
        return;
    if (QFileInfo(file).suffix().isEmpty())
        file += u'.' + ending;
    try {
        exportTo(file);
        Q_EMIT exported(file);
    } catch (const std::exception &error) {
        Q_EMIT failed(describe(error));
    }
}

} // namespace apiary::widgets
