#include "widgets/data/parts.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QRegularExpression>
#include <QTableView>
#include <algorithm>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("apiary::widgets::DataPage", text);
}

} // namespace

void setColumnWidths(QTableView *view, const std::vector<int> &characters)
{
    const int unit = QFontMetrics(view->font()).averageCharWidth();
    QHeaderView *header = view->horizontalHeader();
    for (int column = 0; column < std::min(static_cast<int>(characters.size()), header->count()); ++column) {
        const int wanted = characters[static_cast<std::size_t>(column)];
        header->setSectionResizeMode(column, wanted == 0 ? QHeaderView::Stretch : QHeaderView::Interactive);
        if (wanted > 0)
            view->setColumnWidth(column, std::max(unit * wanted, header->sectionSizeHint(column)));
    }
}

QString reviewText(bool refusal, bool cleaned)
{
    if (!refusal)
        return tr("empty, left out");
    return cleaned ? tr("refusal, taken out") : tr("refusal, kept");
}

QString reviewSummary(qint64 refusals, qint64 empty, bool cleaned)
{
    QStringList sentences;
    if (refusals > 0 && cleaned)
        sentences << format::plural(refusals, tr("1 refusal was taken out of its text."),
                                    tr("%1 refusals were taken out of their texts."));
    else if (refusals > 0)
        sentences << format::plural(refusals, tr("1 refusal is listed for review; its text is kept."),
                                    tr("%1 refusals are listed for review; their texts are kept."));
    if (empty > 0)
        sentences << format::plural(empty, tr("1 item without text is left out."),
                                    tr("%1 items without text are left out."));
    return sentences.join(u' ');
}

QString warningText(const std::string &warning)
{
    static const QRegularExpression counts(QStringLiteral("^\\d{4,}(?= )|(?<= of )\\d{4,}(?= )"));
    QString text = QString::fromStdString(warning);
    for (qsizetype from = 0;;) {
        const QRegularExpressionMatch match = counts.match(text, from);
        if (!match.hasMatch())
            return text;
        const QString grouped = format::count(match.captured().toLongLong());
        text.replace(match.capturedStart(), match.capturedLength(), grouped);
        from = match.capturedStart() + grouped.size();
    }
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
