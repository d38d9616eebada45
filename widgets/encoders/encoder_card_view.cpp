#include "widgets/encoders/encoder_card_view.h"

#include "widgets/encoders/encoder_name.h"
#include "widgets/shell/page.h"
#include "widgets/theme/parts.h"

#include <QDir>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

QString shown(const std::string &text)
{
    return text.empty() ? EncoderCardView::tr("unknown") : QString::fromStdString(text);
}

QString shown(std::int64_t number)
{
    return number < 0 ? EncoderCardView::tr("unknown") : format::count(number);
}

/// A path with the user's home as ~, and places to break a line.
QString shownPath(const std::filesystem::path &path)
{
    QString text = QString::fromStdString(path.string());
    if (text.startsWith(QDir::homePath() + u'/'))
        text.replace(0, QDir::homePath().size(), QStringLiteral("~"));
    return text.replace(u'/', QStringLiteral("/\u200b"));
}

} // namespace

EncoderCardView::EncoderCardView(QWidget *parent)
    : QFrame(parent)
    , m_body(new QWidget)
    , m_hint(new QLabel(tr("Select an encoder to see what it is.")))
    , m_name(new QLabel)
    , m_where(new QLabel)
    , m_problem(new MessageBar)
    , m_grid(new QGridLayout)
    , m_use(new QPushButton(tr("Use for training")))
    , m_open(makeToolButton(QStringLiteral("open"), tr("Open folder")))
    , m_remove(makeToolButton(QStringLiteral("trash"), tr("Remove")))
{
    const Theme &theme = Theme::instance();
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    setAccessibleName(tr("Card of the selected encoder"));
    m_problem->setBackgroundRole(QPalette::Window); // its own pale ground, not the card's
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setWordWrap(true);
    theme.makeMuted(m_hint);
    m_hint->setForegroundRole(QPalette::WindowText);
    m_name->setFont(theme.strongFont());
    m_name->setForegroundRole(QPalette::WindowText);
    m_where->setForegroundRole(QPalette::WindowText);
    m_where->setFont(theme.smallFont());
    theme.makeMuted(m_where);
    for (QLabel *label : {m_name, m_where}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_grid->setHorizontalSpacing(space::section);
    m_grid->setVerticalSpacing(space::tight + 2);
    m_grid->setColumnStretch(1, 1);

    theme.makePrimary(m_use);
    m_use->setObjectName(QStringLiteral("useEncoder"));
    m_use->setMinimumSize(148, 32);
    m_use->setToolTip(tr("Put this encoder into the settings of the Train page"));
    m_open->setToolTip(tr("Show its files in the file manager"));
    connect(m_use, &QPushButton::clicked, this, &EncoderCardView::useRequested);
    connect(m_open, &QToolButton::clicked, this, &EncoderCardView::openRequested);
    connect(m_remove, &QToolButton::clicked, this, &EncoderCardView::removeRequested);
    auto *actions = new QHBoxLayout;
    actions->setSpacing(space::group);
    actions->addWidget(m_use);
    actions->addStretch(1);
    actions->addWidget(m_open);
    actions->addWidget(m_remove);

    auto *body = new QVBoxLayout(m_body);
    body->setContentsMargins(space::section, 12, space::section, 12);
    body->setSpacing(space::group);
    body->addWidget(m_name);
    body->addWidget(m_where);
    body->addWidget(m_problem);
    body->addSpacing(space::tight);
    body->addLayout(m_grid);
    body->addSpacing(space::group);
    body->addLayout(actions);
    body->addStretch(1);
    auto *layout = new QStackedLayout(this);
    layout->addWidget(m_hint);
    layout->addWidget(m_body);
    setMinimumWidth(340);
}

void EncoderCardView::setFact(const QString &label, const QString &value, const QString &toolTip)
{
    auto it =
        std::find_if(m_facts.begin(), m_facts.end(), [&](const Fact &fact) { return fact.label->text() == label; });
    if (it == m_facts.end()) {
        Fact fact{new QLabel(label), new QLabel};
        Theme::instance().makeMuted(fact.label);
        for (QLabel *part : {fact.label, fact.value})
            part->setForegroundRole(QPalette::WindowText);
        fact.value->setWordWrap(true);
        fact.value->setTextFormat(Qt::PlainText);
        fact.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        fact.value->setAccessibleName(label);
        const auto row = static_cast<int>(m_facts.size());
        m_grid->addWidget(fact.label, row, 0, Qt::AlignTop);
        m_grid->addWidget(fact.value, row, 1, Qt::AlignTop);
        m_facts.push_back(fact);
        it = m_facts.end() - 1;
    }
    it->value->setText(value);
    it->value->setToolTip(toolTip);
    it->label->setVisible(!value.isEmpty());
    it->value->setVisible(!value.isEmpty());
}

QString EncoderCardView::fact(const QString &label) const
{
    for (const Fact &fact : m_facts)
        if (fact.label->text() == label)
            return fact.value->text();
    return {};
}

QString EncoderCardView::problem() const
{
    return m_problem->isHidden() ? QString() : m_problem->text();
}

void EncoderCardView::present(const ListedEncoder *encoder)
{
    auto *stack = static_cast<QStackedLayout *>(layout());
    stack->setCurrentWidget(encoder ? m_body : static_cast<QWidget *>(m_hint));
    if (!encoder)
        return;
    const hub::EncoderCard &card = encoder->card;
    m_name->setText(encoderName(encoder->known.folder, QString::fromStdString(encoder->known.name)));
    m_where->setText(tr("%1 · %2").arg(originText(encoder->known.origin), shownPath(encoder->known.folder)));
    if (card.error.empty())
        m_problem->dismiss();
    else
        m_problem->show(MessageBar::Tone::Error, QString::fromStdString(card.error));

    QString architecture = shown(card.architecture);
    if (card.layers > 0)
        architecture += tr(", %1 layers").arg(card.layers);
    QString parameters = parametersText(card.parameters);
    if (!card.weights.empty())
        parameters += tr(", %1 on disk").arg(QString::fromStdString(card.weights));
    QString pooling = shown(card.pooling);
    for (const std::string &module : card.modules)
        pooling += QStringLiteral(", ") + QString::fromStdString(module == "Normalize" ? "normalized" : module);
    QStringList prompts;
    for (const std::string &prompt : card.prompts)
        prompts << QString::fromStdString(prompt);
    setFact(tr("Architecture"), architecture);
    setFact(tr("Parameters"), parameters, card.parameters < 0 ? QString() : format::count(card.parameters));
    setFact(tr("Dimension"), shown(card.dimension));
    setFact(tr("Max tokens"), shown(card.maxTokens));
    setFact(tr("Pooling"), pooling);
    setFact(tr("Prompts"), prompts.isEmpty() ? tr("none") : prompts.join(QStringLiteral(", ")));
    setFact(tr("Licence"), shown(card.licence));
    setFact(tr("Base model"), shown(card.baseModel));
    setFact(tr("On disk"), card.diskBytes < 0 ? tr("unknown") : format::memory(card.diskBytes));
    setFact(tr("In memory"), card.memoryBytes < 0 ? tr("unknown") : format::memory(card.memoryBytes),
            tr("Its weights as 32-bit numbers; training takes several times as much"));
    QString source = QString::fromStdString(card.source);
    if (!card.revision.empty())
        source += tr(" at %1").arg(QString::fromStdString(card.revision).left(12));
    if (!source.isEmpty() && !card.fetched.empty())
        source += tr(", %1").arg(QString::fromStdString(card.fetched));
    setFact(tr("Fetched from"), source);

    const bool cache = encoder->known.origin == hub::Origin::HubCache;
    m_use->setEnabled(card.error.empty());
    m_remove->setEnabled(!cache);
    m_remove->setText(encoder->known.origin == hub::Origin::Folder ? tr("Forget") : tr("Remove"));
    m_remove->setAccessibleName(m_remove->text());
    m_remove->setToolTip(cache ? tr("It belongs to the cache of the Hugging Face libraries: remove it with their tools")
                         : encoder->known.origin == hub::Origin::Folder
                             ? tr("Take it off this list (Del); its files stay")
                             : tr("Remove it from this machine (Del); it can be undone until you quit"));
}

} // namespace apiary::widgets
