#pragma once

#include "widgets/theme/theme.h"

#include <QToolButton>

namespace apiary::widgets {

/// A flat button with an icon beside its text.
inline QToolButton *makeToolButton(const QString &icon, const QString &text, const QString &toolTip = {})
{
    auto *button = new QToolButton;
    button->setIcon(Theme::instance().icon(icon));
    button->setText(text);
    button->setAccessibleName(text);
    button->setToolTip(toolTip);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

} // namespace apiary::widgets
