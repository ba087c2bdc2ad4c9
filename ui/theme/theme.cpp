// SPDX-License-Identifier: GPL-3.0-or-later
// Theme: palettes, named colours, category colours, ramps, type and icons: light, dark and of high contrast.
#include "ui/theme/theme.h"

#include "ui/theme/icons.h"
#include "ui/theme/style.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QLocale>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

static void loadIcons()
{
    Q_INIT_RESOURCE(bitlathe_icons);
}

namespace bitlathe::ui
{
namespace
{

constexpr int kBasePixels = 13;
constexpr int kLargestBasePixels = 32;

Theme* g_instance = nullptr;

struct ColorPair
{
    QRgb light;
    QRgb dark;
};

/// Text colours reach a contrast of 4.5 to 1 on Window, Surface and SurfaceRaised in both palettes; a test measures it.
ColorPair colorPair(ColorId id)
{
    switch (id) {
    case ColorId::Window: return {0xfff4f5f7, 0xff15181d};
    case ColorId::Surface: return {0xffffffff, 0xff1c2027};
    case ColorId::SurfaceRaised: return {0xffeaedf1, 0xff272c36};
    case ColorId::Border: return {0xffd3d8df, 0xff394050};
    case ColorId::Text: return {0xff1a1e26, 0xffe7eaf0};
    case ColorId::TextMuted: return {0xff566071, 0xffabb4c3};
    case ColorId::Accent: return {0xff2257c4, 0xff86b0ff};
    case ColorId::AccentText: return {0xffffffff, 0xff0c1524};
    case ColorId::VerdictFine: return {0xff006b75, 0xff5fcfc6};
    case ColorId::VerdictWatch: return {0xff7d5200, 0xffe6b95f};
    case ColorId::VerdictBad: return {0xffad2049, 0xffff94a6};
    case ColorId::PlotGrid: return {0xffe3e6eb, 0xff2d333e};
    case ColorId::PlotBefore: return {0xff7b8494, 0xff8b95a6};
    case ColorId::PlotAfter: return {0xff2257c4, 0xff86b0ff};
    case ColorId::PlotMarker: return {0xffb35806, 0xfff2a65a};
    case ColorId::Selection: return {0xffd6e3fb, 0xff2c436b};
    }
    return {0xff000000, 0xffffffff};
}

/// The same with a contrast of 7 to 1 for text, and borders that are seen.
ColorPair highContrastPair(ColorId id)
{
    switch (id) {
    case ColorId::Window:
    case ColorId::Surface: return {0xffffffff, 0xff000000};
    case ColorId::SurfaceRaised: return {0xffededed, 0xff1f1f1f};
    case ColorId::Border:
    case ColorId::Text: return {0xff000000, 0xffffffff};
    case ColorId::TextMuted: return {0xff2b2b2b, 0xffe0e0e0};
    case ColorId::Accent: return {0xff00318f, 0xffa8ccff};
    case ColorId::AccentText: return {0xffffffff, 0xff000000};
    case ColorId::VerdictFine: return {0xff004750, 0xff7ff5ea};
    case ColorId::VerdictWatch: return {0xff543600, 0xffffd98a};
    case ColorId::VerdictBad: return {0xff80002f, 0xffffbccb};
    case ColorId::PlotGrid: return {0xffa0a0a0, 0xff707070};
    case ColorId::PlotBefore: return {0xff595959, 0xffbfbfbf};
    case ColorId::PlotAfter: return {0xff00318f, 0xffa8ccff};
    case ColorId::PlotMarker: return {0xff8a3c00, 0xffffb870};
    case ColorId::Selection: return {0xffffe98a, 0xff00305f};
    }
    return {0xff000000, 0xffffffff};
}

constexpr std::array<ColorPair, Theme::kCategories> kCategoryColors = {{
    {0xff0069a8, 0xff4aa8e0},
    {0xffc96f00, 0xfff2a541},
    {0xff00805c, 0xff3cc49a},
    {0xffb0578d, 0xffe39cc7},
    {0xff5b4bb5, 0xffa79bf0},
    {0xff8a6d00, 0xffd8c248},
    {0xff2b97b5, 0xff7fd3ea},
    {0xff5c6675, 0xffb4bdca},
}};

constexpr std::array<QRgb, 9> kMagnitude = {0xff00224e, 0xff123570, 0xff3b496c, 0xff575d6d, 0xff707173,
                                            0xff8a8678, 0xffa59c74, 0xffc3b369, 0xfffee838};
constexpr std::array<QRgb, 7> kDivergingLight = {0xff0b3c7d, 0xff3a78b8, 0xff9cc3e3, 0xfff7f7f5,
                                                 0xfff3bd83, 0xffd07a1d, 0xff7f3b02};
constexpr std::array<QRgb, 7> kDivergingDark = {0xffa9d3ff, 0xff5b9bdc, 0xff2d5685, 0xff242933,
                                                0xff84531c, 0xffd68a31, 0xffffd09a};

template <std::size_t N>
QColor interpolate(const std::array<QRgb, N>& stops, double position)
{
    const double place = std::isfinite(position) ? std::clamp(position, 0.0, 1.0) * (N - 1) : 0.0;
    const auto low = std::min(static_cast<std::size_t>(place), N - 2);
    const double part = place - static_cast<double>(low);
    const QColor a = QColor::fromRgb(stops[low]);
    const QColor b = QColor::fromRgb(stops[low + 1]);
    const auto mix = [part](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * part)); };
    return QColor(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
}

int pixelsOf(const QFont& font)
{
    return font.pixelSize() > 0 ? font.pixelSize() : QFontInfo(font).pixelSize();
}

/// The desktop's own font where a platform theme sets one; its size counts only there.
int basePixels(const QFont& system)
{
    const bool desktop = qEnvironmentVariableIsSet("XDG_CURRENT_DESKTOP") &&
                         QGuiApplication::platformName() != QLatin1String("offscreen");
    return desktop ? std::clamp(pixelsOf(system), kBasePixels, kLargestBasePixels) : kBasePixels;
}

} // namespace

