#include "widgets/data/import_wizard.h"

#include "widgets/data/dataset_list_model.h"
#include "widgets/data/file_row.h"
#include "widgets/data/import_step.h"
#include "widgets/data/parts.h"
#include "widgets/data/recipe_panel.h"
#include "widgets/data/rules_step.h"
#include "widgets/data/source_step.h"
#include "widgets/data/table_preview.h"
#include "widgets/data/text_step.h"
#include "widgets/shell/page.h"
#include "widgets/shell/project_model.h"
#include "widgets/theme/parts.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QShortcut>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace apiary::widgets {

namespace {

/// "{title}. {overview}", as the engine guesses it.
std::string templateOf(const std::string &title, const std::vector<std::string> &texts)
{
    std::string pattern = title.empty() ? std::string() : "{" + title + "}";
    for (const std::string &column : texts)
        pattern += (pattern.empty() ? "{" : ". {") + column + "}";
    return pattern;
}

/// What says nothing of the data: what tables of interactions and the folders that they lie in are called.
bool saysNothing(const QString &name)
{
    static const QStringList words{
        "interactions", "interaction", "inter",   "ratings",  "rating",    "reviews", "review",    "events", "event",
        "transactions", "purchases",   "clicks",  "views",    "logs",      "log",     "train",     "test",   "data",
        "dataset",      "datasets",    "file",    "files",    "table",     "u",       "user_item", "raw",    "csv",
        "input",        "export",      "exports", "download", "downloads", "desktop", "documents", "home",   "tmp"};
    return name.isEmpty() || words.contains(name.toLower());
}

/// A name for the dataset of that file: the file's without its endings or, where that says nothing, the archive's or the
/// folder's around it.
QString nameOf(const std::filesystem::path &file)
{
    static const QRegularExpression endings(
        QStringLiteral("(\\.(csv|tsv|txt|dat|data|inter|jsonl?|ndjson|feather|arrow|"
                       "parquet|gz|zip))+$"),
        QRegularExpression::CaseInsensitiveOption);
    QString own;
    const auto isZip = [](const std::filesystem::path &part) {
        return QString::fromStdString(part.extension().string()).compare(QLatin1String(".zip"), Qt::CaseInsensitive) ==
               0;
    };
    const bool packed = std::any_of(file.begin(), file.end(), isZip);
    bool within = packed; // a folder within an archive is seldom named after the data
    for (std::filesystem::path at = file; at.has_filename(); at = at.parent_path()) {
        const QString name = QString::fromStdString(at.filename().string()).remove(endings);
        within = within && !isZip(at);
        const bool folder = at != file;
        if (own.isEmpty())
            own = name;
        if (!saysNothing(name) && !(within && folder))
            return name;
    }
    return own;
}

std::vector<TablePreview::Named> named(std::initializer_list<TablePreview::Named> columns)
{
    std::vector<TablePreview::Named> result;
    for (const TablePreview::Named &column : columns)
        if (!column.column.empty())
            result.push_back(column);
    return result;
}

} // namespace

ImportWizard::ImportWizard(ProjectSession *session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_stack(new QStackedWidget)
    , m_source(new SourceStep)
    , m_interactions(new TablePreview(TableUse::Interactions))
    , m_items(new TablePreview(TableUse::Items))
    , m_descriptions(new TablePreview(TableUse::Descriptions))
    , m_text(new TextStep)
    , m_rules(new RulesStep)
    , m_import(new ImportStep)
{
    setAccessibleName(tr("Import"));
    m_rules->setUses([this](const QString &name) {
        return m_session->isOpen() ? usesOf(m_session->project(), name.toStdString()) : 0;
    });
    m_stack->addWidget(m_source);
    m_stack->addWidget(makeColumns());
    m_stack->addWidget(m_text);
    m_stack->addWidget(m_rules);
    m_stack->addWidget(m_import);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::group);
    layout->addWidget(makeHead());
    layout->addWidget(hairline());
    layout->addWidget(m_stack, 1);
    layout->addWidget(hairline());
    layout->addWidget(makeFoot());
    connectFiles();
    for (TablePreview *table : {m_interactions, m_items, m_descriptions})
        connect(table, &TablePreview::changed, this, [this] {
            update();
            if (m_filling && !anyBusy()) {
                m_filling = false;
                goTo(Columns);
            }
        });
    connect(m_text, &TextStep::changed, this, &ImportWizard::update);
    connect(m_rules, &RulesStep::changed, this, &ImportWizard::update);
    connect(m_import, &ImportStep::stateChanged, this, [this] {
        update();
        if (!running() && step() == Import)
            m_back->setFocus(); // where a failure is mended; an end takes it on
        Q_EMIT stateChanged();
    });
    connect(m_import, &ImportStep::finished, this, [this] {
        update();
        m_next->setFocus();
        Q_EMIT imported(m_import->outcome()->stored.hash);
    });
    connect(m_source->recipes(), &RecipePanel::fetched, this, [this](const data::ImportSpec &spec) {
        setSpec(spec);
        m_filling = true;
    });
    connect(m_source->recipes(), &RecipePanel::fetchingChanged, this, &ImportWizard::update);
    connect(m_source, &SourceStep::tabChanged, this, &ImportWizard::update);
    update();
}

