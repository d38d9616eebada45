#include "widgets/data/dataset_view.h"

#include "widgets/data/import_step.h"
#include "widgets/data/left_out_view.h"
#include "widgets/data/length_plot.h"
#include "widgets/data/parts.h"
#include "widgets/data/plot_panel.h"
#include "widgets/data/rank_plot.h"
#include "widgets/data/rows_model.h"
#include "widgets/explore/encoder_offers.h"
#include "widgets/shell/page.h"
#include "widgets/shell/project_model.h"
#include "widgets/shell/task.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int afterTypingMs = 120;
constexpr std::size_t mostFound = 1000;
constexpr qsizetype longestText = 600;

QString percent(double share)
{
    return DatasetView::tr("%1 %").arg(format::number(100 * share, 3));
}

QString foundText(std::size_t found, qint64 all)
{
    return found >= mostFound
               ? DatasetView::tr("the first %1 of %2").arg(format::count(mostFound), format::count(all))
               : DatasetView::tr("%1 of %2").arg(format::count(static_cast<qint64>(found)), format::count(all));
}

} // namespace

DatasetView::DatasetView(ProjectSession *session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_loading(new TaskRunner(this))
    , m_pairing(new TaskRunner(this))
    , m_measuring(new TaskRunner(this))
    , m_itemSearching(new TaskRunner(this))
    , m_userSearching(new TaskRunner(this))
    , m_offers(new EncoderOffers(session, this))
    , m_itemTyped(new Debounce(
          afterTypingMs, [this] { searchItems(); }, this))
    , m_userTyped(new Debounce(
          afterTypingMs, [this] { searchUsers(); }, this))
    , m_stack(new QStackedWidget)
    , m_hint(mutedLabel(tr("Select a dataset to see what is in it.")))
    , m_messages(new MessageBar)
    , m_stepModel(new RowsModel(this))
    , m_itemCurve(new RowsModel(this))
    , m_userCurve(new RowsModel(this))
    , m_lengthModel(new RowsModel(this))
    , m_itemModel(new RowsModel(this))
    , m_userModel(new RowsModel(this))
    , m_leftOut(new LeftOutView)
{
    m_hint->setAlignment(Qt::AlignCenter);
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeOverview(), tr("Overview"));
    m_tabs->addTab(makeSearch(true), tr("Items"));
    m_tabs->addTab(makeSearch(false), tr("Users"));
    m_tabs->addTab(m_leftOut, tr("Left out"));
    auto *body = new QWidget;
    auto *inside = new QVBoxLayout(body);
    inside->setContentsMargins(space::group, 0, 0, 0);
    inside->setSpacing(space::group);
    inside->addWidget(makeHead());
    inside->addWidget(m_messages);
    inside->addWidget(m_tabs, 1);
    m_stack->addWidget(m_hint);
    m_stack->addWidget(body);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    connect(m_offers, &EncoderOffers::changed, this, &DatasetView::listEncoders);
    connect(m_session, &ProjectSession::runsChanged, this, &DatasetView::listEncoders);
}

void DatasetView::setFact(const QString &label, const QString &value, const QString &toolTip)
{
    auto it = std::find_if(m_factRows.begin(), m_factRows.end(),
                           [&](const Fact &fact) { return fact.label->text() == label; });
    if (it == m_factRows.end()) {
        Fact fact{new QLabel(label), new QLabel};
        Theme::instance().makeMuted(fact.label);
        fact.value->setWordWrap(true);
        fact.value->setTextFormat(Qt::PlainText);
        fact.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        fact.value->setAccessibleName(label);
        const auto row = static_cast<int>(m_factRows.size());
        m_grid->addWidget(fact.label, row, 0, Qt::AlignTop);
        m_grid->addWidget(fact.value, row, 1, Qt::AlignTop);
        m_factRows.push_back(fact);
        it = m_factRows.end() - 1;
    }
    it->value->setText(value);
    it->value->setToolTip(toolTip);
    it->label->setVisible(!value.isEmpty());
    it->value->setVisible(!value.isEmpty());
}

