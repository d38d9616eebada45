#pragma once

#include "data/preview.h"

#include <QHeaderView>
#include <vector>

class QComboBox;

namespace apiary::widgets {

/// What a table is for: which roles its columns may have.
enum class TableUse { Interactions, Items, Descriptions };
std::vector<data::Role> rolesOf(TableUse use); ///< without None
/// "user", "item", "id" …: a role as the table calls it; "–" for None.
QString roleText(data::Role role, TableUse use);

/// A header with a choice of role under each column's name. Roles but Text are taken by one column at a time: choosing
/// one takes it from another.
class RoleHeader : public QHeaderView {
    Q_OBJECT
public:
    explicit RoleHeader(TableUse use, QWidget *parent = nullptr);

    /// One a column of the model; emits nothing.
    void setRoles(std::vector<data::Role> roles);
    const std::vector<data::Role> &roles() const { return m_roles; }
    void setRole(int column, data::Role role); ///< as if chosen
    QComboBox *choice(int column) const { return m_choices.at(static_cast<std::size_t>(column)); }
    QSize sizeHint() const override;

Q_SIGNALS:
    void rolesChanged();
    void focused(int column); ///< the choice has the focus: it should be in view

protected:
    void paintSection(QPainter *painter, const QRect &rect, int column) const override;
    void updateGeometries() override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();
    void show(std::size_t column);
    int nameHeight() const;

    TableUse m_use;
    std::vector<data::Role> m_roles;
    std::vector<QComboBox *> m_choices;
};

} // namespace apiary::widgets
