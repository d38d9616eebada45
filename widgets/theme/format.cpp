#include "base/number_text.h"
#include "widgets/theme/theme.h"

#include <QDateTime>
#include <QLocale>
#include <array>
#include <cmath>

namespace apiary::widgets::format {

QString number(double value, int digits)
{
    return QString::fromStdString(numberText(value, digits));
}

QString metric(double value)
{
    return number(value);
}

QString signedMetric(double value)
{
    return QString::fromStdString(signedText(value));
}

QString count(qint64 value)
{
    const QLocale locale;
    // "C" is a machine's locale, with no groups at all.
    return (locale.language() == QLocale::C ? QLocale(QLocale::English) : locale).toString(value);
}

QString plural(qint64 value, const QString &one, const QString &many)
{
    return value == 1 ? one : many.arg(count(value));
}

QString memory(qint64 bytes)
{
    if (bytes < 0)
        return QStringLiteral("–");
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    const int decimals = unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return QStringLiteral("%1 %2").arg(QString::number(value, 'f', decimals), QLatin1String(units[unit]));
}

QString duration(double seconds)
{
    if (seconds < 0 || !std::isfinite(seconds))
        return QStringLiteral("–");
    if (seconds < 10)
        return QStringLiteral("%1 s").arg(seconds, 0, 'f', 1);
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole < 60)
        return QStringLiteral("%1 s").arg(whole);
    if (whole < 3600)
        return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return QStringLiteral("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString date(qint64 unixSeconds)
{
    if (unixSeconds <= 0)
        return QStringLiteral("–");
    const QLocale locale = QLocale::system();
    const QDateTime moment = QDateTime::fromSecsSinceEpoch(unixSeconds);
    QString clock = locale.timeFormat(QLocale::ShortFormat);
    clock.remove(QStringLiteral(":ss")); // some locales' short time has seconds
    return locale.toString(moment.date(), QLocale::ShortFormat) + QLatin1Char(' ') +
           locale.toString(moment.time(), clock);
}

} // namespace apiary::widgets::format
