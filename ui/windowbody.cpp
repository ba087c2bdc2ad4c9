// SPDX-License-Identifier: GPL-3.0-or-later
// WindowBody: rail, title line, messages, offers and the pages.
#include "ui/windowbody.h"

#include "ui/pages/page.h"
#include "ui/widgets/drophint.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/offerbar.h"
#include "ui/widgets/rail.h"
#include "ui/widgets/titleline.h"

#include <QLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace bitlathe::ui
{

WindowBody::WindowBody(QWidget* parent)
    : QWidget(parent),
      m_rail(new Rail(this)),
      m_titleLine(new TitleLine(this)),
      m_messages(new MessageBar(this)),
      m_offers(new OfferBar(this)),
      m_stack(new QStackedWidget(this)),
      m_dropHint(new DropHint(this))
{
    auto* right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addWidget(m_titleLine);
    right->addWidget(m_messages);
    right->addWidget(m_offers);
    right->addWidget(m_stack, 1);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(0);
    line->addWidget(m_rail);
    line->addLayout(right, 1);
}

void WindowBody::addPage(Page* page)
{
    m_pages.push_back(page);
    m_stack->addWidget(page);
    m_rail->addEntry(page->id(), page->title());
    // Style, type and sizes now, and not all at once when the page is shown.
    for (const QWidget* widget : page->findChildren<QWidget*>()) {
        widget->ensurePolished();
    }
    if (page->layout() != nullptr) {
        page->layout()->activate();
    }
}

Page* WindowBody::page(const QString& id) const
{
    const auto found = std::find_if(m_pages.begin(), m_pages.end(), [&](const Page* page) { return page->id() == id; });
    return found != m_pages.end() ? *found : nullptr;
}

Page* WindowBody::currentPage() const
{
    return static_cast<Page*>(m_stack->currentWidget());
}

void WindowBody::setCurrentPage(Page* page)
{
    m_stack->setCurrentWidget(page);
    m_rail->setCurrent(page->id());
}

void WindowBody::letGo()
{
    setParent(nullptr);
    hide(); // First, or the stack would show one page after the other.
    disconnect();
    for (Page* page : std::exchange(m_pages, {})) {
        page->disconnect();
        page->deleteLater();
    }
    deleteLater();
}

} // namespace bitlathe::ui