Theme::Theme(QObject* parent) : QObject(parent)
{
    loadIcons();
    g_instance = this;
    m_systemFont = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    const QPalette system = QGuiApplication::palette();
    m_systemDark = system.color(QPalette::Window).lightness() < system.color(QPalette::WindowText).lightness();
    QApplication::setStyle(new Style); // owned by QApplication
    qApp->installEventFilter(this);
    apply();
}

Theme::~Theme()
{
    g_instance = nullptr;
}

Theme& Theme::instance()
{
    Q_ASSERT_X(g_instance != nullptr, "Theme", "made by main after QApplication");
    return *g_instance;
}

void Theme::setMode(Mode mode)
{
    m_mode = mode;
    apply();
}

void Theme::setFontScale(double scale)
{
    m_fontScale = std::clamp(scale, 0.75, 2.0);
    apply();
}

void Theme::apply()
{
    const bool asSystem = m_mode == Mode::System || m_mode == Mode::HighContrast;
    m_dark = m_mode == Mode::Dark || (asSystem && m_systemDark);
    QApplication::setPalette(palette(m_dark, contrast()));
    QToolTip::setPalette(palette(m_dark, contrast()));
    QApplication::setFont(font());
    Q_EMIT changed();
}

bool Theme::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == qApp && event->type() == QEvent::LanguageChange) {
        // Another language may want another family first. Every widget is told, also of the font that it has.
        if (const QFont wanted = font(); QApplication::font() != wanted) {
            QApplication::setFont(wanted);
        }
    }
    return QObject::eventFilter(watched, event);
}

QColor Theme::color(ColorId id, bool dark, Contrast contrast)
{
    const ColorPair pair = contrast == Contrast::High ? highContrastPair(id) : colorPair(id);
    return QColor::fromRgb(dark ? pair.dark : pair.light);
}

QColor Theme::category(int index, bool dark)
{
    const auto place = static_cast<std::size_t>(((index % kCategories) + kCategories) % kCategories);
    return QColor::fromRgb(dark ? kCategoryColors[place].dark : kCategoryColors[place].light);
}

QColor Theme::magnitude(double position)
{
    return interpolate(kMagnitude, position);
}

QColor Theme::diverging(double position) const
{
    return interpolate(m_dark ? kDivergingDark : kDivergingLight, position);
}

