#include "widgets/compare/model_style.h"

#include "widgets/theme/theme.h"

#include <QPolygonF>
#include <QTransform>

#include <algorithm>

namespace apiary::widgets {

namespace {

constexpr int markerKinds = 7;
constexpr int shades = 4; ///< of Theme::baseline()

QPainterPath closed(const QPolygonF &corners)
{
    QPainterPath path;
    path.addPolygon(corners);
    path.closeSubpath();
    return path;
}

QPainterPath plus()
{
    QPainterPath path;
    path.addRect(-3, -1, 6, 2);
    QPainterPath upright;
    upright.addRect(-1, -3, 2, 6);
    return path.united(upright);
}

ModelStyle grey(int index)
{
    const Theme &theme = Theme::instance();
    return {theme.baseline(index), theme.baselineDash(index + index / shades), index % markerKinds};
}

} // namespace

QPainterPath markerPath(int marker)
{
    QPainterPath path;
    switch (marker % markerKinds) {
    case 0:
        path.addEllipse(QPointF(0, 0), 3, 3);
        return path;
    case 1:
        path.addRect(-2.6, -2.6, 5.2, 5.2);
        return path;
    case 2:
        return closed({{0, -3.4}, {3.4, 0}, {0, 3.4}, {-3.4, 0}});
    case 3:
        return closed({{0, -3.2}, {3.4, 2.6}, {-3.4, 2.6}});
    case 4:
        return closed({{0, 3.2}, {3.4, -2.6}, {-3.4, -2.6}});
    case 5:
        return plus();
    default:
        return QTransform().rotate(45).map(plus());
    }
}

std::vector<ModelStyle> modelStyles(const std::vector<ComparedModel> &models, std::int64_t run,
                                    const std::function<QColor(const ComparedModel &)> &colour)
{
    std::vector<ModelStyle> styles;
    std::vector<QColor> taken;
    int greys = 2; // the first two have their places
    for (const ComparedModel &model : models) {
        switch (model.kind) {
        case ModelKind::Untrained:
            styles.push_back(grey(model.run == run ? 0 : greys++));
            continue;
        case ModelKind::Random:
            styles.push_back(grey(1));
            continue;
        case ModelKind::Other:
            styles.push_back(grey(greys++));
            continue;
        case ModelKind::Tuned:
        case ModelKind::Added:
            break;
        }
        taken.push_back(colour(model));
        const auto before = static_cast<int>(std::count(taken.begin(), taken.end() - 1, taken.back()));
        styles.push_back({taken.back(), Theme::instance().baselineDash(before), before % markerKinds});
    }
    return styles;
}

} // namespace apiary::widgets
