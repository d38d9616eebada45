#include "widgets/compare/comparison_delegate.h"

#include "widgets/compare/comparison_model.h"
#include "widgets/compare/comparison_text.h"
#include "widgets/theme/theme.h"

#include <QPainter>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int margin = space::group;
constexpr int padding = space::tight; ///< above and below a row's lines
constexpr int swatch = 10;

int lineHeight()
{
    return QFontMetrics(Theme::instance().bodyFont()).height();
}

int smallHeight()
{
    return QFontMetrics(Theme::instance().smallFont()).height();
}

/// The line of the value, which the lines of a row share.
QRect upper(const QRect &cell)
{
    return {cell.left(), cell.top() + padding, cell.width(), lineHeight()};
}

/// The n-th line in small type below it.
QRect lower(const QRect &cell, int n)
{
    return {cell.left(), cell.top() + padding + lineHeight() + n * smallHeight(), cell.width(), smallHeight()};
}

/// Width that the widest difference or deviation of the column takes, so that values of a column line up; none in one of
/// totals.
int differenceWidth(const QModelIndex &index)
{
    const auto *model = qobject_cast<const ComparisonModel *>(index.model());
    if (model && model->compared() && index.column() > static_cast<int>(model->compared()->metrics.size()))
        return 0;
    const QFontMetrics metrics(Theme::instance().strongFont());
    int width = metrics.horizontalAdvance(QStringLiteral("+0.0000"));
    for (int row = 0; row < index.model()->rowCount(); ++row) {
        if (const QVariant deviation = index.siblingAtRow(row).data(ComparisonModel::DeviationRole);
            deviation.isValid())
            width = std::max(width, metrics.horizontalAdvance(deviationText(deviation.toDouble())));
        if (const QVariant difference = index.siblingAtRow(row).data(ComparisonModel::DifferenceRole);
            difference.isValid())
            width = std::max(width, metrics.horizontalAdvance(differenceText(difference.toDouble())));
    }
    return width + space::group;
}

eval::Interval intervalOf(const QModelIndex &index)
{
    return {0, index.data(ComparisonModel::LowRole).toDouble(), index.data(ComparisonModel::HighRole).toDouble()};
}

bool isSpread(const QModelIndex &index)
{
    return index.data(ComparisonModel::KindRole).toInt() < 0;
}

} // namespace

ComparisonDelegate::ComparisonDelegate(StyleOf style, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_style(std::move(style))
{
}

void ComparisonDelegate::paintMarker(QPainter *painter, const QPointF &centre, const QModelIndex &index) const
{
    const auto *model = qobject_cast<const ComparisonModel *>(index.model());
    if (!model || !model->compared())
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->translate(centre);
    if (isSpread(index)) { // of several runs, so of no run's colour
        painter->setPen(QPen(Theme::instance().mutedText(), 1.5));
        painter->drawEllipse(QPointF(0, 0), swatch / 2.0 - 1, swatch / 2.0 - 1);
    } else {
        const ModelStyle style = m_style(model->compared()->models[static_cast<std::size_t>(index.row())]);
        painter->scale(swatch / 6.0, swatch / 6.0);
        painter->fillPath(markerPath(style.marker), style.colour);
    }
    painter->restore();
}

void ComparisonDelegate::paintName(QPainter *painter, const QRect &cell, const QModelIndex &index) const
{
    const Theme &theme = Theme::instance();
    const bool baseline = index.data(ComparisonModel::BaselineRole).toBool();
    const QRect line = upper(cell);
    paintMarker(painter, QPointF(line.left() + swatch / 2.0, QRectF(line).center().y()), index);
    const QRect text = line.adjusted(swatch + space::group, 0, 0, 0);
    painter->setFont(baseline ? theme.strongFont() : theme.bodyFont());
    painter->setPen(theme.text());
    painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, text.width()));
    const QRect below = lower(cell, 0).adjusted(swatch + space::group, 0, 0, 0);
    painter->setFont(theme.smallFont());
    painter->setPen(theme.mutedText());
    painter->drawText(below, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data(ComparisonModel::NoteRole).toString(),
                                                        Qt::ElideRight, below.width()));
}

