#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPalette>

class QWidget;

namespace apiary::widgets {

/// Distances in device-independent pixels: steps of four, 8 inside groups, 16 between them.
namespace space {
inline constexpr int tight = 4;
inline constexpr int group = 8;
inline constexpr int section = 16;
inline constexpr int page = 24;
} // namespace space

/// How the application looks: palette, the accent, the colours of series by their meaning, fonts and icons.
/// One object for the application's one palette; GUI thread only. Everything here follows the mode at once: connect
/// changed() only for what is painted by hand or kept (pens of plots).
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Mode { System, Light, Dark };

    static Theme &instance();

    Mode mode() const { return m_mode; }
    void setMode(Mode mode, bool remember = true);
    /// Whether the palette in force is dark, judged from its colours.
    bool dark() const;

    // The one accent: the primary action and the selected run, nothing else.
    QColor accent() const;
    QColor onAccent() const; ///< text on the accent: dark in both modes

    // Roles that a palette lacks.
    QColor text() const;
    QColor mutedText() const; ///< second-rank text, readable (≥ 4.5 : 1)
    QColor border() const;    ///< hairlines between areas
    QColor grid() const;      ///< grid lines of plots
    QColor surface() const;   ///< cards, plots, lists
    QColor ground() const;    ///< behind them
    QColor good() const;
    QColor warning() const;
    QColor error() const;
    QColor messageGround(const QColor &tone) const; ///< a pale ground that text() reads well on

    // Series by meaning, the same on every page (Okabe–Ito, a shade lighter on dark).
    QColor interactions() const;          ///< blue
    QColor tuned() const;                 ///< orange: the tuned encoder in view
    QColor baseline(int index = 0) const; ///< greys: 0 the untrained encoder, 1 random, 2 …
    Qt::PenStyle baselineDash(int index = 0) const;
    QColor run(int index) const; ///< vermilion, green, sky, purple, black, and again

    // Three sizes.
    QFont titleFont() const;
    QFont bodyFont() const;
    QFont smallFont() const;
    QFont strongFont() const; ///< body, semi-bold
    QFont numberFont() const; ///< body; figures of one width where the font has them

    /// resources/icons/NAME.svg in the colour of the text around it; it follows palette changes by itself.
    QIcon icon(const QString &name) const;
    QIcon icon(const QString &name, const QColor &colour) const;

    /// Gives a push button the accent.
    void makePrimary(QWidget *button) const;
    /// Sets a label's text to mutedText() and follows the theme.
    void makeMuted(QWidget *label) const;
    /// True where the platform asks for no animation (or none is wanted): duration to use for a motion of `ms`.
    int motion(int ms) const;

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    explicit Theme(QObject *parent);
    void apply();
    static QPalette lightPalette();
    static QPalette darkPalette();

    Mode m_mode = Mode::System;
    bool m_applying = false;
};

/// Numbers as the window writes them. Metrics: four significant digits; memory in KiB, MiB, GiB; times in h m s.
namespace format {
QString metric(double value);                 ///< "0.1234"
QString signedMetric(double value);           ///< "+0.0123", with U+2212 for minus
QString number(double value, int digits = 4); ///< significant digits
QString count(qint64 value);                  ///< in the locale's groups
/// "1 file" or "9 files": `many` holds %1, the count.
QString plural(qint64 value, const QString &one, const QString &many);
QString memory(qint64 bytes);     ///< "1.9 GiB"; "–" for a negative value
QString duration(double seconds); ///< "2 min 5 s", "1 h 3 min"; "–" for a negative value
QString date(qint64 unixSeconds); ///< in the system's locale, short
} // namespace format

} // namespace apiary::widgets
