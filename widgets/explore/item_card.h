#pragma once

#include "widgets/explore/neighbourhood.h"

#include <QFrame>

#include <memory>

class QLabel;
class QTextBrowser;

namespace apiary::widgets {

class RoleBadge;

/// What is known of an item: title, short fields, users and popularity rank, role, text. With a neighbourhood also how
/// it stands to the item in view: users in common and its rank in each list.
class ItemCard : public QFrame {
    Q_OBJECT
public:
    /// `hint` stands where there is no item to show.
    explicit ItemCard(const QString &accessibleName, const QString &hint, QWidget *parent = nullptr);

    /// `columns` name the lists that ranks are told of.
    void present(const run::ExploreSession *session, std::int32_t item, const Neighbourhood *seenFrom = nullptr,
                 const ExploreColumns &columns = {});
    std::int32_t item() const { return m_item; }
    QString facts() const; ///< the line of numbers, as shown

private:
    void fill(const run::ExploreSession &session, const Neighbourhood *seenFrom, const ExploreColumns &columns);

    std::int32_t m_item = -1;
    QLabel *m_hint;
    QWidget *m_body;
    QLabel *m_title;
    QLabel *m_fields;
    QLabel *m_facts;
    RoleBadge *m_role;
    QTextBrowser *m_text;
};

} // namespace apiary::widgets
