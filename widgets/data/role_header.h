#pragma once

#include "data/preview.h"

#include <QHeaderView>
#include <optional>
#include <vector>

class QComboBox;

namespace apiary::widgets {

/// What a table is for: which roles its columns may have.
enum class TableUse { Interactions, Items, Descriptions };
std::vector<data::Role> rolesOf(TableUse use); ///< without None
/// "user", "item", "id" …: a role as the table calls it; "–" for None.
QString roleText(data::Role role, TableUse use);

/// A header with a choice of role under each column's name. Roles but Text are taken by one column at a time: choosing
/// one takes it from another. The choices of columns in view are made as they come into view, so that a table may have
/// ten thousand columns.
class RoleHeader : public QHeaderView {
    Q_OBJECT
public:
    explicit RoleHeader(TableUse use, QWidget *parent = nullptr);

    /// One a column of the model; emits nothing.
    void setRoles(std::vector<data::Role> roles);
    const std::vector<data::Role> &roles() const { return m_roles; }
    void setRole(int column, data::Role role); ///< as if chosen
    QComboBox *choice(int column);
    /// The widget before the choices in the order of Tab.
    void setTabBefore(QWidget *widget) { m_tabBefore = widget; }
    QSize sizeHint() const override;
    void follow(); ///< the view was scrolled

Q_SIGNALS:
    void rolesChanged();
    void focused(int column); ///< the choice has the focus: it should be in view

protected:
    void paintSection(QPainter *painter, const QRect &rect, int column) const override;
    void updateGeometries() override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();
    void placeChoice(int column);
    void show(std::size_t column);
    int nameHeight() const;

    TableUse m_use;
    /// A role that the last choice took from another column: it goes back when the same column's choice moves on.
    struct Taken {
        std::size_t by, from;
    };
    std::optional<Taken> m_taken;
    QWidget *m_tabBefore = nullptr;
    std::vector<data::Role> m_roles;
    std::vector<QComboBox *> m_choices; ///< one a column; null until it is made
    int m_choiceHeight = 0;
};

} // namespace apiary::widgets
