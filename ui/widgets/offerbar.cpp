// SPDX-License-Identifier: GPL-3.0-or-later
// OfferBar: one sentence with something to do about it, or not now.
#include "ui/widgets/offerbar.h"

#include "ui/theme/theme.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include <utility>

namespace bitlathe::ui
{

OfferBar::OfferBar(QWidget* parent)
    : QFrame(parent),
      m_symbol(new QLabel(this)),
      m_text(new QLabel(this)),
      m_acceptButton(new QPushButton(this)),
      m_declineButton(new QPushButton(this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Midlight);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(2 * kGrid, kGrid / 2, kGrid, kGrid / 2);
    line->addWidget(m_symbol);
    line->addWidget(m_text, 1);
    line->addWidget(m_acceptButton);
    line->addWidget(m_declineButton);
    connect(m_acceptButton, &QPushButton::clicked, this, [this] { answer(true); });
    connect(m_declineButton, &QPushButton::clicked, this, [this] { answer(false); });
    connect(&Theme::instance(), &Theme::changed, this, &OfferBar::updateLook);
    updateLook();
    hide();
}

void OfferBar::offer(const QString& sentence, const QString& acceptText, std::function<void()> accept,
                     const QString& declineText, std::function<void()> decline)
{
    m_text->setText(sentence);
    m_text->setAccessibleName(sentence);
    m_acceptButton->setText(acceptText);
    m_declineButton->setText(declineText);
    m_accept = std::move(accept);
    m_decline = std::move(decline);
    show();
    QAccessibleEvent event(m_text, QAccessible::NameChanged);
    QAccessible::updateAccessibility(&event);
}

void OfferBar::answer(bool accepted)
{
    hide();
    const auto accept = std::exchange(m_accept, {});
    const auto decline = std::exchange(m_decline, {});
    if (const auto& chosen = accepted ? accept : decline) {
        chosen();
    }
}

void OfferBar::updateLook()
{
    m_symbol->setPixmap(
        Theme::instance().icon(QStringLiteral("resume"), ColorId::Accent).pixmap(QSize(16, 16), devicePixelRatioF()));
}

} // namespace bitlathe::ui