QString DatasetView::fact(const QString &label) const
{
    for (const Fact &fact : m_factRows)
        if (fact.label->text() == label)
            return fact.value->text();
    return {};
}

void DatasetView::present(const ListedDataset *dataset)
{
    m_stack->setCurrentIndex(dataset ? 1 : 0);
    const bool same = dataset && m_dataset && m_dataset->hash == dataset->hash && (m_facts || m_loading->busy());
    m_dataset = dataset ? std::optional(*dataset) : std::nullopt;
    if (!dataset) {
        m_loading->cancel();
        m_facts.reset();
        return;
    }
    m_name->setText(dataset->name);
    m_name->setToolTip(dataset->name);
    QString where =
        tr("%1 users · %2 items · %3 interactions")
            .arg(format::count(dataset->users), format::count(dataset->items), format::count(dataset->interactions));
    m_where->setText(dataset->problem.isEmpty() ? where : tr("cannot be read"));
    m_use->setEnabled(dataset->problem.isEmpty());
    m_again->setEnabled(dataset->problem.isEmpty() && !m_session->readOnly());
    m_remove->setEnabled(!m_session->readOnly());
    showCounts(m_stepModel, m_steps, dataset->counts);
    fitSteps();
    setFact(tr("Text"), QString::fromStdString(dataset->spec.items.textTemplate),
            tr("What an encoder reads of an item"));
    setFact(tr("From"), dataset->files.join(u'\n'));
    setFact(tr("Known as"), QString::fromStdString(dataset->spec.recipe));
    m_leftOut->present(*dataset);
    setFact(tr("Bad rows"),
            dataset->badRows > 0 ? tr("%1, listed under Left out").arg(format::count(dataset->badRows)) : tr("none"));
    const QString texts = reviewSummary(dataset->refusals, dataset->emptyTexts, dataset->spec.items.cleaning.refusals);
    setFact(tr("Texts to look at"), texts.isEmpty() ? tr("none") : texts);
    setFact(tr("Hash"), QString::fromStdString(dataset->hash.substr(0, 16)), QString::fromStdString(dataset->hash));
    m_warnings->setText(dataset->warnings.join(u'\n'));
    m_warnings->setVisible(!dataset->warnings.isEmpty());
    if (!same)
        load();
}

void DatasetView::showFromTheStart()
{
    m_tabs->setCurrentIndex(0);
    m_itemSearch->clear();
    m_userSearch->clear();
}

void DatasetView::load()
{
    m_facts.reset();
    m_messages->dismiss();
    m_pairing->cancel();
    m_measuring->cancel();
    m_ranks->present({});
    m_lengths->present({});
    for (RowsModel *model : {m_itemModel, m_userModel, m_itemCurve, m_userCurve, m_lengthModel})
        model->clear();
    setFact(tr("Density of X"), {});
    setFact(tr("Density of XᵀX"), {});
    if (!m_dataset->problem.isEmpty()) {
        m_loading->cancel();
        m_messages->show(MessageBar::Tone::Error, m_dataset->problem);
        return;
    }
    m_loading->run(
        [folder = m_dataset->folder](std::stop_token stop, const ProgressFn &progress) {
            return loadFacts(folder, progress, std::move(stop));
        },
        [this](FactsPtr facts) {
            m_facts = std::move(facts);
            showFacts();
        },
        [this](const QString &failure) { m_messages->show(MessageBar::Tone::Error, failure); });
}

void DatasetView::showFacts()
{
    const double density = m_facts->dataset.interactions.density();
    setFact(tr("Density of X"), percent(density), tr("The share of pairs of user and item that there is a row for"));
    m_ranks->present(m_facts);
    searchItems();
    searchUsers();
    countPairs();
    measure();
    fillCurves();
}

void DatasetView::countPairs()
{
    setFact(tr("Density of XᵀX"), tr("counting …"));
    m_pairing->run(
        [facts = m_facts](std::stop_token stop, const ProgressFn &) {
            constexpr std::int64_t visits = 400'000'000;
            constexpr std::uint64_t seed = 42;
            return data::coOccurrence(facts->dataset.interactions.csr, visits, seed, std::move(stop));
        },
        [this](const data::CoOccurrence &pairs) {
            QString text = percent(pairs.density);
            if (!pairs.exact)
                text = tr("%1 ± %2, from %3 items").arg(text, percent(pairs.standardError), format::count(pairs.items));
            setFact(tr("Density of XᵀX"), text, tr("The share of pairs of two items that some user has both of"));
        },
        [this](const QString &failure) { setFact(tr("Density of XᵀX"), failure); });
}

