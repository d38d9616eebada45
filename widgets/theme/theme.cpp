#include "widgets/theme/theme.h"

#include "widgets/theme/icon_engine.h"
#include "widgets/theme/legible_style.h"

#include <QApplication>
#include <QEvent>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QStyle>
#include <QWidget>
#include <array>

/// The library is static: nothing else pulls its resources in. Outside any namespace, as the macro wants.
static void loadResources()
{
    Q_INIT_RESOURCE(apiary);
}

namespace apiary::widgets {

namespace {

QColor mixed(const QColor &a, const QColor &b, double shareOfB)
{
    const auto at = [&](double x, double y) { return static_cast<float>(x + (y - x) * shareOfB); };
    return QColor::fromRgbF(at(a.redF(), b.redF()), at(a.greenF(), b.greenF()), at(a.blueF(), b.blueF()));
}

QColor of(const char *light, const char *dark, bool isDark)
{
    return QColor(QLatin1String(isDark ? dark : light));
}

struct Shades {
    const char *window, *base, *alternate, *button, *text, *muted, *highlight, *highlightedText, *link, *disabled, *tip;
};

QPalette palette(const Shades &s)
{
    const auto c = [](const char *name) { return QColor(QLatin1String(name)); };
    QPalette p(c(s.button), c(s.window));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
        p.setColor(role, c(s.text));
    p.setColor(QPalette::Window, c(s.window));
    p.setColor(QPalette::Base, c(s.base));
    p.setColor(QPalette::AlternateBase, c(s.alternate));
    p.setColor(QPalette::Button, c(s.button));
    p.setColor(QPalette::ToolTipBase, c(s.tip));
    p.setColor(QPalette::PlaceholderText, c(s.muted));
    p.setColor(QPalette::Highlight, c(s.highlight));
    p.setColor(QPalette::HighlightedText, c(s.highlightedText));
    p.setColor(QPalette::Link, c(s.link));
    p.setColor(QPalette::LinkVisited, c(s.link));
    p.setColor(QPalette::BrightText, Qt::white);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, c(s.disabled));
    p.setColor(QPalette::Disabled, QPalette::Base, c(s.window));
    p.setColor(QPalette::Disabled, QPalette::Highlight, c(s.disabled));
    return p;
}

} // namespace

Theme &Theme::instance()
{
    static QPointer<Theme> theme;
    if (!theme)
        theme = new Theme(qApp);
    return *theme;
}

Theme::Theme(QObject *parent) : QObject(parent)
{
    loadResources();
    const int stored = QSettings().value(QStringLiteral("view/theme"), 0).toInt();
    m_mode = stored == 1 ? Mode::Light : stored == 2 ? Mode::Dark : Mode::System;
    LegibleStyle::install();
    qApp->installEventFilter(this);
    apply();
}

void Theme::setMode(Mode mode, bool remember)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    if (remember)
        QSettings().setValue(QStringLiteral("view/theme"), static_cast<int>(mode));
    apply();
    Q_EMIT changed();
}

void Theme::apply()
{
    m_applying = true;
    if (m_mode == Mode::System)
        qApp->setPalette(QPalette());
    else
        qApp->setPalette(m_mode == Mode::Dark ? darkPalette() : lightPalette());
    m_applying = false;
}

bool Theme::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == qApp && event->type() == QEvent::ApplicationPaletteChange && !m_applying)
        Q_EMIT changed();
    return QObject::eventFilter(watched, event);
}

QPalette Theme::lightPalette()
{
    return palette({"#f5f4f1", "#ffffff", "#faf9f7", "#f0eeea", "#1d1d1b", "#6b6963", "#dcd6c8", "#1d1d1b", "#005a8c",
                    "#a19e97", "#fffdf5"});
}

QPalette Theme::darkPalette()
{
    return palette({"#26272a", "#17181a", "#1c1d1f", "#333438", "#e8e7e3", "#a09e98", "#47443b", "#f4f2ec", "#7cc8f4",
                    "#74736f", "#333438"});
}

bool Theme::dark() const
{
    const QPalette p = qApp->palette();
    return p.color(QPalette::Window).lightness() < p.color(QPalette::WindowText).lightness();
}

