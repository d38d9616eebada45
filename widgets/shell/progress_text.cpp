#include "widgets/shell/progress_text.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <cmath>

namespace apiary::widgets {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("apiary::widgets::Progress", text);
}

bool ofBytes(const Progress &progress)
{
    return progress.unit == "bytes";
}

QString numberText(const Progress &progress, double value)
{
    const auto whole = static_cast<qint64>(value);
    return ofBytes(progress) ? format::memory(whole) : format::count(whole);
}

} // namespace

QString amountText(const Progress &progress)
{
    QString text = numberText(progress, static_cast<double>(progress.done));
    if (progress.total > 0)
        text = tr("%1 of %2").arg(text, numberText(progress, static_cast<double>(progress.total)));
    return ofBytes(progress) || progress.unit.empty() ? text : text + u' ' + QString::fromStdString(progress.unit);
}

QString leftText(const Progress &progress)
{
    if (progress.secondsLeft < 0 || progress.total <= 0 || progress.done >= progress.total)
        return {};
    const double seconds = std::ceil(progress.secondsLeft);
    return tr(" · %1 left").arg(seconds < 60 ? tr("%1 s").arg(seconds) : format::duration(seconds));
}

QString progressText(const Progress &progress)
{
    QString text = amountText(progress);
    if (progress.rate > 0)
        text += (ofBytes(progress) ? tr(" · %1/s") : tr(" · %1 a second")).arg(numberText(progress, progress.rate));
    return text + leftText(progress);
}

} // namespace apiary::widgets