QStringList ComparisonDelegate::lowerLines(const QModelIndex &index) const
{
    if (const QVariant deviation = index.data(ComparisonModel::DeviationRole); deviation.isValid())
        return differenceWidth(index) > 0 ? QStringList() // it stands beside the value
                                          : QStringList(deviationText(deviation.toDouble()));
    const QVariant probability = index.data(ComparisonModel::ProbabilityRole);
    if (!probability.isValid())
        return {};
    const QString interval = intervalText(intervalOf(index));
    QString p = probabilityText(probability.toDouble());
    p = p.startsWith(u'<') ? tr("p < %1").arg(p.mid(1)) : tr("p = %1").arg(p);
    return m_stacked ? QStringList{interval, p} : QStringList(p + QStringLiteral("  ") + interval);
}

void ComparisonDelegate::paintCell(QPainter *painter, const QRect &cell, const QModelIndex &index) const
{
    const Theme &theme = Theme::instance();
    const QVariant value = index.data(ComparisonModel::ValueRole);
    painter->setFont(theme.numberFont());
    painter->setPen(theme.text());
    if (!value.isValid()) {
        painter->setPen(theme.mutedText());
        painter->drawText(upper(cell), Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("–"));
        return;
    }
    const bool baseline = index.data(ComparisonModel::BaselineRole).toBool();
    const QRect line = upper(cell);
    if (baseline)
        painter->setFont(theme.strongFont());
    painter->drawText(line.adjusted(0, 0, -differenceWidth(index), 0), Qt::AlignRight | Qt::AlignVCenter,
                      metricText(value.toDouble()));
    painter->setFont(theme.smallFont());
    painter->setPen(theme.mutedText());
    const QStringList lines = lowerLines(index);
    for (int n = 0; n < lines.size(); ++n)
        painter->drawText(lower(cell, n), Qt::AlignRight | Qt::AlignVCenter, lines[n]);
    if (const QVariant deviation = index.data(ComparisonModel::DeviationRole);
        deviation.isValid() && differenceWidth(index) > 0) {
        painter->setFont(theme.bodyFont());
        painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, deviationText(deviation.toDouble()));
    }
    if (baseline || !index.data(ComparisonModel::DifferenceRole).isValid())
        return;
    const bool pale = index.data(ComparisonModel::PaleRole).toBool();
    painter->setPen(pale ? theme.mutedText() : theme.text());
    QFont font = theme.bodyFont();
    font.setWeight(pale ? QFont::Normal : QFont::DemiBold);
    painter->setFont(font);
    painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter,
                      differenceText(index.data(ComparisonModel::DifferenceRole).toDouble()));
}

void ComparisonDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    if (option.state & QStyle::State_Selected) {
        QColor ground = option.palette.color(QPalette::Highlight);
        ground.setAlphaF(0.2F); // over the view's own colour: the cell's colours stay legible
        painter->fillRect(option.rect, option.palette.color(QPalette::Base));
        painter->fillRect(option.rect, ground);
    }
    const QRect cell = option.rect.adjusted(margin, 0, -margin, 0);
    if (isSpread(index) && index.row() > 0 && !isSpread(index.siblingAtRow(index.row() - 1)))
        painter->fillRect(QRect(option.rect.topLeft(), QSize(option.rect.width(), 1)), Theme::instance().border());
    if (index.column() == 0)
        paintName(painter, cell, index);
    else
        paintCell(painter, cell, index);
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(Theme::instance().text(), 1, Qt::DotLine));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(1, 1, -2, -2));
    }
    painter->restore();
}

QSize ComparisonDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    const QFontMetrics body(Theme::instance().strongFont());
    const QFontMetrics small(Theme::instance().smallFont());
    const auto height = [](qsizetype lines) {
        return 2 * padding + lineHeight() + static_cast<int>(lines) * smallHeight();
    };
    if (index.column() == 0) {
        const int name = body.horizontalAdvance(index.data().toString());
        const int note = small.horizontalAdvance(index.data(ComparisonModel::NoteRole).toString());
        return {std::max(name, note) + swatch + space::group + 2 * margin + 2, height(1)};
    }
    int width =
        body.horizontalAdvance(metricText(index.data(ComparisonModel::ValueRole).toDouble())) + differenceWidth(index);
    const QStringList lines = lowerLines(index);
    for (const QString &line : lines)
        width = std::max(width, small.horizontalAdvance(line));
    return {width + 2 * margin + 2, height(std::max<qsizetype>(1, lines.size()))};
}

} // namespace apiary::widgets
