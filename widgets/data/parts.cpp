#include "widgets/data/parts.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QTableView>
#include <cmath>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("apiary::widgets::DataPage", text);
}

} // namespace

void setColumnWidths(QTableView *view, const std::vector<int> &characters, int stretch)
{
    const int unit = QFontMetrics(view->font()).averageCharWidth();
    for (std::size_t i = 0; i < characters.size(); ++i)
        view->setColumnWidth(static_cast<int>(i), unit * characters[i]);
    if (stretch >= 0 && stretch < view->model()->columnCount())
        view->horizontalHeader()->setSectionResizeMode(stretch, QHeaderView::Stretch);
}

QString progressText(const Progress &progress)
{
    const bool bytes = progress.unit == "bytes";
    const auto amount = [&](double value) {
        return bytes ? format::memory(static_cast<qint64>(value)) : format::count(static_cast<qint64>(value));
    };
    const QString unit = bytes ? QString() : u' ' + QString::fromStdString(progress.unit);
    QString text = progress.total > 0 ? tr("%1 of %2")
                                                .arg(amount(static_cast<double>(progress.done)),
                                                     amount(static_cast<double>(progress.total))) +
                                            unit
                                      : amount(static_cast<double>(progress.done)) + unit;
    if (progress.rate > 0)
        text += bytes ? tr(" · %1/s").arg(amount(progress.rate)) : tr(" · %1 a second").arg(amount(progress.rate));
    if (progress.secondsLeft >= 0 && progress.total > 0 && progress.done < progress.total)
        text += tr(" · %1 left")
                    .arg(progress.secondsLeft < 59 ? tr("%1 s").arg(std::ceil(progress.secondsLeft))
                                                   : format::duration(std::ceil(progress.secondsLeft)));
    return text;
}

QString delimiterText(const std::string &delimiter)
{
    return delimiter == ","                          ? tr("comma")
           : delimiter == ";"                        ? tr("semicolon")
           : delimiter == "\t" || delimiter == "\\t" ? tr("tab")
           : delimiter == " "                        ? tr("space")
                                                     : QString::fromStdString(delimiter);
}

} // namespace apiary::widgets
