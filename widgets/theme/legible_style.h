#pragma once

#include <QProxyStyle>

namespace apiary::widgets {

/// Within the edge of a widget that has the focus.
void drawFocusRing(QPainter &painter, const QRect &rect);

/// Qt's own Fusion style with what it draws too faintly on the theme's palettes drawn by hand: boxes of check boxes and
/// radio buttons have an outline, progress bars a filled part that stand out (≥ 3 : 1), push buttons air beside their
/// text. Styles of a desktop are left as they are.
class LegibleStyle : public QProxyStyle {
    Q_OBJECT
public:
    /// Puts it in place of the application's style where that is Fusion.
    static void install();

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override;
    void drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                     const QWidget *widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                            const QWidget *widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                           const QWidget *widget) const override;

private:
    using QProxyStyle::QProxyStyle;
};

} // namespace apiary::widgets