QColor Theme::accent() const
{
    return of("#c98a00", "#f2b632", dark());
}
QColor Theme::onAccent() const
{
    return QColor(0x1a, 0x14, 0x00);
}
QColor Theme::text() const
{
    return qApp->palette().color(QPalette::WindowText);
}

QColor Theme::mutedText() const
{
    return mixed(text(), qApp->palette().color(QPalette::Window), dark() ? 0.32 : 0.36);
}

QColor Theme::border() const
{
    return mixed(ground(), text(), dark() ? 0.2 : 0.16);
}
QColor Theme::grid() const
{
    return mixed(surface(), text(), dark() ? 0.13 : 0.1);
}
QColor Theme::surface() const
{
    return qApp->palette().color(QPalette::Base);
}
QColor Theme::ground() const
{
    return qApp->palette().color(QPalette::Window);
}
QColor Theme::good() const
{
    return of("#00744f", "#2bbf92", dark());
}
QColor Theme::warning() const
{
    return of("#9a6700", "#f2b632", dark());
}
QColor Theme::error() const
{
    return of("#b3261e", "#ff8a7a", dark());
}
QColor Theme::messageGround(const QColor &tone) const
{
    return mixed(surface(), tone, dark() ? 0.2 : 0.12);
}

QColor Theme::interactions() const
{
    return of("#0072b2", "#4aa8e0", dark());
}
QColor Theme::tuned() const
{
    return of("#e69f00", "#f0ad1e", dark());
}

QColor Theme::baseline(int index) const
{
    static constexpr std::array light{"#5c5c5c", "#8f8f8f", "#3d3d3d", "#ababab"};
    static constexpr std::array deep{"#b4b4b4", "#838383", "#d6d6d6", "#6a6a6a"};
    const auto i = static_cast<std::size_t>(index) % light.size();
    return of(light[i], deep[i], dark());
}

Qt::PenStyle Theme::baselineDash(int index) const
{
    static constexpr std::array dashes{Qt::SolidLine, Qt::DotLine, Qt::DashLine, Qt::DashDotLine};
    return dashes[static_cast<std::size_t>(index) % dashes.size()];
}

QColor Theme::run(int index) const
{
    static constexpr std::array light{"#d55e00", "#009e73", "#56b4e9", "#cc79a7", "#000000"};
    static constexpr std::array deep{"#f0762e", "#2bbf92", "#7cc8f4", "#dd95bd", "#ececec"};
    const auto i = static_cast<std::size_t>(index) % light.size();
    return of(light[i], deep[i], dark());
}

QFont Theme::bodyFont() const
{
    return qApp->font();
}

QFont Theme::titleFont() const
{
    QFont font = bodyFont();
    font.setPointSizeF(font.pointSizeF() * 1.45);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont Theme::smallFont() const
{
    QFont font = bodyFont();
    font.setPointSizeF(font.pointSizeF() * 0.88);
    return font;
}

QFont Theme::strongFont() const
{
    QFont font = bodyFont();
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont Theme::numberFont() const
{
    return bodyFont();
}

QIcon Theme::icon(const QString &name) const
{
    return QIcon(new LineIconEngine(name, {}));
}
QIcon Theme::icon(const QString &name, const QColor &colour) const
{
    return QIcon(new LineIconEngine(name, colour));
}

void Theme::makePrimary(QWidget *button) const
{
    const auto colour = [this, button] {
        QPalette p;
        for (const auto group : {QPalette::Active, QPalette::Inactive}) {
            p.setColor(group, QPalette::Button, accent());
            p.setColor(group, QPalette::ButtonText, onAccent());
        }
        button->setPalette(p);
    };
    button->setFont(strongFont());
    if (auto *push = qobject_cast<QPushButton *>(button))
        push->setAutoDefault(true); // Return presses it while it has the focus
    colour();
    connect(this, &Theme::changed, button, colour);
}

void Theme::makeMuted(QWidget *label) const
{
    const auto colour = [this, label] {
        QPalette p;
        p.setColor(QPalette::WindowText, mutedText());
        label->setPalette(p);
    };
    colour();
    connect(this, &Theme::changed, label, colour);
}

int Theme::motion(int ms) const
{
    return qApp->style()->styleHint(QStyle::SH_Widget_Animation_Duration) == 0 ? 0 : ms;
}

} // namespace apiary::widgets
