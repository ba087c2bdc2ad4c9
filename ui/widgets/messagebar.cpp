// SPDX-License-Identifier: GPL-3.0-or-later
// MessageBar: the one place where the window says that something did not work.
#include "ui/widgets/messagebar.h"

#include "ui/theme/theme.h"

#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace bitlathe::ui
{

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent),
      m_symbol(new QLabel(this)),
      m_text(new QLabel(this)),
      m_more(new QLabel(this)),
      m_copy(new QToolButton(this)),
      m_close(new QToolButton(this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Midlight);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_more->setForegroundRole(QPalette::PlaceholderText);
    for (QToolButton* button : {m_copy, m_close}) {
        button->setAutoRaise(true);
    }
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
    line->addWidget(m_symbol, 0, Qt::AlignTop);
    line->addWidget(m_text, 1);
    line->addWidget(m_more);
    line->addWidget(m_copy);
    line->addWidget(m_close);
    m_close->setObjectName(QStringLiteral("dismiss"));
    connect(m_copy, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_text->text()); });
    connect(m_close, &QToolButton::clicked, this, &MessageBar::dismiss);
    connect(&Theme::instance(), &Theme::changed, this, &MessageBar::updateText);
    updateText();
}

void MessageBar::add(const QString& sentence)
{
    m_messages.removeAll(sentence); // said again, it is the newest
    m_messages << sentence;
    updateText();
    QAccessibleEvent event(m_text, QAccessible::NameChanged);
    QAccessible::updateAccessibility(&event);
}

void MessageBar::clear()
{
    m_messages.clear();
    updateText();
}

void MessageBar::dismiss()
{
    if (!m_messages.isEmpty()) { // All may have gone between press and release.
        m_messages.removeLast();
    }
    updateText();
}

void MessageBar::updateText()
{
    setVisible(!m_messages.isEmpty());
    if (m_messages.isEmpty()) {
        return;
    }
    m_symbol->setPixmap(Theme::instance()
                            .icon(QStringLiteral("problem"), ColorId::VerdictBad)
                            .pixmap(QSize(16, 16), devicePixelRatioF()));
    m_text->setText(m_messages.last());
    m_text->setAccessibleName(m_messages.last());
    const int more = static_cast<int>(m_messages.size()) - 1;
    m_more->setVisible(more > 0);
    m_more->setText(tr("%n earlier", nullptr, more));
    m_copy->setIcon(Theme::instance().icon(QStringLiteral("copy")));
    m_copy->setToolTip(tr("Copy this message"));
    m_copy->setAccessibleName(m_copy->toolTip());
    m_close->setIcon(Theme::instance().icon(QStringLiteral("close")));
    m_close->setToolTip(tr("Dismiss this message"));
    m_close->setAccessibleName(m_close->toolTip());
}

} // namespace bitlathe::ui
