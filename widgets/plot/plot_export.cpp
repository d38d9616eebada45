#include "widgets/plot/plot_export.h"

#include "base/error.h"

#include <QBuffer>
#include <QFileInfo>
#include <QSaveFile>
#include <QSvgGenerator>
#include <QTemporaryDir>
#include <qcustomplot.h>

namespace apiary::widgets {

namespace {

void write(const QByteArray &bytes, const QString &file)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        throw Error("the file cannot be written: " + out.errorString().toStdString(), file.toStdString(),
                    "choose a folder that you may write to");
}

QByteArray svg(QCustomPlot &plot, QSize size)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(0, 0), size));
    generator.setResolution(96);
    generator.setTitle(plot.accessibleName());
    generator.setDescription(plot.accessibleDescription());
    QCPPainter painter;
    painter.begin(&generator);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.fillRect(QRect(QPoint(0, 0), size), plot.palette().color(QPalette::Base));
    plot.toPainter(&painter, size.width(), size.height());
    painter.end();
    return bytes;
}

QByteArray pdf(QCustomPlot &plot, QSize size)
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("plot.pdf"));
    if (!folder.isValid() || !plot.savePdf(file, size.width(), size.height(), QCP::epNoCosmetic,
                                           QStringLiteral("Apiary"), plot.accessibleName()))
        throw Error("the plot cannot be drawn as PDF", file.toStdString(), "choose PNG or SVG");
    QFile drawn(file);
    if (!drawn.open(QIODevice::ReadOnly))
        throw Error("the plot cannot be drawn as PDF", file.toStdString(), "choose PNG or SVG");
    return drawn.readAll();
}

} // namespace

void exportPlot(QCustomPlot &plot, const QString &file, QSize size)
{
    if (size.isEmpty())
        size = plot.size();
    const QString ending = QFileInfo(file).suffix().toLower();
    if (ending == QLatin1String("svg"))
        return write(svg(plot, size), file);
    if (ending == QLatin1String("pdf"))
        return write(pdf(plot, size), file);
    if (ending != QLatin1String("png"))
        throw InputError("a plot cannot be written as \"" + ending.toStdString() + "\"", file.toStdString(),
                         "let the name end in .png, .svg, .pdf or .csv");
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    plot.toPixmap(size.width(), size.height(), 2).toImage().save(&buffer, "PNG");
    write(bytes, file);
}

void exportText(const QString &text, const QString &file)
{
    write(text.toUtf8(), file);
}

} // namespace apiary::widgets
