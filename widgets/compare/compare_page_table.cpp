#include "widgets/compare/compare_page.h"

#include "widgets/compare/comparison_model.h"
#include "widgets/compare/comparison_text.h"
#include "widgets/compare/forest_plot.h"
#include "widgets/compare/metric_bars.h"
#include "widgets/plot/plot_export.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QSignalBlocker>
#include <QTableView>
#include <QToolButton>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr auto segmentSetting = "compare/segment";

QString segmentHelp(const std::string &segment)
{
    if (segment.starts_with("items:"))
        return ComparePage::tr(
            "Only held-out items of this segment count as hits. Head, mid and tail each hold about a "
            "third of the interactions: head items are few and popular, tail items many and rare.");
    return ComparePage::tr(
        "Only users of this segment. Light, medium and heavy are a third of the test users each, by how "
        "many items their source holds.");
}

} // namespace

QWidget *ComparePage::makeSegments()
{
    m_segments = new QComboBox;
    m_segments->setAccessibleName(tr("Segment"));
    m_segments->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_segment = QSettings().value(QLatin1String(segmentSetting)).toString().toStdString();
    connect(m_segments, &QComboBox::activated, this, &ComparePage::chooseSegment);
    fillSegments();
    return m_segments;
}

std::string ComparePage::segment() const
{
    const bool there = m_scores && std::find(m_scores->segments.begin(), m_scores->segments.end(), m_segment) !=
                                       m_scores->segments.end();
    return there ? m_segment : std::string();
}

void ComparePage::fillSegments()
{
    const QSignalBlocker blocker(m_segments);
    m_segments->clear();
    m_segments->addItem(tr("All users"), QString());
    QString group;
    for (const std::string &name : m_scores ? m_scores->segments : std::vector<std::string>()) {
        const QString data = QString::fromStdString(name);
        if (const QString of = data.section(u':', 0, 0); of != group) {
            m_segments->insertSeparator(m_segments->count());
            group = of;
        }
        m_segments->addItem(segmentName(name), data);
        m_segments->setItemData(m_segments->count() - 1, segmentHelp(name), Qt::ToolTipRole);
    }
    m_segments->setCurrentIndex(std::max(0, m_segments->findData(QString::fromStdString(segment()))));
    const bool some = m_scores && !m_scores->segments.empty();
    m_segments->setEnabled(some);
    m_segments->setToolTip(some || !m_scores || m_scores->models.empty()
                               ? tr("All test users, or popular or rare items, or light or heavy users alone")
                               : tr("No segments: %1").arg(QString::fromStdString(m_scores->noSegments)));
}

void ComparePage::chooseSegment(int index)
{
    m_segment = m_segments->itemData(index).toString().toStdString();
    QSettings().setValue(QLatin1String(segmentSetting), QString::fromStdString(m_segment));
    if (m_scores && !m_scores->models.empty())
        compare();
}

QString ComparePage::noteText() const
{
    QStringList parts{QString::fromStdString(m_compared->provenance.dataset)};
    if (!m_compared->provenance.scenario.empty())
        parts << QString::fromStdString(m_compared->provenance.scenario);
    if (!m_compared->segment.empty())
        parts << segmentName(m_compared->segment);
    parts << tr("%1 test users").arg(format::count(m_compared->users()))
          << tr("%1 intervals of a paired bootstrap, %2 resamples, seed %3")
                 .arg(levelText(m_compared->level), format::count(m_compared->resamples))
                 .arg(m_compared->seed)
          << tr("pale: %1").arg(QString::fromStdString(eval::unsureStatement(m_compared->level)));
    if (m_compared->models.size() > 1)
        parts << tr("p: %1").arg(testText(*m_compared));
    if (!m_compared->spreads.empty())
        parts << tr("○ mean ± standard deviation over training seeds, not tested");
    if (m_scores && !m_scores->noSegments.empty())
        parts << tr("no segments: %1").arg(QString::fromStdString(m_scores->noSegments));
    parts << tr("Enter pins another baseline");
    return parts.join(QStringLiteral(" · "));
}