void DatasetView::searchItems()
{
    if (!m_facts)
        return;
    m_itemSearching->run(
        [facts = m_facts, query = m_itemSearch->text().trimmed().toStdString()](std::stop_token stop,
                                                                                const ProgressFn &) {
            return data::searchItems(facts->dataset.catalog, facts->popularity, query, mostFound, std::move(stop));
        },
        [this, facts = m_facts](std::vector<std::int32_t> found) {
            m_itemFound->setText(foundText(found.size(), facts->dataset.catalog.size()));
            const auto rows = static_cast<int>(found.size());
            m_itemModel->setRows({{tr("Title")}, {tr("Id")}, {tr("Users"), true}, {tr("Text")}}, rows,
                                 [facts, found = std::move(found)](int row, int column) {
                                     const auto item = static_cast<std::size_t>(found[static_cast<std::size_t>(row)]);
                                     const data::Catalog &catalog = facts->dataset.catalog;
                                     return column == 0   ? QString::fromStdString(catalog.titles[item])
                                            : column == 1 ? QString::fromStdString(catalog.ids[item])
                                            : column == 2 ? format::count(facts->popularity[item])
                                                          : QString::fromStdString(catalog.texts[item]);
                                 });
            setColumnWidths(m_items, {0, 14, 11, 0});
            showItem();
            m_noItem->setText(tr("No title, id or text holds “%1”.").arg(m_itemSearch->text().trimmed()));
            m_itemStack->setCurrentIndex(rows == 0 ? 1 : 0);
        });
}

void DatasetView::showItem()
{
    const QModelIndex index = m_items->currentIndex();
    QString text = index.isValid() ? index.siblingAtColumn(3).data(Qt::ToolTipRole).toString() : QString();
    if (text.size() > longestText)
        text = text.left(longestText) + u'…';
    m_itemText->setText(index.isValid() ? text : tr("Select an item to read its text here."));
}

void DatasetView::searchUsers()
{
    if (!m_facts)
        return;
    m_userSearching->run(
        [facts = m_facts, query = m_userSearch->text().trimmed().toStdString()](std::stop_token stop,
                                                                                const ProgressFn &) {
            return data::searchUsers(facts->dataset.interactions.users, facts->activity, query, mostFound,
                                     std::move(stop));
        },
        [this, facts = m_facts](std::vector<std::int32_t> found) {
            m_userFound->setText(foundText(found.size(), facts->dataset.interactions.userCount()));
            const auto rows = static_cast<int>(found.size());
            m_userModel->setRows({{tr("User")}, {tr("Items"), true}, {tr("Among them")}}, rows,
                                 [facts, found = std::move(found)](int row, int column) {
                                     const auto user = static_cast<std::size_t>(found[static_cast<std::size_t>(row)]);
                                     if (column == 0)
                                         return QString::fromStdString(facts->dataset.interactions.users[user]);
                                     if (column == 1)
                                         return format::count(facts->activity[user]);
                                     QStringList titles;
                                     constexpr int named = 8;
                                     for (const std::int32_t item :
                                          facts->dataset.interactions.csr.view().row(static_cast<std::int64_t>(user))) {
                                         titles << QString::fromStdString(
                                             facts->dataset.catalog.titles[static_cast<std::size_t>(item)]);
                                         if (titles.size() == named)
                                             break;
                                     }
                                     return titles.join(QStringLiteral(" · "));
                                 });
            setColumnWidths(m_users, {24, 11, 0});
            m_noUser->setText(tr("No id holds “%1”.").arg(m_userSearch->text().trimmed()));
            m_userStack->setCurrentIndex(rows == 0 ? 1 : 0);
        });
}

} // namespace apiary::widgets
