// SPDX-License-Identifier: Apache-2.0
// Tests the palettes' contrast, the ramps and the icons.
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDir>
#include <QImage>
#include <QPainter>
#include <QPixmap>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace bitlathe::ui;

namespace
{

constexpr double kTextContrast = 4.5; // WCAG 2.1, level AA, body text
constexpr double kHighContrast = 7.0; // level AAA
constexpr double kMarkContrast = 3.0; // the same for graphics

double luminance(const QColor& color)
{
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace

class TestTheme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textIsReadable_data();
    void textIsReadable();
    void categoriesAreSeen_data();
    void categoriesAreSeen();
    void rampsAreOrdered();
    void modeChangesThePalette();
    void fontScaleIsClamped();
    void everyIconDraws();
    void iconsFollowTheTheme();
    void digitsHaveOneWidth();
};

void TestTheme::textIsReadable_data()
{
    QTest::addColumn<bool>("high");
    QTest::addColumn<bool>("dark");
    QTest::addColumn<int>("text");
    QTest::addColumn<int>("background");
    const std::pair<const char*, ColorId> texts[] = {{"text", ColorId::Text},        {"muted", ColorId::TextMuted},
                                                     {"fine", ColorId::VerdictFine}, {"watch", ColorId::VerdictWatch},
                                                     {"bad", ColorId::VerdictBad},   {"accent", ColorId::Accent}};
    const std::pair<const char*, ColorId> grounds[] = {{"window", ColorId::Window},
                                                       {"surface", ColorId::Surface},
                                                       {"raised", ColorId::SurfaceRaised},
                                                       {"selection", ColorId::Selection}};
    for (const int look : {0, 1, 2, 3}) {
        const bool high = look >= 2;
        const bool dark = look % 2 == 1;
        const char* name = high ? (dark ? "high, dark" : "high, light") : (dark ? "dark" : "light");
        for (const auto& [textName, text] : texts) {
            for (const auto& [groundName, ground] : grounds) {
                QTest::addRow("%s: %s on %s", name, textName, groundName)
                    << high << dark << static_cast<int>(text) << static_cast<int>(ground);
            }
        }
        QTest::addRow("%s: primary button", name)
            << high << dark << static_cast<int>(ColorId::AccentText) << static_cast<int>(ColorId::Accent);
    }
}

void TestTheme::textIsReadable()
{
    QFETCH(bool, high);
    QFETCH(bool, dark);
    QFETCH(int, text);
    QFETCH(int, background);
    const Theme::Contrast look = high ? Theme::Contrast::High : Theme::Contrast::Usual;
    const double measured = contrast(Theme::color(static_cast<ColorId>(text), dark, look),
                                     Theme::color(static_cast<ColorId>(background), dark, look));
    QVERIFY2(measured >= (high ? kHighContrast : kTextContrast), qPrintable(QStringLiteral("contrast %1").arg(measured)));
}

void TestTheme::categoriesAreSeen_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestTheme::categoriesAreSeen()
{
    QFETCH(bool, dark);
    Theme theme;
    theme.setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
    for (int i = 0; i < Theme::kCategories; ++i) {
        QVERIFY2(contrast(theme.category(i), theme.color(ColorId::Surface)) >= kMarkContrast,
                 qPrintable(QString::number(i)));
        QCOMPARE(theme.category(i), theme.category(i + Theme::kCategories));
        for (int j = 0; j < i; ++j) {
            QVERIFY(theme.category(i) != theme.category(j));
        }
    }
}

void TestTheme::rampsAreOrdered()
{
    // Lightness alone must carry the magnitude, for those who don't see hues and for print.
    double before = -1;
    for (int i = 0; i <= 100; ++i) {
        const double here = luminance(Theme::magnitude(i / 100.0));
        QVERIFY(here > before);
        before = here;
    }
    QCOMPARE(Theme::magnitude(-1.0), Theme::magnitude(0.0));
    QCOMPARE(Theme::magnitude(2.0), Theme::magnitude(1.0));
    QCOMPARE(Theme::magnitude(std::nan("")), Theme::magnitude(0.0));
    for (const Theme::Mode mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
        Theme theme;
        theme.setMode(mode);
        const bool dark = theme.isDark();
        double last = luminance(theme.diverging(0.5));
        for (int i = 1; i <= 50; ++i) { // away from zero on both sides: further from the background
            const double here = luminance(theme.diverging(0.5 + i / 100.0));
            QVERIFY(dark ? here >= last : here <= last);
            last = here;
        }
        QVERIFY(theme.diverging(0.0).blue() > theme.diverging(0.0).red());
        QVERIFY(theme.diverging(1.0).red() > theme.diverging(1.0).blue());
    }
}

void TestTheme::modeChangesThePalette()
{
    Theme theme;
    QSignalSpy changed(&theme, &Theme::changed);
    theme.setMode(Theme::Mode::Dark);
    QVERIFY(theme.isDark());
    QVERIFY(QApplication::palette().color(QPalette::Window).lightness() < 64);
    theme.setMode(Theme::Mode::Light);
    QVERIFY(!theme.isDark());
    QVERIFY(QApplication::palette().color(QPalette::Window).lightness() > 192);
    QCOMPARE(changed.size(), 2);
    theme.setMode(Theme::Mode::HighContrast);
    QVERIFY(theme.contrast() == Theme::Contrast::High);
    QCOMPARE(theme.color(ColorId::Border), theme.color(ColorId::Text)); // borders are seen
    QCOMPARE(QApplication::palette().color(QPalette::Window), theme.color(ColorId::Window));
}

void TestTheme::fontScaleIsClamped()
{
    Theme theme;
    const int base = theme.font().pixelSize();
    QCOMPARE(base, 13);
    theme.setFontScale(2.0);
    QCOMPARE(theme.font().pixelSize(), 26);
    theme.setFontScale(50.0);
    QCOMPARE(theme.fontScale(), 2.0);
    theme.setFontScale(0.0);
    QCOMPARE(theme.fontScale(), 0.75);
}

void TestTheme::everyIconDraws()
{
    Theme theme;
    const QStringList files = QDir(QStringLiteral(":/icons")).entryList({QStringLiteral("*.svg")});
    QVERIFY(files.size() > 40);
    for (const QString& file : files) {
        const QImage image = theme.icon(file.chopped(4)).pixmap(QSize(24, 24)).toImage();
        bool drawn = false;
        for (int y = 0; y < image.height() && !drawn; ++y) {
            for (int x = 0; x < image.width() && !drawn; ++x) {
                drawn = qAlpha(image.pixel(x, y)) > 128;
            }
        }
        QVERIFY2(drawn, qPrintable(file));
    }
    QVERIFY(theme.icon(QStringLiteral("no such icon")).isNull());
}

void TestTheme::iconsFollowTheTheme()
{
    Theme theme;
    theme.setMode(Theme::Mode::Light);
    const QIcon icon = theme.icon(QStringLiteral("cancel"));
    const QImage light = icon.pixmap(QSize(24, 24)).toImage();
    theme.setMode(Theme::Mode::Dark);
    QVERIFY(icon.pixmap(QSize(24, 24)).toImage() != light);
}

void TestTheme::digitsHaveOneWidth()
{
    Theme theme;
    const QFontMetricsF metrics(theme.numberFont());
    for (char digit = '1'; digit <= '9'; ++digit) {
        QCOMPARE(metrics.horizontalAdvance(QLatin1Char(digit)), metrics.horizontalAdvance(QLatin1Char('0')));
    }
}

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
