#pragma once

#include "widgets/compare/model_scores.h"

#include <QColor>
#include <QPainterPath>

#include <functional>
#include <vector>

namespace apiary::widgets {

/// How a model is drawn: the same in the matrix and in every plot, and unlike every other model of the comparison.
struct ModelStyle {
    QColor colour;
    Qt::PenStyle dash = Qt::SolidLine; ///< of its intervals
    int marker = 0;                    ///< see markerPath()

    bool operator==(const ModelStyle &) const = default;
};

using StyleOf = std::function<ModelStyle(const ComparedModel &)>;

/// The outline of a marker around the origin, 6 wide, as QCPScatterStyle takes it. Seven kinds, and again.
QPainterPath markerPath(int marker);

/// Styles in the order of the models, in the theme of the moment. Untrained encoders and recommenders are greys whose
/// shade, dash and marker go on together: the untrained one of `run` first, random second, the others as they come. Tuned
/// and added encoders have the colours that `colour` gives them; those who share one differ in marker and dash.
std::vector<ModelStyle> modelStyles(const std::vector<ComparedModel> &models, std::int64_t run,
                                    const std::function<QColor(const ComparedModel &)> &colour);

} // namespace apiary::widgets
