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
    const int choice = m_choices.empty() ? 0 : m_choices.front()->sizeHint().height() + 6;
    return {QHeaderView::sizeHint().width(), nameHeight() + choice};
}

void RoleHeader::setRoles(std::vector<data::Role> roles)
{
    for (auto *choice : m_choices)
        choice->deleteLater();
    m_choices.clear();
    m_roles = std::move(roles);
    const std::vector<data::Role> offered = rolesOf(m_use);
    for (std::size_t i = 0; i < m_roles.size(); ++i) {
        if (std::find(offered.begin(), offered.end(), m_roles[i]) == offered.end())
            m_roles[i] = data::Role::None;
        auto *choice = new QComboBox(viewport());
        choice->addItem(roleText(data::Role::None, m_use), static_cast<int>(data::Role::None));
        for (const data::Role role : offered)
            choice->addItem(roleText(role, m_use), static_cast<int>(role));
        const QString name = model()->headerData(static_cast<int>(i), Qt::Horizontal).toString();
        choice->setAccessibleName(tr("Meaning of column %1").arg(name));
        choice->setToolTip(tr("What column \"%1\" means").arg(name));
        choice->installEventFilter(this);
        m_choices.push_back(choice);
        show(i);
        connect(choice, &QComboBox::activated, this, [this, i, choice] {
            setRole(static_cast<int>(i), static_cast<data::Role>(choice->currentData().toInt()));
        });
        choice->setVisible(true);
    }
    updateGeometry();
    if (parentWidget()) // the view gives the header its new height
        QMetaObject::invokeMethod(parentWidget(), "updateGeometries");
    place();
}

void RoleHeader::show(std::size_t column)
{
    m_choices[column]->setCurrentIndex(m_choices[column]->findData(static_cast<int>(m_roles[column])));
    QFont font = m_choices[column]->font();
    font.setBold(m_roles[column] != data::Role::None);
    m_choices[column]->setFont(font);
}

void RoleHeader::setRole(int column, data::Role role)
{
    const auto at = static_cast<std::size_t>(column);
    for (std::size_t i = 0; i < m_roles.size(); ++i)
        if (i != at && m_roles[i] == role && role != data::Role::Text) {
            m_roles[i] = data::Role::None;
            show(i);
        }
    m_roles[at] = role;
    show(at);
    Q_EMIT rolesChanged();
}

void RoleHeader::place()
{
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        const auto column = static_cast<int>(i);
        const int height = m_choices[i]->sizeHint().height();
        m_choices[i]->setGeometry(sectionViewportPosition(column) + 3, nameHeight(), sectionSize(column) - 6, height);
    }
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
