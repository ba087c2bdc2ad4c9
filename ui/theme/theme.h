// SPDX-License-Identifier: GPL-3.0-or-later
// Theme: palettes, named colours, category colours, ramps, type and icons: light, dark and of high contrast.
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPalette>
#include <optional>

namespace bitlathe::ui
{

/// Colours by meaning. A verdict colour always goes with a symbol.
enum class ColorId {
    Window,
    Surface,
    SurfaceRaised,
    Border,
    Text,
    TextMuted,
    Accent,
    AccentText,
    VerdictFine,
    VerdictWatch,
    VerdictBad,
    PlotGrid,
    PlotBefore,
    PlotAfter,
    PlotMarker,
    Selection,
};

/// The type sizes of a page: three at most.
enum class TextSize { Small, Base, Title };

/// The grid: distances in the window are multiples of it, halves inside controls.
constexpr int kGrid = 8;

/// The look of the whole program. One instance, made by main after QApplication; lives as long as it.
class Theme : public QObject
{
    Q_OBJECT

public:
    /// HighContrast is light or dark as the system is.
    enum class Mode { System, Light, Dark, HighContrast };
    enum class Contrast { Usual, High };
    static constexpr int kCategories = 8;

    explicit Theme(QObject* parent = nullptr);
    ~Theme() override;
    static Theme& instance();

    Mode mode() const { return m_mode; }
    void setMode(Mode mode); ///< Applies Fusion style and palette to the application, then changed().
    bool isDark() const { return m_dark; }
    Contrast contrast() const { return m_mode == Mode::HighContrast ? Contrast::High : Contrast::Usual; }
    double fontScale() const { return m_fontScale; }
    void
    setFontScale(double scale); ///< 0.75 ... 2; of the 13 px base type, or of the desktop's font where that is larger.
    bool reducedMotion() const { return m_reducedMotion; }
    void setReducedMotion(bool reduced) { m_reducedMotion = reduced; }

    QColor color(ColorId id) const { return color(id, m_dark, contrast()); }
    static QColor color(ColorId id, bool dark, Contrast contrast = Contrast::Usual);
    /// One of eight colour-blind-safe colours; the same index is the same model on all pages.
    QColor category(int index) const { return category(index, m_dark); }
    static QColor category(int index, bool dark);
    /// Sequential ramp for magnitudes (cividis-like) and diverging one for signed errors (blue - neutral - orange);
    /// position 0 ... 1.
    static QColor magnitude(double position);
    QColor diverging(double position) const;
    static QPalette palette(bool dark, Contrast contrast = Contrast::Usual);

    QFont font(TextSize size = TextSize::Base) const;
    /// As font(), with digits of equal width, for columns of numbers.
    QFont numberFont(TextSize size = TextSize::Base) const;
    /// For log lines, recipes and command lines.
    QFont codeFont() const;

    /// An icon of resources/icons, drawn in the palette's text colour; names without ending: "start", "model", "tune".
    /// Follows the theme without being made again.
    QIcon icon(const QString& name) const;
    /// As icon(), in a colour that means something: a verdict, the accent.
    QIcon icon(const QString& name, ColorId color) const;

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void apply();

    Mode m_mode = Mode::System;
    bool m_dark = false;
    bool m_systemDark = false;
    bool m_reducedMotion = false;
    double m_fontScale = 1.0;
    QFont m_systemFont;
};

/// As settings and the command line have it: "system", "light", "dark", "high-contrast".
QString themeName(Theme::Mode mode);
std::optional<Theme::Mode> themeNamed(const QString& name); ///< Nothing: no such theme.

} // namespace bitlathe::ui
