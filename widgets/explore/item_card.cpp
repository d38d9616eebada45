#include "widgets/explore/item_card.h"

#include "widgets/explore/role_glyph.h"
#include "widgets/theme/theme.h"

#include <QLabel>
#include <QStackedLayout>
#include <QStringList>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace apiary::widgets {

namespace {

/// "base 12 · tuned 3 · interactions –": the item's rank in each list.
QString rankLine(const Neighbourhood &seenFrom, std::int32_t item, const ExploreColumns &columns)
{
    QStringList parts;
    for (const auto &column : columns) {
        const auto *list = seenFrom.find(column.key);
        if (!list || list->ranks.empty())
            continue;
        const std::int32_t rank = list->ranks[static_cast<std::size_t>(item)];
        parts << shortColumnName(column) + u' ' + (rank > 0 ? format::count(rank) : QStringLiteral("–"));
    }
    return ItemCard::tr("Rank: %1").arg(parts.join(QStringLiteral(" · ")));
}

} // namespace

ItemCard::ItemCard(const QString &accessibleName, const QString &hint, QWidget *parent)
    : QFrame(parent)
    , m_hint(new QLabel(hint))
    , m_body(new QWidget)
    , m_title(new QLabel)
    , m_fields(new QLabel)
    , m_facts(new QLabel)
    , m_role(new RoleBadge(data::ItemRole::Train))
    , m_text(new QTextBrowser)
{
    const Theme &theme = Theme::instance();
    setAccessibleName(accessibleName);
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    for (auto *label : {m_title, m_fields, m_facts, m_hint}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setForegroundRole(QPalette::WindowText); // on the card's ground it would be Text, which muting leaves
    }
    m_title->setFont(theme.strongFont());
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    theme.makeMuted(m_fields);
    theme.makeMuted(m_hint);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setMargin(space::section);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setTabChangesFocus(true);
    m_text->setAccessibleName(tr("Text that an encoder reads"));
    m_text->document()->setDocumentMargin(0);
    m_text->setMinimumHeight(40);

    auto *body = new QVBoxLayout(m_body);
    body->setContentsMargins(12, 12, 12, 8);
    body->setSpacing(space::tight);
    body->addWidget(m_title);
    body->addWidget(m_fields);
    body->addWidget(m_role);
    body->addWidget(m_facts);
    body->addSpacing(space::tight);
    body->addWidget(m_text, 1);

    auto *layout = new QStackedLayout(this);
    layout->addWidget(m_hint);
    layout->addWidget(m_body);
    setMinimumWidth(200);
}

QString ItemCard::facts() const
{
    return m_facts->text();
}

void ItemCard::present(const run::ExploreSession *session, std::int32_t item, const Neighbourhood *seenFrom,
                       const ExploreColumns &columns)
{
    m_item = session ? item : -1;
    auto *stack = static_cast<QStackedLayout *>(layout());
    stack->setCurrentWidget(m_item < 0 ? static_cast<QWidget *>(m_hint) : m_body);
    if (m_item >= 0)
        fill(*session, seenFrom, columns);
}

void ItemCard::fill(const run::ExploreSession &session, const Neighbourhood *seenFrom, const ExploreColumns &columns)
{
    const auto &catalog = session.dataset.catalog;
    const auto row = static_cast<std::size_t>(m_item);
    m_title->setText(titleOf(session, m_item));
    const QString fields = shortFields(catalog, m_item);
    m_fields->setText(fields);
    m_fields->setVisible(!fields.isEmpty());
    m_role->setRole(session.split.roles[row]);
    QStringList facts;
    if (session.interactions) {
        const auto &interactions = *session.interactions;
        const auto users = interactions.users(m_item);
        facts << (users == 1 ? tr("%1 user · popularity rank %2") : tr("%1 users · popularity rank %2"))
                     .arg(format::count(users), format::count(interactions.popularityRank(m_item)));
        if (seenFrom && seenFrom->item != m_item)
            facts << tr("%1 of them in common with %2")
                         .arg(format::count(interactions.usersInCommon(seenFrom->item, m_item)),
                              titleOf(session, seenFrom->item));
    }
    if (seenFrom && seenFrom->item != m_item)
        facts << rankLine(*seenFrom, m_item, columns);
    m_facts->setText(facts.join(u'\n'));
    m_text->setPlainText(QString::fromStdString(catalog.texts[row]));
}

} // namespace apiary::widgets
