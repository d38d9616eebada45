#pragma once

#include <QColor>
#include <QIconEngine>

namespace apiary::widgets {

/// Draws an SVG of line icons (:/icons/NAME.svg) in the palette's text colour of the moment, or in a fixed colour.
class LineIconEngine : public QIconEngine {
public:
    LineIconEngine(QString name, QColor colour);
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override;
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override;
    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State state, qreal scale) override;
    QIconEngine *clone() const override;

private:
    QColor colourFor(QIcon::Mode mode) const;

    QString m_name;
    QColor m_colour; ///< invalid: the palette's
};

} // namespace apiary::widgets