QWidget *ComparePage::makeExport()
{
    m_export = new QToolButton;
    m_export->setIcon(Theme::instance().icon(QStringLiteral("export")));
    m_export->setText(tr("Export"));
    m_export->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setToolTip(tr("Copy or save the comparison"));
    auto *menu = new QMenu(m_export);
    addCopyActions(menu);
    menu->addSeparator();
    menu->addAction(tr("Save table…"), this, &ComparePage::askAndSaveTable);
    menu->addAction(tr("Save plot of differences…"), this,
                    [this] { askAndSavePlot(m_forest, QStringLiteral("differences")); });
    menu->addAction(tr("Save plot of metrics…"), this, [this] { askAndSavePlot(m_bars, QStringLiteral("metrics")); });
    m_export->setMenu(menu);
    m_export->setEnabled(false);
    return m_export;
}

void ComparePage::addCopyActions(QMenu *menu) const
{
    const auto add = [this, menu](const QString &text, run::TableFormat format) {
        menu->addAction(text, this, [this, format] { copyTable(format); });
    };
    add(tr("Copy as Markdown"), run::TableFormat::Markdown);
    add(tr("Copy as CSV"), run::TableFormat::Csv);
    add(tr("Copy as LaTeX"), run::TableFormat::Latex);
}

void ComparePage::openMenu(const QPoint &at)
{
    const QModelIndex index = m_matrix->indexAt(at);
    const int kind = index.isValid() ? index.data(ComparisonModel::KindRole).toInt() : -1;
    QMenu menu(this);
    auto *use = menu.addAction(Theme::instance().icon(QStringLiteral("pin")), tr("Use as baseline"), this,
                               [this, index] { pin(index.row()); });
    use->setEnabled(kind >= 0 && !index.data(ComparisonModel::BaselineRole).toBool());
    if (kind == static_cast<int>(ModelKind::Added)) {
        auto *remove = menu.addAction(Theme::instance().icon(QStringLiteral("close")), tr("Remove\tDel"), this,
                                      [this, index] { removeAdded(index.row()); });
        remove->setEnabled(!m_session->readOnly());
    }
    menu.addSeparator();
    addCopyActions(&menu);
    menu.exec(m_matrix->viewport()->mapToGlobal(at));
}

QString ComparePage::table(run::TableFormat format) const
{
    return m_compared ? QString::fromStdString(run::exportTable(*m_compared, format)) : QString();
}

void ComparePage::copyTable(run::TableFormat format) const
{
    if (m_compared)
        QApplication::clipboard()->setText(table(format));
}

void ComparePage::report(const QString &file, const std::function<void()> &save)
{
    try {
        save();
        messages()->show(MessageBar::Tone::Info, tr("Saved to %1").arg(file), {}, 4000);
    } catch (const std::exception &error) {
        messages()->show(MessageBar::Tone::Error, describe(error));
    }
}

void ComparePage::saveTable(const QString &file)
{
    report(file, [&] { exportText(table(run::tableFormatOf(file.toStdString())), file); });
}

void ComparePage::savePlot(MetricPlot *plot, const QString &file)
{
    report(file, [&] { exportPlot(*plot, file); });
}

void ComparePage::askAndSaveTable()
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Save table"), QStringLiteral("comparison.csv"),
                                                      tr("Tables (*.csv *.md *.tex)"));
    if (!file.isEmpty() && m_compared)
        saveTable(file);
}

void ComparePage::askAndSavePlot(MetricPlot *plot, const QString &name)
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Save plot"), name + QStringLiteral(".svg"),
                                                      tr("Images (*.svg *.pdf *.png)"));
    if (!file.isEmpty())
        savePlot(plot, file);
}

} // namespace apiary::widgets
