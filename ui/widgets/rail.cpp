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

    QSize sizeHint() const override
    {
        const QFontMetrics metrics(Theme::instance().font(TextSize::Small));
        return QSize(std::max(kSmallestWidth, metrics.horizontalAdvance(text()) + 2 * kGrid),
                     kGrid + kIconSize + kGrid / 2 + metrics.height() + kGrid);
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

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
        const QRect iconPlace((width() - kIconSize) / 2, kGrid, kIconSize, kIconSize);
        theme.icon(m_iconName, isChecked() ? ColorId::Accent : ColorId::TextMuted).paint(&painter, iconPlace);
        painter.setFont(theme.font(TextSize::Small));
        painter.setPen(theme.color(isChecked() ? ColorId::Text : ColorId::TextMuted));
        painter.drawText(rect().adjusted(0, kGrid + kIconSize + kGrid / 2, 0, 0), Qt::AlignHCenter | Qt::AlignTop,
                         text());
    }

private:
    QString m_iconName;
};

} // namespace

Rail::Rail(QWidget* parent) : QWidget(parent), m_layout(new QVBoxLayout(this)), m_group(new QButtonGroup(this))
{
    m_layout->setContentsMargins(0, kGrid, 0, kGrid);
    m_layout->setSpacing(2);
    m_layout->addStretch();
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    setAccessibleName(tr("Pages"));
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

void Rail::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    QPainter painter(this);
    painter.setPen(Theme::instance().color(ColorId::Border));
    painter.drawLine(width() - 1, 0, width() - 1, height());
}

} // namespace bitlathe::ui
