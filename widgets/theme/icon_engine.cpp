#include "widgets/theme/icon_engine.h"

#include <QApplication>
#include <QFile>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace apiary::widgets {

LineIconEngine::LineIconEngine(QString name, QColor colour) : m_name(std::move(name)), m_colour(std::move(colour)) {}

QColor LineIconEngine::colourFor(QIcon::Mode mode) const
{
    const QPalette palette = qApp->palette();
    if (mode == QIcon::Disabled)
        return palette.color(QPalette::Disabled, QPalette::ButtonText);
    if (m_colour.isValid())
        return m_colour;
    return palette.color(QPalette::Active, mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::ButtonText);
}

QPixmap LineIconEngine::scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State, qreal)
{
    const QColor colour = colourFor(mode);
    const QString key =
        QStringLiteral("apiary-icon:%1:%2x%3:%4").arg(m_name).arg(size.width()).arg(size.height()).arg(colour.name());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = QPixmap(size);
    pixmap.fill(Qt::transparent);
    QFile file(QStringLiteral(":/icons/%1.svg").arg(m_name));
    if (file.open(QIODevice::ReadOnly)) {
        QSvgRenderer renderer(file.readAll().replace("currentColor", colour.name().toLatin1()));
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        const int side = qMin(size.width(), size.height());
        renderer.render(&painter, QRectF((size.width() - side) / 2.0, (size.height() - side) / 2.0, side, side));
    }
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

QPixmap LineIconEngine::pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state)
{
    return scaledPixmap(size, mode, state, 1);
}

void LineIconEngine::paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state)
{
    const qreal scale = painter->device() ? painter->device()->devicePixelRatio() : 1;
    QPixmap image = scaledPixmap((QSizeF(rect.size()) * scale).toSize(), mode, state, scale);
    image.setDevicePixelRatio(scale);
    painter->drawPixmap(rect.topLeft(), image);
}

QIconEngine *LineIconEngine::clone() const
{
    return new LineIconEngine(*this);
}

} // namespace apiary::widgets
