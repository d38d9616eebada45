// The plots of a dataset's view: lengths by an encoder, the table behind them, export.
#include "hub/card.h"
#include "widgets/data/dataset_view.h"
#include "widgets/data/length_plot.h"
#include "widgets/data/parts.h"
#include "widgets/data/rank_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/explore/encoder_offers.h"
#include "widgets/plot/plot_export.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <algorithm>

namespace apiary::widgets {

void DatasetView::refreshEncoders()
{
    m_offers->refresh();
}

void DatasetView::listEncoders()
{
    const QString wanted = m_encoder->currentData().toString();
    m_encoder->clear();
    for (const EncoderOffer &offer : m_offers->list())
        m_encoder->addItem(offer.name, QString::fromStdString(offer.folder.string()));
    m_encoder->setCurrentIndex(std::max(0, m_encoder->findData(wanted)));
    m_encoder->setEnabled(m_encoder->count() > 0);
    if (m_encoder->currentData().toString() != wanted)
        measure();
}

void DatasetView::measure()
{
    const bool any = m_encoder->currentIndex() >= 0;
    m_lengthNote->setVisible(!any);
    m_lengthNote->setText(any ? QString() : tr("Tokens are an encoder's own: get one on the page Encoders."));
    m_lengths->present({});
    if (!any || !m_facts)
        return;
    using Measured = std::pair<data::LengthHistogram, qint64>;
    m_measuring->run(
        [facts = m_facts, folder = std::filesystem::path(m_encoder->currentData().toString().toStdString())](
            std::stop_token stop, const ProgressFn &) -> Measured {
            return {tokenLengths(*facts, folder, std::move(stop)),
                    std::max<qint64>(0, hub::readCard(folder).maxTokens)};
        },
        [this](Measured measured) {
            m_lengths->present(std::move(measured.first), measured.second);
            fillPlotTable();
        },
        [this](const QString &failure) {
            m_lengthNote->setText(failure);
            m_lengthNote->show();
        });
}

void DatasetView::fillPlotTable()
{
    if (!m_facts)
        return;
    const auto &histogram = m_lengths->histogram();
    const auto bins = histogram ? *histogram : data::LengthHistogram{1, {}};
    const auto rows = std::max({m_facts->items.rank.size(), m_facts->users.rank.size(), bins.bins.size()});
    m_plotTableModel->setRows({{tr("Item, by popularity"), true},
                               {tr("Its users"), true},
                               {tr("User, by activity"), true},
                               {tr("Their items"), true},
                               {tr("Tokens from"), true},
                               {tr("Items"), true}},
                              static_cast<int>(rows), [facts = m_facts, bins](int row, int column) {
                                  const auto i = static_cast<std::size_t>(row);
                                  const auto of = [i](const std::vector<std::int64_t> &values) {
                                      return i < values.size() ? format::count(values[i]) : QString();
                                  };
                                  switch (column) {
                                  case 0:
                                      return of(facts->items.rank);
                                  case 1:
                                      return of(facts->items.count);
                                  case 2:
                                      return of(facts->users.rank);
                                  case 3:
                                      return of(facts->users.count);
                                  case 4:
                                      return i < bins.bins.size() ? format::count(row * bins.binWidth) : QString();
                                  default:
                                      return of(bins.bins);
                                  }
                              });
    setColumnWidths(m_plotTable, {18, 12, 18, 12, 13, 10}, -1);
}

bool DatasetView::tableShown() const
{
    return m_plotStack->currentIndex() == 1;
}

void DatasetView::toggleTable()
{
    m_tabs->setCurrentIndex(0);
    m_plotStack->setCurrentIndex(tableShown() ? 0 : 1);
    m_tableButton->setChecked(tableShown());
    (tableShown() ? static_cast<QWidget *>(m_plotTable) : m_ranks)->setFocus();
}

void DatasetView::exportPlots(const QString &ending)
{
    const QString file =
        QFileDialog::getSaveFileName(this, tr("Export the popularity and activity curves"),
                                     QStringLiteral("popularity.") + ending, QStringLiteral("*.") + ending);
    if (file.isEmpty())
        return;
    const QFileInfo info(file);
    const QString stem = info.path() + u'/' + info.completeBaseName(), end = u'.' + ending;
    try {
        if (ending == QLatin1String("csv")) {
            exportText(m_ranks->csv(), stem + end);
            exportText(m_lengths->csv(), stem + QStringLiteral("-lengths") + end);
        } else {
            exportPlot(*m_ranks, stem + end);
            exportPlot(*m_lengths, stem + QStringLiteral("-lengths") + end);
        }
        m_messages->show(MessageBar::Tone::Info, tr("Saved to %1, and the lengths beside it").arg(stem + end), {},
                         4000);
    } catch (const std::exception &error) {
        m_messages->show(MessageBar::Tone::Error, describe(error));
    }
}

} // namespace apiary::widgets
