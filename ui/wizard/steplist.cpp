// SPDX-License-Identifier: GPL-3.0-or-later
// StepList: the wizard's steps on its left, which one is in front and which want attention.
#include "ui/wizard/steplist.h"

#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QPainter>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

/// Number or symbol in a circle, then the name.
class StepList::Entry : public QAbstractButton
{
public:
    Entry(int number, const QString& name, QWidget* parent) : QAbstractButton(parent), m_number(number)
    {
        setText(name);
        setCheckable(true);
        setAutoExclusive(true);
        setAttribute(Qt::WA_Hover);
        setAccessibleName(StepList::tr("Step %1: %2").arg(number).arg(name));
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

    void setState(State state)
    {
        m_state = state;
        update();
    }

    QSize sizeHint() const override
    {
        return QSize(kGrid + kCircle + kGrid + fontMetrics().horizontalAdvance(text()) + 2 * kGrid, 5 * kGrid);
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::instance();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(1, 2, -1, -2);
        if (isChecked() || underMouse()) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.color(isChecked() ? ColorId::Selection : ColorId::SurfaceRaised));
            painter.drawRoundedRect(box, 6, 6);
        }
        if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
            painter.setPen(QPen(theme.color(ColorId::Accent), 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(box, 6, 6);
        }
        const QRect circle(kGrid, (height() - kCircle) / 2, kCircle, kCircle);
        if (m_state == State::Ahead) {
            painter.setPen(QPen(theme.color(ColorId::TextMuted), 1.2));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(QRectF(circle).adjusted(1, 1, -1, -1));
            painter.setFont(theme.font(TextSize::Small));
            painter.setPen(theme.color(ColorId::TextMuted));
            painter.drawText(circle, Qt::AlignCenter, QString::number(m_number));
        } else {
            const bool problem = m_state == State::Problem;
            theme.icon(problem ? u"problem"_s : u"fine"_s, problem ? ColorId::VerdictBad : ColorId::VerdictFine)
                .paint(&painter, circle);
        }
        painter.setFont(theme.font());
        painter.setPen(theme.color(ColorId::Text));
        painter.drawText(rect().adjusted(kGrid + kCircle + kGrid, 0, -kGrid, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         text());
    }

private:
    static constexpr int kCircle = 20;
    int m_number;
    State m_state = State::Ahead;
};

StepList::StepList(const QStringList& names, QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(kGrid, 2 * kGrid, kGrid, kGrid);
    layout->setSpacing(0);
    for (int i = 0; i < names.size(); ++i) {
        auto* entry = new Entry(i + 1, names[i], this);
        connect(entry, &QAbstractButton::clicked, this, [this, i] { Q_EMIT chosen(i); });
        layout->addWidget(entry);
        m_entries.push_back(entry);
    }
    layout->addStretch();
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
}

void StepList::setCurrent(int step)
{
    m_entries[static_cast<std::size_t>(step)]->setChecked(true);
}

void StepList::setState(int step, State state)
{
    m_entries[static_cast<std::size_t>(step)]->setState(state);
}

} // namespace bitlathe::ui
