#pragma once

#include "data/split.h"

#include <QWidget>

namespace apiary::widgets {

/// A small disc that tells an item's role without colour: full where it was trained on, half for validation, a ring
/// where it was held out. Centred in `area`.
void paintRoleGlyph(QPainter &painter, const QRectF &area, data::ItemRole role, const QColor &colour);

/// The glyph beside its name.
class RoleBadge : public QWidget {
    Q_OBJECT
public:
    explicit RoleBadge(data::ItemRole role, QWidget *parent = nullptr);
    void setRole(data::ItemRole role);
    data::ItemRole role() const { return m_role; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    data::ItemRole m_role;
};

} // namespace apiary::widgets