void ImportWizard::setTaken(const QStringList &names)
{
    m_rules->setTaken(names);
}

ImportWizard::Step ImportWizard::step() const
{
    return static_cast<Step>(m_stack->currentIndex());
}

bool ImportWizard::anyBusy() const
{
    return m_interactions->busy() || m_items->busy() || m_descriptions->busy();
}

bool ImportWizard::running() const
{
    return m_import->running();
}

QString ImportWizard::hint() const
{
    return m_hint->text();
}

QString ImportWizard::problem(Step step) const
{
    switch (step) {
    case Source:
        if (m_source->recipesShown())
            return m_source->recipes()->fetching() ? tr("The dataset is being fetched.")
                                                   : tr("Get a dataset: the next step follows by itself.");
        if (m_interactions->file().empty() || m_items->file().empty())
            return tr("Choose a file of interactions and a file of items, or a known dataset.");
        for (const TablePreview *table : {m_interactions, m_items, m_descriptions})
            if (!table->file().empty() && !table->read())
                return table->busy() ? tr("The files are being read.") : tr("One of the files cannot be read.");
        return {};
    case Columns: {
        const std::pair<const TablePreview *, QString> tables[] = {
            {m_interactions, tr("Interactions")}, {m_items, tr("Items")}, {m_descriptions, tr("Descriptions")}};
        for (const auto &[table, name] : tables)
            if (!table->file().empty() && !table->problem().isEmpty())
                return tr("%1: %2").arg(name, table->problem());
        return {};
    }
    case Text:
        return m_text->problem();
    case Rules:
        return m_rules->problem();
    case Import:
    case StepCount:
        break;
    }
    if (m_session->readOnly())
        return tr("The project is open in another program: nothing can be imported here.");
    return m_session->isOpen() ? QString() : tr("Open a project first.");
}

data::ItemsSource ImportWizard::itemsSource() const
{
    data::ItemsSource source;
    source.file = m_items->file();
    source.format = m_items->format();
    source.id = m_items->column(data::Role::Item);
    source.title = m_items->column(data::Role::Title);
    if (!m_descriptions->file().empty()) {
        source.descriptions = m_descriptions->file();
        source.descriptionsFormat = m_descriptions->format();
        source.descriptionsId = m_descriptions->column(data::Role::Item);
    }
    return source;
}

QString ImportWizard::suggestedTemplate() const
{
    std::vector<std::string> texts;
    if (m_descriptions->file().empty()) {
        texts = m_items->columns(data::Role::Text);
    } else {
        const auto &known = m_items->preview()->columns;
        for (const std::string &column : m_descriptions->columns(data::Role::Text)) {
            const bool taken = std::find(known.begin(), known.end(), column) != known.end();
            texts.push_back((taken ? "descriptions." : "") + column);
        }
    }
    return QString::fromStdString(templateOf(m_items->column(data::Role::Title), texts));
}

data::ImportSpec ImportWizard::spec() const
{
    data::ImportSpec spec;
    spec.recipe = m_recipe;
    spec.guess = false;
    spec.interactions.file = m_interactions->file();
    spec.interactions.format = m_interactions->format();
    spec.interactions.user = m_interactions->column(data::Role::User);
    spec.interactions.item = m_interactions->column(data::Role::Item);
    spec.interactions.rating = m_interactions->column(data::Role::Rating);
    spec.interactions.time = m_interactions->column(data::Role::Time);
    spec.items = itemsSource();
    m_text->apply(spec.items);
    m_rules->apply(spec);
    return spec;
}

