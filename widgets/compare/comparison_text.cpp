#include "widgets/compare/comparison_text.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QStringList>

#include <cmath>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Comparison", text);
}

} // namespace

QString metricText(double value)
{
    return format::metric(value);
}

QString differenceText(double value)
{
    return format::signedMetric(value);
}

QString deviationText(double value)
{
    return QStringLiteral("± ") + format::number(value, 2);
}

QString intervalText(const eval::Interval &interval)
{
    return QStringLiteral("[%1, %2]").arg(differenceText(interval.low), differenceText(interval.high));
}

QString probabilityText(double p)
{
    return QString::fromStdString(eval::probabilityText(p));
}

QString metricName(const std::string &metric)
{
    QString name = QString::fromStdString(metric);
    for (const char *initials : {"ndcg@", "map@", "mrr@"})
        if (const QLatin1String known(initials); name.startsWith(known))
            return name.replace(0, known.size(), QString(known).toUpper());
    if (!name.isEmpty())
        name[0] = name[0].toUpper();
    return name;
}

QString segmentName(const std::string &segment)
{
    QString name = QString::fromStdString(segment);
    if (!name.isEmpty())
        name[0] = name[0].toUpper();
    return name;
}

std::size_t columnCount(const ComparedModels &compared)
{
    return compared.metrics.size() + compared.totals.size();
}

QString columnName(const ComparedModels &compared, std::size_t column)
{
    const std::size_t metrics = compared.metrics.size();
    return metricName(column < metrics ? compared.metrics[column] : compared.totals[column - metrics]);
}

std::optional<eval::Interval> valueIn(const ComparedModels &compared, std::size_t model, std::size_t column)
{
    const ComparedModel &row = compared.models[model];
    if (column < compared.metrics.size())
        return row.cells[column].users > 0 ? std::optional(row.cells[column].mean) : std::nullopt;
    const double total = row.totals[column - compared.metrics.size()];
    return std::isfinite(total) ? std::optional(eval::Interval{total, total, total}) : std::nullopt;
}

QString testText(const ComparedModels &compared)
{
    return QString::fromStdString(
        eval::testStatement(compared.models.empty() ? 0 : compared.models.size() - 1, !compared.spreads.empty()));
}

QString levelText(double level)
{
    return QStringLiteral("%1%").arg(QString::number(level * 100, 'g', 4));
}

QString cellSentence(const ComparedModels &compared, std::size_t model, std::size_t column)
{
    const QString name = columnName(compared, column);
    const QString label = labelOf(compared.models[model]);
    const auto value = valueIn(compared, model, column);
    if (!value)
        return tr("%1, %2: no value").arg(label, name);
    QString text = tr("%1, %2: %3").arg(label, name, metricText(value->mean));
    if (column >= compared.metrics.size())
        return text + tr(", of all lists together");
    if (model == compared.baseline)
        return text + tr(", the baseline");
    const auto &cell = compared.models[model].cells[column];
    text += tr(", %1 against the baseline, %2 interval %3 to %4")
                .arg(differenceText(cell.difference.mean), levelText(compared.level),
                     differenceText(cell.difference.low), differenceText(cell.difference.high));
    if (!cell.toldApart(compared.level))
        text += tr(", not told apart from it");
    return text + tr(", p %1 by Wilcoxon's signed-rank test%2")
                      .arg(probabilityText(cell.holm), compared.models.size() > 2 ? tr(", Holm-corrected") : QString());
}

QString spreadSentence(const ComparedModels &compared, std::size_t spread, std::size_t column)
{
    const run::SpreadRow &row = compared.spreads[spread];
    const QString label = QString::fromStdString(row.label), name = columnName(compared, column);
    const eval::Spread &cell = row.cells[column];
    if (cell.runs == 0)
        return tr("%1, %2: no value").arg(label, name);
    return tr("%1, %2: mean %3, standard deviation %4 over runs %5")
        .arg(label, name, metricText(cell.mean), format::number(cell.deviation, 2), runsText(row));
}

QString runsText(const run::SpreadRow &row)
{
    QStringList runs;
    for (const std::int64_t run : row.runs)
        runs << QString::number(run);
    return runs.join(QStringLiteral(", "));
}

QString comparisonSummary(const ComparedModels &compared)
{
    QStringList sentences;
    if (!compared.segment.empty())
        sentences << segmentName(compared.segment) + u'.';
    for (std::size_t m = 0; m < compared.metrics.size(); ++m) {
        std::size_t best = compared.models.size();
        for (std::size_t i = 0; i < compared.models.size(); ++i)
            if (compared.models[i].cells[m].users > 0 &&
                (best == compared.models.size() ||
                 compared.models[i].cells[m].mean.mean > compared.models[best].cells[m].mean.mean))
                best = i;
        if (best < compared.models.size())
            sentences << tr("Best: %1.").arg(cellSentence(compared, best, m));
    }
    return sentences.join(u' ');
}

} // namespace apiary::widgets