QPalette Theme::palette(bool dark, Contrast contrast)
{
    const auto of = [dark, contrast](ColorId id) { return color(id, dark, contrast); };
    QPalette palette;
    palette.setColor(QPalette::Window, of(ColorId::Window));
    palette.setColor(QPalette::WindowText, of(ColorId::Text));
    palette.setColor(QPalette::Base, of(ColorId::Surface));
    palette.setColor(QPalette::AlternateBase, of(ColorId::Window));
    palette.setColor(QPalette::Text, of(ColorId::Text));
    palette.setColor(QPalette::PlaceholderText, of(ColorId::TextMuted));
    palette.setColor(QPalette::Button, of(ColorId::SurfaceRaised));
    palette.setColor(QPalette::ButtonText, of(ColorId::Text));
    palette.setColor(QPalette::BrightText, of(ColorId::VerdictBad));
    palette.setColor(QPalette::ToolTipBase, of(ColorId::SurfaceRaised));
    palette.setColor(QPalette::ToolTipText, of(ColorId::Text));
    palette.setColor(QPalette::Highlight, of(ColorId::Selection));
    palette.setColor(QPalette::HighlightedText, of(ColorId::Text));
    palette.setColor(QPalette::Link, of(ColorId::Accent));
    palette.setColor(QPalette::LinkVisited, of(ColorId::Accent));
    palette.setColor(QPalette::Light, of(ColorId::Surface));
    palette.setColor(QPalette::Midlight, of(ColorId::SurfaceRaised));
    palette.setColor(QPalette::Mid, of(ColorId::Border));
    palette.setColor(QPalette::Dark, of(ColorId::Border));
    palette.setColor(QPalette::Shadow, of(ColorId::Border));
    QColor faint = of(ColorId::TextMuted);
    faint.setAlphaF(0.6F);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
        palette.setColor(QPalette::Disabled, role, faint);
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, of(ColorId::SurfaceRaised));
    return palette;
}

QFont Theme::font(TextSize size) const
{
    QFont font = m_systemFont;
    // Simplified Chinese forms before the other East Asian ones, where the first family lacks a character.
    QStringList families = font.families().isEmpty() ? QStringList{font.family()} : font.families();
    if (QLocale().language() == QLocale::Chinese) {
        families.prepend(QStringLiteral("Noto Sans CJK SC")); // one hand for both scripts
    }
    families << QStringLiteral("DejaVu Sans") << QStringLiteral("Noto Sans CJK SC") << QStringLiteral("Noto Sans SC");
    families.removeDuplicates();
    font.setFamilies(families);
    const double base = basePixels(m_systemFont) * m_fontScale;
    switch (size) {
    case TextSize::Small: font.setPixelSize(std::max(9, static_cast<int>(std::lround(base * 0.88)))); break;
    case TextSize::Base: font.setPixelSize(static_cast<int>(std::lround(base))); break;
    case TextSize::Title:
        font.setPixelSize(static_cast<int>(std::lround(base * 1.5)));
        font.setWeight(QFont::DemiBold);
        break;
    }
    return font;
}

QFont Theme::numberFont(TextSize size) const
{
    const QFont plain = font(size);
    const QFontMetricsF metrics(plain);
    const double zero = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit) {
        if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - zero) > 0.01) {
            QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
            fixed.setPixelSize(plain.pixelSize());
            return fixed;
        }
    }
    return plain;
}

QFont Theme::codeFont() const
{
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setFamilies({fixed.family(), QStringLiteral("DejaVu Sans Mono"), QStringLiteral("Noto Sans Mono CJK SC")});
    fixed.setPixelSize(font().pixelSize());
    fixed.setStyleHint(QFont::Monospace);
    return fixed;
}

QIcon Theme::icon(const QString& name) const
{
    return makeIcon(name, std::nullopt);
}

QIcon Theme::icon(const QString& name, ColorId color) const
{
    return makeIcon(name, color);
}

QString themeName(Theme::Mode mode)
{
    switch (mode) {
    case Theme::Mode::System: return QStringLiteral("system");
    case Theme::Mode::Light: return QStringLiteral("light");
    case Theme::Mode::Dark: return QStringLiteral("dark");
    case Theme::Mode::HighContrast: return QStringLiteral("high-contrast");
    }
    return {};
}

std::optional<Theme::Mode> themeNamed(const QString& name)
{
    using enum Theme::Mode;
    for (const Theme::Mode mode : {System, Light, Dark, HighContrast}) {
        if (themeName(mode) == name) {
            return mode;
        }
    }
    return std::nullopt;
}

} // namespace bitlathe::ui