void ImportWizard::setSpec(const data::ImportSpec &spec)
{
    using enum data::Role;
    m_import->forget();
    m_source->showRecipes(false); // its files stand among those of one's own
    m_interactions->setFile(spec.interactions.file, spec.interactions.format,
                            named({{spec.interactions.user, User},
                                   {spec.interactions.item, Item},
                                   {spec.interactions.rating, Rating},
                                   {spec.interactions.time, Time}}));
    m_items->setFile(spec.items.file, spec.items.format, named({{spec.items.id, Item}, {spec.items.title, Title}}));
    m_descriptions->setFile(spec.items.descriptions, spec.items.descriptionsFormat,
                            named({{spec.items.descriptionsId, Item}}));
    for (const auto &[row, file] :
         {std::pair(m_source->interactions(), &spec.interactions.file), std::pair(m_source->items(), &spec.items.file),
          std::pair(m_source->descriptions(), &spec.items.descriptions)}) {
        if (file->empty())
            row->clear();
        else
            row->setFile(*file);
    }
    m_text->setChoices(spec.items);
    m_rules->setChoices(spec);
    m_recipe = spec.recipe;
    update();
}

void ImportWizard::fillFrom(Step left)
{
    if (left == Source) {
        const bool more = !m_descriptions->file().empty();
        if (more && m_tables->count() < 3)
            m_tables->addTab(m_descriptions, tr("Descriptions"));
        if (!more && m_tables->count() == 3)
            m_tables->removeTab(2);
        m_rules->suggestName(nameOf(m_interactions->file()));
    }
    if (left == Columns) {
        m_text->setSource(itemsSource(), suggestedTemplate());
        const std::string time = m_interactions->column(data::Role::Time);
        const auto &preview = *m_interactions->preview();
        const auto at = std::find(preview.columns.begin(), preview.columns.end(), time) - preview.columns.begin();
        const bool any = !time.empty() && !preview.rows.empty();
        m_rules->setColumns(!m_interactions->column(data::Role::Rating).empty(), !time.empty(),
                            any ? preview.rows.front()[static_cast<std::size_t>(at)] : std::string());
    }
}

void ImportWizard::goTo(Step wanted)
{
    int reached = Source;
    while (reached < wanted && problem(static_cast<Step>(reached)).isEmpty()) {
        fillFrom(static_cast<Step>(reached));
        ++reached;
    }
    m_stack->setCurrentIndex(reached);
    if (reached == Columns && !m_interactions->problem().isEmpty())
        m_tables->setCurrentWidget(m_interactions);
    update();
    if (QWidget *field = firstField())
        field->setFocus(Qt::OtherFocusReason);
}

QWidget *ImportWizard::firstField() const
{
    switch (step()) {
    case Columns: {
        const auto *table = static_cast<TablePreview *>(m_tables->currentWidget());
        return table->read() && !table->header()->roles().empty() ? table->header()->choice(0) : nullptr;
    }
    case Import:
        return m_next;
    default:
        return m_stack->currentWidget();
    }
}

void ImportWizard::back()
{
    if (!running() && step() > Source)
        goTo(static_cast<Step>(step() - 1));
}

void ImportWizard::next()
{
    if (!m_next->isEnabled())
        return;
    if (step() < Rules)
        return goTo(static_cast<Step>(step() + 1));
    if (m_import->done() && step() == Import) {
        const std::string hash = m_import->outcome()->stored.hash;
        Q_EMIT showRequested(hash);
        return;
    }
    if (step() == Rules)
        goTo(Import);
    if (step() == Import)
        start();
}

void ImportWizard::start()
{
    if (!problem(Import).isEmpty())
        return;
    m_import->start(spec(), m_session->reopen(), m_rules->replaces());
}

void ImportWizard::update()
{
    const Step now = step();
    bool reachable = true;
    for (int i = 0; i < StepCount; ++i) {
        QToolButton *head = m_heads[static_cast<std::size_t>(i)];
        head->setChecked(i == now);
        head->setEnabled((reachable && !running()) || i == now);
        head->setFont(i == now ? Theme::instance().strongFont() : Theme::instance().bodyFont());
        reachable = reachable && i != Rules && problem(static_cast<Step>(i)).isEmpty();
    }
    const QString against = now == Rules && problem(Rules).isEmpty() ? problem(Import) : problem(now);
    const QString said = against.isEmpty() && now == Rules ? m_rules->warning() : against;
    m_hint->setText(running() ? tr("Other pages may be used meanwhile.") : said);
    m_back->setEnabled(now > Source && !running());
    m_next->setEnabled(against.isEmpty() && !running());
    m_next->setVisible(now != Source || !m_source->recipesShown()); // there the button that gets it leads on
    m_next->setText(now < Rules                         ? tr("Next")
                    : now == Import && m_import->done() ? tr("Show the dataset")
                    : now == Import && running()        ? tr("Importing …")
                    : now == Import                     ? tr("Import again")
                                                        : tr("Import"));
}

} // namespace apiary::widgets
