#include "widgets/compare/comparison_delegate.h"

#include "widgets/compare/comparison_model.h"
#include "widgets/compare/comparison_text.h"
#include "widgets/theme/theme.h"

#include <QPainter>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int margin = space::group;
constexpr int swatch = 10;

int lineHeight()
{
    return QFontMetrics(Theme::instance().bodyFont()).height();
}

QRect upper(const QRect &cell)
{
    const int text = lineHeight() * 2;
    return {cell.left(), cell.top() + (cell.height() - text) / 2, cell.width(), lineHeight()};
}

QRect lower(const QRect &cell)
{
    return upper(cell).translated(0, lineHeight());
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

/// The model of a row; of a row of seeds that of its newest run.
const ComparedModel *modelOf(const ComparedModels &compared, int row)
{
    const auto place = static_cast<std::size_t>(row);
    if (place < compared.models.size())
        return &compared.models[place];
    const std::int64_t run = compared.spreads[place - compared.models.size()].runs.front();
    const auto found = std::find_if(compared.models.begin(), compared.models.end(), [run](const ComparedModel &model) {
        return model.kind == ModelKind::Tuned && model.run == run;
    });
    return found == compared.models.end() ? nullptr : &*found;
}

} // namespace

ComparisonDelegate::ComparisonDelegate(ModelColour colour, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_colour(std::move(colour))
{
}

void ComparisonDelegate::paintName(QPainter *painter, const QRect &cell, const QModelIndex &index) const
{
    const Theme &theme = Theme::instance();
    const auto *model = qobject_cast<const ComparisonModel *>(index.model());
    const bool baseline = index.data(ComparisonModel::BaselineRole).toBool();
    const QString note = index.data(ComparisonModel::NoteRole).toString();
    const QRect line = note.isEmpty() ? cell : upper(cell);
    if (const ComparedModel *shown = model && model->compared() ? modelOf(*model->compared(), index.row()) : nullptr) {
        QRect box(0, 0, swatch, swatch);
        box.moveCenter(QPoint(line.left() + swatch / 2, line.center().y()));
        painter->fillRect(box, m_colour(*shown));
    }
    const QRect text = line.adjusted(swatch + space::group, 0, 0, 0);
    painter->setFont(baseline ? theme.strongFont() : theme.bodyFont());
    painter->setPen(theme.text());
    painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, text.width()));
    if (note.isEmpty())
        return;
    painter->setFont(theme.smallFont());
    painter->setPen(theme.mutedText());
    painter->drawText(lower(cell).adjusted(swatch + space::group, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, note);
}

QString ComparisonDelegate::lowerText(const QModelIndex &index) const
{
    if (const QVariant deviation = index.data(ComparisonModel::DeviationRole); deviation.isValid())
        return differenceWidth(index) > 0 ? QString() : deviationText(deviation.toDouble()); // else beside the value
    if (!index.data(ComparisonModel::DifferenceRole).isValid() || index.data(ComparisonModel::BaselineRole).toBool())
        return {};
    const QString interval = intervalText(intervalOf(index));
    if (!m_showsP)
        return interval;
    const QString p = probabilityText(index.data(ComparisonModel::ProbabilityRole).toDouble());
    return (p.startsWith(u'<') ? tr("p %1") : tr("p = %1")).arg(p) + QStringLiteral("  ") + interval;
}

void ComparisonDelegate::paintCell(QPainter *painter, const QRect &cell, const QModelIndex &index) const
{
    const Theme &theme = Theme::instance();
    const QVariant value = index.data(ComparisonModel::ValueRole);
    painter->setFont(theme.numberFont());
    painter->setPen(theme.text());
    if (!value.isValid()) {
        painter->setPen(theme.mutedText());
        painter->drawText(cell, Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("–"));
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
    painter->drawText(lower(cell), Qt::AlignRight | Qt::AlignVCenter, lowerText(index));
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
    const int height = 2 * lineHeight() + 12;
    if (index.column() == 0) {
        const int name = body.horizontalAdvance(index.data().toString());
        const int note = small.horizontalAdvance(index.data(ComparisonModel::NoteRole).toString());
        return {std::max(name, note) + swatch + space::group + 2 * margin + 2, height};
    }
    const int values =
        body.horizontalAdvance(metricText(index.data(ComparisonModel::ValueRole).toDouble())) + differenceWidth(index);
    return {std::max(values, small.horizontalAdvance(lowerText(index))) + 2 * margin + 2, height};
}

} // namespace apiary::widgets
