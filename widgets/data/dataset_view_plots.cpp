// The plots of a dataset's view: lengths by an encoder, the tables behind them.
#include "hub/card.h"
#include "widgets/data/dataset_view.h"
#include "widgets/data/length_plot.h"
#include "widgets/data/parts.h"
#include "widgets/data/plot_panel.h"
#include "widgets/data/rank_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/explore/encoder_offers.h"
#include "widgets/shell/page.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QTabWidget>
#include <QTableView>
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
    m_lengthPanel->setNote(any ? QString() : tr("Tokens are an encoder's own: get one on the page Encoders."));
    m_lengths->present({});
    fillLengths();
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
            fillLengths();
        },
        [this](const QString &failure) { m_lengthPanel->setNote(failure); });
}

void DatasetView::fillCurves()
{
    const auto fill = [this](RowsModel *model, QTableView *list, const data::Curve DatasetFacts::*curve,
                             const QString &of, const QString &counted) {
        const auto rows = static_cast<int>((m_facts.get()->*curve).rank.size());
        model->setRows({{of, true}, {counted, true}, {tr("Share so far"), true}}, rows,
                       [facts = m_facts, curve](int row, int column) {
                           const data::Curve &shown = facts.get()->*curve;
                           const auto i = static_cast<std::size_t>(row);
                           return column == 0   ? format::count(shown.rank[i])
                                  : column == 1 ? format::count(shown.count[i])
                                                : tr("%1 %").arg(100 * shown.share[i], 0, 'f', 1);
                       });
        setColumnWidths(list, {8, 8, 0});
    };
    fill(m_itemCurve, m_itemCurveList, &DatasetFacts::everyItem, tr("Rank"), tr("Users"));
    fill(m_userCurve, m_userCurveList, &DatasetFacts::everyUser, tr("Rank"), tr("Items"));
}

void DatasetView::fillLengths()
{
    const auto &histogram = m_lengths->histogram();
    if (!histogram)
        return m_lengthModel->clear();
    QStringList bins;
    for (std::size_t i = 0; i < histogram->bins.size(); ++i)
        bins << m_lengths->binText(i);
    m_lengthModel->setRows({{tr("Tokens of the text"), true}, {tr("Items"), true}}, static_cast<int>(bins.size()),
                           [bins, counts = histogram->bins](int row, int column) {
                               return column == 0 ? bins[row] : format::count(counts[static_cast<std::size_t>(row)]);
                           });
    setColumnWidths(m_lengthList, {0, 0});
}

bool DatasetView::tableShown() const
{
    return m_rankPanel->tableShown() || m_lengthPanel->tableShown();
}

void DatasetView::toggleTable()
{
    m_tabs->setCurrentIndex(0);
    const bool show = !tableShown();
    m_rankPanel->showTable(show);
    m_lengthPanel->showTable(show);
    (show ? static_cast<QWidget *>(m_itemCurveList) : m_ranks)->setFocus();
}

} // namespace apiary::widgets
