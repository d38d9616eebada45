#include "widgets/compare/comparison_text.h"

#include "widgets/explore/neighbourhood.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QStringList>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Comparison", text);
}

QString exact(double value)
{
    return QString::number(value, 'g', 17);
}

QString withoutBars(QString text)
{
    return text.replace(QLatin1String("|"), QLatin1String("\\|"));
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

QString intervalText(const eval::Interval &interval)
{
    return QStringLiteral("[%1, %2]").arg(differenceText(interval.low), differenceText(interval.high));
}

QString metricName(const std::string &metric)
{
    QString name = QString::fromStdString(metric);
    if (name.startsWith(QLatin1String("ndcg")))
        return name.replace(0, 4, QStringLiteral("NDCG"));
    if (!name.isEmpty())
        name[0] = name[0].toUpper();
    return name;
}

QString levelText(double level)
{
    return QStringLiteral("%1%").arg(QString::number(level * 100, 'g', 4));
}

QString cellSentence(const ComparedModels &compared, std::size_t model, std::size_t metric)
{
    const auto &row = compared.models[model];
    const auto &cell = row.cells[metric];
    const QString name = metricName(compared.metrics[metric]);
    if (cell.users == 0)
        return tr("%1, %2: no value").arg(row.label, name);
    QString text = tr("%1, %2: %3").arg(row.label, name, metricText(cell.mean.mean));
    if (model == compared.baseline)
        return text + tr(", the baseline");
    text += tr(", %1 against the baseline, %2 interval %3 to %4")
                .arg(differenceText(cell.difference.mean), levelText(compared.level),
                     differenceText(cell.difference.low), differenceText(cell.difference.high));
    return cell.difference.holdsZero() ? text + tr(", not told apart from it") : text;
}

QString comparisonSummary(const ComparedModels &compared)
{
    QStringList sentences;
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

QString comparisonCsv(const ComparedModels &compared)
{
    QString csv =
        QStringLiteral("model,run,metric,value,value_low,value_high,difference,difference_low,difference_high,"
                       "users,baseline,level,resamples,seed\n");
    if (compared.baseline >= compared.models.size())
        return csv;
    const QString baseline = csvField(compared.models[compared.baseline].label);
    for (const auto &model : compared.models)
        for (std::size_t m = 0; m < compared.metrics.size(); ++m) {
            const auto &cell = model.cells[m];
            if (cell.users == 0)
                continue;
            const QStringList line{csvField(model.label),
                                   QString::number(model.run),
                                   csvField(QString::fromStdString(compared.metrics[m])),
                                   exact(cell.mean.mean),
                                   exact(cell.mean.low),
                                   exact(cell.mean.high),
                                   exact(cell.difference.mean),
                                   exact(cell.difference.low),
                                   exact(cell.difference.high),
                                   QString::number(cell.users),
                                   baseline,
                                   exact(compared.level),
                                   QString::number(compared.resamples),
                                   QString::number(compared.seed)};
            csv += line.join(u',') + u'\n';
        }
    return csv;
}

QString comparisonMarkdown(const ComparedModels &compared)
{
    if (compared.baseline >= compared.models.size())
        return {};
    QString head = QStringLiteral("| model |");
    QString rule = QStringLiteral("| --- |");
    for (const auto &metric : compared.metrics) {
        head += QStringLiteral(" %1 |").arg(metricName(metric));
        rule += QStringLiteral(" ---: |");
    }
    QString text = head + u'\n' + rule + u'\n';
    std::int64_t users = 0;
    for (std::size_t i = 0; i < compared.models.size(); ++i) {
        text += QStringLiteral("| %1 |").arg(withoutBars(compared.models[i].label));
        for (const auto &cell : compared.models[i].cells) {
            users = std::max(users, cell.users);
            if (cell.users == 0)
                text += QStringLiteral(" |");
            else if (i == compared.baseline)
                text += QStringLiteral(" %1 |").arg(metricText(cell.mean.mean));
            else
                text += QStringLiteral(" %1 (%2 %3%4) |")
                            .arg(metricText(cell.mean.mean), differenceText(cell.difference.mean),
                                 intervalText(cell.difference),
                                 cell.difference.holdsZero() ? QStringLiteral(" ~") : QString());
        }
        text += u'\n';
    }
    text += tr("\nDifferences to %1 over %2 users with %3 intervals of a paired bootstrap (%4 resamples, seed %5); "
               "~ marks an interval that holds 0.\n")
                .arg(withoutBars(compared.models[compared.baseline].label))
                .arg(users)
                .arg(levelText(compared.level))
                .arg(compared.resamples)
                .arg(compared.seed);
    return text;
}

} // namespace apiary::widgets
