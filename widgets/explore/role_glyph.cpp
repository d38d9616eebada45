#include "widgets/explore/role_glyph.h"

#include "widgets/explore/neighbourhood.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QPainter>
#include <QPainterPath>

namespace apiary::widgets {

namespace {
constexpr double diameter = 8;
}

void paintRoleGlyph(QPainter &painter, const QRectF &area, data::ItemRole role, const QColor &colour)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QRectF disc(0, 0, diameter, diameter);
    disc.moveCenter(area.center());
    painter.setPen(QPen(colour, 1.5));
    painter.setBrush(role == data::ItemRole::Train ? QBrush(colour) : QBrush(Qt::NoBrush));
    painter.drawEllipse(disc);
    if (role == data::ItemRole::Validation) {
        QPainterPath half;
        half.moveTo(disc.center());
        half.arcTo(disc, 90, 180);
        half.closeSubpath();
        painter.fillPath(half, colour);
    }
    painter.restore();
}

RoleBadge::RoleBadge(data::ItemRole role, QWidget *parent) : QWidget(parent), m_role(role)
{
    setRole(role);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void RoleBadge::setRole(data::ItemRole role)
{
    m_role = role;
    setAccessibleName(roleName(role));
    setToolTip(roleHelp(role));
    updateGeometry();
    update();
}

QSize RoleBadge::sizeHint() const
{
    const QFontMetrics metrics(Theme::instance().smallFont());
    return {static_cast<int>(diameter) + 2 + space::tight + 2 + metrics.horizontalAdvance(roleName(m_role)) + 2,
            metrics.height() + 2};
}

void RoleBadge::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QColor colour = Theme::instance().mutedText();
    paintRoleGlyph(painter, QRectF(1, 0, diameter + 1, height()), m_role, colour);
    painter.setFont(Theme::instance().smallFont());
    painter.setPen(colour);
    painter.drawText(rect().adjusted(static_cast<int>(diameter) + 2 + space::tight + 2, 0, 0, 0),
                     Qt::AlignLeft | Qt::AlignVCenter, roleName(m_role));
}

void RoleBadge::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange)
        updateGeometry();
}

} // namespace apiary::widgets
