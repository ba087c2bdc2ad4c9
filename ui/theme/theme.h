// SPDX-License-Identifier: GPL-3.0-or-later
// Theme: palettes, named colours, category colours, ramps and icons, light and dark.
#pragma once

#include <QColor>
#include <QIcon>
#include <QObject>
#include <QPalette>

#include <array>

namespace bitlathe::ui
{

/// Colours by meaning. A verdict colour always goes with a symbol.
enum class ColorId {
    Window, Surface, SurfaceRaised, Border, Text, TextMuted, Accent, AccentText, VerdictFine, VerdictWatch, VerdictBad,
    PlotGrid, PlotBefore, PlotAfter, PlotMarker, Selection,
};

/// The look of the whole program. One instance, made by main after QApplication; lives as long as it.
class Theme : public QObject
{
    Q_OBJECT

public:
    enum class Mode { System, Light, Dark };

    explicit Theme(QObject* parent = nullptr);
    static Theme& instance();

    Mode mode() const { return m_mode; }
    void setMode(Mode mode);       ///< Applies Fusion style and palette to the application, then changed().
    bool isDark() const { return m_dark; }
    void setFontScale(double scale);
    bool reducedMotion() const { return m_reducedMotion; }
    void setReducedMotion(bool reduced) { m_reducedMotion = reduced; }

    QColor color(ColorId id) const;
    /// One of eight colour-blind-safe colours; the same index is the same model on all pages.
    QColor category(int index) const;
    /// Sequential ramp for magnitudes (cividis-like) and diverging one for signed errors (blue - neutral - orange); position 0 ... 1.
    static QColor magnitude(double position);
    QColor diverging(double position) const;
    /// An icon of resources/icons, drawn in the palette's text colour; names without ending: "start", "model", "tune".
    QIcon icon(const QString& name) const;

Q_SIGNALS:
    void changed();

private:
    Mode m_mode = Mode::System;
    bool m_dark = false;
    bool m_reducedMotion = false;
};

} // namespace bitlathe::ui
