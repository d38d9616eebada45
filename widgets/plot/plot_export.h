#pragma once

#include <QSize>
#include <QString>

class QCustomPlot;

namespace apiary::widgets {

/// Draws a plot into a file whose ending says the format: .png (at twice the size), .svg, .pdf. Written beside and
/// renamed, so that a failure leaves what was there. An empty size takes the plot's own. Throws InputError for another
/// ending, Error where the file cannot be written.
void exportPlot(QCustomPlot &plot, const QString &file, QSize size = {});

/// Writes a text in the same safe way.
void exportText(const QString &text, const QString &file);

} // namespace apiary::widgets
