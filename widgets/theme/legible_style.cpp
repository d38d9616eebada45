#include "widgets/theme/legible_style.h"

#include "widgets/theme/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>

#include <algorithm>

namespace apiary::widgets {

namespace {

/// Between the ground of a field and its text: `share` of the text.
QColor between(const QPalette &palette, float share)
{
    const QColor ground = palette.color(QPalette::Base);
    const QColor text = palette.color(QPalette::Text);
    const auto at = [&](float a, float b) { return a + (b - a) * share; };
    return QColor::fromRgbF(at(ground.redF(), text.redF()), at(ground.greenF(), text.greenF()),
                            at(ground.blueF(), text.blueF()));
}

/// The ground and the outline of a box, round or not, and the pen of its mark.
void drawBox(const QStyleOption &option, QPainter &painter, const QRectF &box, double radius)
{
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    const bool over = enabled && option.state.testFlag(QStyle::State_MouseOver);
    const bool down = enabled && option.state.testFlag(QStyle::State_Sunken);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(between(option.palette, enabled ? (over ? 0.8F : 0.6F) : 0.35F), 1));
    painter.setBrush(down ? between(option.palette, 0.2F) : option.palette.color(QPalette::Base));
    painter.drawRoundedRect(box, radius, radius);
    const QColor mark = enabled ? option.palette.color(QPalette::Text) : between(option.palette, 0.45F);
    painter.setPen(QPen(mark, 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(mark);
}

/// The largest square of whole pixels in the middle, on the centres of its pixels.
QRectF boxOf(const QRect &area)
{
    const int side = std::min(area.width(), area.height());
    QRect box(0, 0, side, side);
    box.moveCenter(area.center());
    return QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5);
}

void drawCheckBox(const QStyleOption &option, QPainter &painter)
{
    const QRectF box = boxOf(option.rect);
    drawBox(option, painter, box, 2);
    const auto at = [&](double x, double y) { return QPointF(box.x() + x * box.width(), box.y() + y * box.height()); };
    if (option.state.testFlag(QStyle::State_NoChange)) {
        painter.drawLine(at(0.28, 0.5), at(0.72, 0.5));
    } else if (option.state.testFlag(QStyle::State_On)) {
        painter.setBrush(Qt::NoBrush);
        const QPointF tick[] = {at(0.24, 0.53), at(0.43, 0.72), at(0.78, 0.28)};
        painter.drawPolyline(tick, 3);
    }
}

void drawRadioButton(const QStyleOption &option, QPainter &painter)
{
    const QRectF box = boxOf(option.rect);
    drawBox(option, painter, box, box.width() / 2);
    if (!option.state.testFlag(QStyle::State_On))
        return;
    painter.setPen(Qt::NoPen);
    painter.drawEllipse(box.center(), box.width() * 0.25, box.width() * 0.25);
}

void fillRounded(QPainter &painter, const QRectF &rect, const QColor &colour)
{
    const double radius = std::min({3.0, rect.width() / 2, rect.height() / 2});
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRoundedRect(rect, radius, radius);
}

/// The part of a bar that is done, in the colour of quiet text.
void drawDone(const QStyleOptionProgressBar &bar, QPainter &painter)
{
    const qint64 steps = static_cast<qint64>(bar.maximum) - bar.minimum;
    const double done = static_cast<double>(std::max(bar.progress, bar.minimum)) - bar.minimum;
    const double share = std::clamp(done / static_cast<double>(steps), 0.0, 1.0);
    QRectF part(bar.rect);
    part.setWidth(part.width() * share);
    if (bar.direction == Qt::RightToLeft)
        part.moveRight(QRectF(bar.rect).right());
    QPainterPath groove;
    groove.addRoundedRect(QRectF(bar.rect), 3, 3);
    painter.setClipPath(groove, Qt::IntersectClip);
    fillRounded(painter, part, Theme::instance().mutedText());
}

/// Fusion outlines what has the focus in the highlight's colour, which lies near the ground's in our palettes.
void outlineFocus(const QStyleOption &option, QPainter &painter)
{
    if ((option.state & QStyle::State_HasFocus) && (option.state & QStyle::State_Enabled))
        drawFocusRing(painter, option.rect);
}

} // namespace

void drawFocusRing(QPainter &painter, const QRect &rect)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Theme::instance().text(), 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 3, 3);
    painter.restore();
}

void LegibleStyle::install()
{
    if (qApp->style()->name() == QLatin1String("fusion"))
        qApp->setStyle(new LegibleStyle(QStringLiteral("fusion")));
}

void LegibleStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                                 const QWidget *widget) const
{
    if (element != PE_IndicatorCheckBox && element != PE_IndicatorRadioButton) {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option);
        if (element == PE_PanelLineEdit && frame && frame->lineWidth > 0)
            outlineFocus(*option, *painter);
        return;
    }
    painter->save();
    if (element == PE_IndicatorCheckBox)
        drawCheckBox(*option, *painter);
    else
        drawRadioButton(*option, *painter);
    painter->restore();
}

void LegibleStyle::drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                               const QWidget *widget) const
{
    const auto *bar = qstyleoption_cast<const QStyleOptionProgressBar *>(option);
    if (element == CE_ProgressBarGroove) {
        painter->save();
        fillRounded(*painter, option->rect, Theme::instance().border());
        painter->restore();
        return;
    }
    if (element == CE_ProgressBarContents && bar && bar->maximum != bar->minimum) {
        painter->save();
        drawDone(*bar, *painter);
        painter->restore();
        return;
    }
    if (element == CE_ProgressBarContents && bar) { // of unknown length: Fusion moves it
        QStyleOptionProgressBar legible = *bar;
        legible.palette.setColor(QPalette::Highlight, Theme::instance().mutedText());
        return QProxyStyle::drawControl(element, &legible, painter, widget);
    }
    QProxyStyle::drawControl(element, option, painter, widget);
    if (element == CE_PushButton)
        outlineFocus(*option, *painter);
}

void LegibleStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                                      const QWidget *widget) const
{
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if (control == CC_ComboBox || control == CC_SpinBox || control == CC_ToolButton)
        outlineFocus(*option, *painter);
}

QSize LegibleStyle::sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                                     const QWidget *widget) const
{
    QSize made = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option);
        type == CT_PushButton && button && !button->text.isEmpty())
        made.setWidth(std::max(made.width(), size.width() + 2 * space::section));
    return made;
}

} // namespace apiary::widgets
