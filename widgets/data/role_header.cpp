#include "widgets/data/role_header.h"

#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

namespace apiary::widgets {

std::vector<data::Role> rolesOf(TableUse use)
{
    using enum data::Role;
    switch (use) {
    case TableUse::Interactions:
        return {User, Item, Rating, Time};
    case TableUse::Items:
        return {Item, Title, Text};
    case TableUse::Descriptions:
        return {Item, Text};
    }
    return {};
}

QString roleText(data::Role role, TableUse use)
{
    using enum data::Role;
    switch (role) {
    case User:
        return RoleHeader::tr("user");
    case Item:
        return use == TableUse::Interactions ? RoleHeader::tr("item") : RoleHeader::tr("item's id");
    case Rating:
        return RoleHeader::tr("rating");
    case Time:
        return RoleHeader::tr("time");
    case Title:
        return RoleHeader::tr("title");
    case Text:
        return RoleHeader::tr("text");
    case None:
        break;
    }
    return QStringLiteral("–");
}

RoleHeader::RoleHeader(TableUse use, QWidget *parent) : QHeaderView(Qt::Horizontal, parent), m_use(use)
{
    setSectionsClickable(false);
    setHighlightSections(false);
    setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    setMinimumSectionSize(96);
    connect(this, &QHeaderView::sectionResized, this, &RoleHeader::place);
}

int RoleHeader::nameHeight() const
{
    return fontMetrics().height() + 8;
}

QSize RoleHeader::sizeHint() const
{
    const int choice = m_roles.empty() ? 0 : m_choiceHeight + 6;
    return {QHeaderView::sizeHint().width(), nameHeight() + choice};
}

void RoleHeader::setRoles(std::vector<data::Role> roles)
{
    for (auto *choice : m_choices)
        if (choice)
            choice->deleteLater();
    m_roles = std::move(roles);
    m_taken.reset();
    m_choices.assign(m_roles.size(), nullptr);
    const std::vector<data::Role> offered = rolesOf(m_use);
    for (data::Role &role : m_roles)
        if (std::find(offered.begin(), offered.end(), role) == offered.end())
            role = data::Role::None;
    m_choiceHeight = QComboBox().sizeHint().height();
    updateGeometry();
    if (parentWidget()) // the view gives the header its new height
        QMetaObject::invokeMethod(parentWidget(), "updateGeometries");
    place();
}

QComboBox *RoleHeader::choice(int column)
{
    const auto at = static_cast<std::size_t>(column);
    if (m_choices.at(at))
        return m_choices[at];
    auto *choice = new QComboBox(viewport());
    choice->addItem(roleText(data::Role::None, m_use), static_cast<int>(data::Role::None));
    for (const data::Role role : rolesOf(m_use))
        choice->addItem(roleText(role, m_use), static_cast<int>(role));
    const QString name = model()->headerData(column, Qt::Horizontal).toString();
    choice->setAccessibleName(tr("Meaning of column %1").arg(name));
    choice->setToolTip(tr("What column \"%1\" means").arg(name));
    choice->installEventFilter(this);
    m_choices[at] = choice;
    show(at);
    connect(choice, &QComboBox::activated, this,
            [this, column, choice] { setRole(column, static_cast<data::Role>(choice->currentData().toInt())); });
    QWidget *before = m_tabBefore; // Tab goes over the columns from the left
    for (std::size_t i = at; i-- > 0;)
        if (m_choices[i]) {
            before = m_choices[i];
            break;
        }
    if (before)
        setTabOrder(before, choice);
    placeChoice(column);
    choice->setVisible(true);
    return choice;
}

void RoleHeader::show(std::size_t column)
{
    if (!m_choices[column])
        return;
    m_choices[column]->setCurrentIndex(m_choices[column]->findData(static_cast<int>(m_roles[column])));
    QFont font = m_choices[column]->font();
    font.setBold(m_roles[column] != data::Role::None);
    m_choices[column]->setFont(font);
}

void RoleHeader::setRole(int column, data::Role role)
{
    const auto at = static_cast<std::size_t>(column);
    if (m_taken && m_taken->by == at && m_taken->from < m_roles.size() && m_roles[m_taken->from] == data::Role::None) {
        m_roles[m_taken->from] = m_roles[at]; // the arrow keys went over that role only
        show(m_taken->from);
    }
    m_taken.reset();
    for (std::size_t i = 0; i < m_roles.size(); ++i)
        if (i != at && m_roles[i] == role && role != data::Role::None && role != data::Role::Text) {
            m_roles[i] = data::Role::None;
            show(i);
            m_taken = Taken{at, i};
        }
    m_roles[at] = role;
    show(at);
    Q_EMIT rolesChanged();
}

void RoleHeader::placeChoice(int column)
{
    m_choices[static_cast<std::size_t>(column)]->setGeometry(sectionViewportPosition(column) + 3, nameHeight(),
                                                             sectionSize(column) - 6, m_choiceHeight);
}

/// Makes the choices in view, and the one on each side that Tab goes to; puts all where their columns are.
void RoleHeader::place()
{
    const int columns = std::min(count(), static_cast<int>(m_choices.size()));
    if (columns == 0)
        return;
    const int first = std::max(0, visualIndexAt(0) - 1);
    const int end = visualIndexAt(viewport()->width() - 1);
    const int last = std::min(columns - 1, end < 0 ? columns - 1 : end + 1);
    constexpr int mostInView = 200;
    for (int column = first; column <= std::min(last, first + mostInView); ++column)
        choice(column);
    for (int column = 0; column < columns; ++column)
        if (m_choices[static_cast<std::size_t>(column)])
            placeChoice(column);
}

void RoleHeader::follow()
{
    place();
    update();
}

void RoleHeader::updateGeometries()
{
    QHeaderView::updateGeometries();
    place();
}

bool RoleHeader::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::FocusIn) {
        const auto found = std::find(m_choices.begin(), m_choices.end(), watched);
        if (found != m_choices.end())
            Q_EMIT focused(static_cast<int>(found - m_choices.begin()));
    }
    if (event->type() == QEvent::Wheel) { // the wheel scrolls; it changes no meaning
        event->ignore();
        return true;
    }
    return QHeaderView::eventFilter(watched, event);
}

void RoleHeader::paintSection(QPainter *painter, const QRect &rect, int column) const
{
    const Theme &theme = Theme::instance();
    painter->fillRect(rect, palette().color(QPalette::Window));
    painter->setFont(theme.strongFont());
    painter->setPen(theme.text());
    const QString name = model()->headerData(column, Qt::Horizontal).toString();
    const QRect inner(rect.left() + 6, rect.top(), rect.width() - 10, nameHeight());
    painter->drawText(inner, Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetrics(theme.strongFont()).elidedText(name, Qt::ElideRight, inner.width()));
    painter->setPen(theme.border());
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    painter->drawLine(rect.topRight(), rect.bottomRight());
}

} // namespace apiary::widgets
