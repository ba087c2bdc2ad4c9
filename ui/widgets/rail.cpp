// SPDX-License-Identifier: GPL-3.0-or-later
// Rail: the pages' icons and names on the left of the window.
#include "ui/widgets/rail.h"

#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QPainter>

namespace bitlathe::ui
{
namespace
{

constexpr int kIconSize = 24;
constexpr int kSmallestWidth = 72;

/// How much room an entry takes. Icons: the name is only in the tooltip.
enum class Density { Roomy, Tight, Icons };

/// Icon above name; the checked one lies on the selection's colour.
class RailButton : public QAbstractButton
{
public:
    RailButton(const QString& icon, const QString& name, QWidget* parent) : QAbstractButton(parent), m_iconName(icon)
    {
        setText(name);
        setCheckable(true);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

    void setDensity(Density density)
    {
        if (density != m_density) {
            m_density = density;
            setToolTip(density == Density::Icons ? text() : QString());
            updateGeometry();
            update();
        }
    }
    static int heightAt(Density density)
    {
        const int padding = density == Density::Roomy ? kGrid : kGrid / 2;
        const int name = density == Density::Icons
                             ? 0
                             : padding / 2 + QFontMetrics(Theme::instance().font(TextSize::Small)).height();
        return padding + kIconSize + name + padding;
    }
    QSize sizeHint() const override
    {
        const QFontMetrics metrics(Theme::instance().font(TextSize::Small));
        return QSize(std::max(kSmallestWidth, metrics.horizontalAdvance(text()) + 2 * kGrid), heightAt(m_density));
    }
    QSize minimumSizeHint() const override { return QSize(sizeHint().width(), heightAt(Density::Icons)); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::instance();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(4, 1, -4, -1);
        if (isChecked() || underMouse()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.color(isChecked() ? ColorId::Selection : ColorId::SurfaceRaised));
            painter.drawRoundedRect(box, 6, 6);
        }
        if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
            painter.setPen(QPen(theme.color(ColorId::Accent), 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5);
        }
        const int padding = m_density == Density::Roomy ? kGrid : kGrid / 2;
        const QRect iconPlace((width() - kIconSize) / 2, padding, kIconSize, kIconSize);
        theme.icon(m_iconName, isChecked() ? ColorId::Accent : ColorId::TextMuted).paint(&painter, iconPlace);
        if (m_density == Density::Icons) {
            return;
        }
        painter.setFont(theme.font(TextSize::Small));
        painter.setPen(theme.color(isChecked() ? ColorId::Text : ColorId::TextMuted));
        painter.drawText(rect().adjusted(0, padding + kIconSize + padding / 2, 0, 0), Qt::AlignHCenter | Qt::AlignTop,
                         text());
    }

private:
    QString m_iconName;
    Density m_density = Density::Roomy;
};

} // namespace

Rail::Rail(QWidget* parent) : QWidget(parent), m_layout(new QVBoxLayout(this)), m_group(new QButtonGroup(this))
{
    m_layout->setContentsMargins(0, kGrid, 0, kGrid);
    m_layout->setSpacing(2);
    m_layout->addStretch();
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    setAccessibleName(tr("Pages"));
    connect(&Theme::instance(), &Theme::changed, this, &Rail::fit);
}

void Rail::addEntry(const QString& id, const QString& name)
{
    auto* button = new RailButton(id, name, this);
    button->setObjectName(id);
    button->setAccessibleName(name);
    m_group->addButton(button);
    m_layout->insertWidget(m_layout->count() - 1, button);
    m_entries[id] = button;
    connect(button, &QAbstractButton::clicked, this, [this, id] { Q_EMIT chosen(id); });
}

void Rail::setName(const QString& id, const QString& name)
{
    QAbstractButton* button = m_entries.at(id);
    button->setText(name);
    button->setAccessibleName(name);
    button->updateGeometry();
}

void Rail::setCurrent(const QString& id)
{
    if (const auto found = m_entries.find(id); found != m_entries.end()) {
        found->second->setChecked(true);
    }
}

void Rail::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fit();
}

void Rail::fit()
{
    const auto fits = [this](Density density) {
        const int each = RailButton::heightAt(density) + m_layout->spacing();
        return static_cast<int>(m_entries.size()) * each + 2 * kGrid <= height();
    };
    const Density density = fits(Density::Roomy)   ? Density::Roomy
                            : fits(Density::Tight) ? Density::Tight
                                                   : Density::Icons;
    for (const auto& [id, button] : m_entries) {
        static_cast<RailButton*>(button)->setDensity(density);
    }
}

void Rail::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    QPainter painter(this);
    painter.setPen(Theme::instance().color(ColorId::Border));
    painter.drawLine(width() - 1, 0, width() - 1, height());
}

} // namespace bitlathe::ui
