// SPDX-License-Identifier: GPL-3.0-or-later
// Icons: the program's own SVG set, drawn in the theme's colours at any size.
#include "ui/theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

namespace bitlathe::ui
{
namespace
{

/// Draws resources/icons/NAME.svg, whose strokes are "currentColor".
class ThemeIconEngine : public QIconEngine
{
public:
    ThemeIconEngine(QByteArray svg, std::optional<ColorId> color) : m_svg(std::move(svg)), m_color(color) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        QByteArray svg = m_svg;
        svg.replace("currentColor", colorFor(mode).name(QColor::HexRgb).toLatin1());
        QSvgRenderer renderer(svg);
        painter->save();
        if (mode == QIcon::Disabled) {
            painter->setOpacity(painter->opacity() * 0.4);
        }
        renderer.render(painter, rect);
        painter->restore();
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine* clone() const override { return new ThemeIconEngine(*this); }
    QString key() const override { return QStringLiteral("bitlathe"); }
    bool isNull() override { return m_svg.isEmpty(); }

private:
    QColor colorFor(QIcon::Mode mode) const
    {
        if (m_color) {
            return Theme::instance().color(*m_color);
        }
        return Theme::instance().color(mode == QIcon::Disabled ? ColorId::TextMuted : ColorId::Text);
    }

    QByteArray m_svg;
    std::optional<ColorId> m_color;
};

} // namespace

QIcon makeIcon(const QString& name, std::optional<ColorId> color)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return QIcon(new ThemeIconEngine(file.readAll(), color));
}

} // namespace bitlathe::ui
