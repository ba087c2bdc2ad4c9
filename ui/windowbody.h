// SPDX-License-Identifier: GPL-3.0-or-later
// WindowBody: what the window holds between menus and docks: rail, title line, messages, offers and the pages.
#pragma once

#include <QString>
#include <QWidget>

#include <vector>

class QStackedWidget;

namespace bitlathe::ui
{

class DropHint;
class MessageBar;
class OfferBar;
class Page;
class Rail;
class TitleLine;

/// Filled page by page before it is shown, so that no event takes long.
class WindowBody : public QWidget
{
    Q_OBJECT

public:
    explicit WindowBody(QWidget* parent = nullptr);

    void addPage(Page* page); ///< Owned by the body from now on.
    const std::vector<Page*>& pages() const { return m_pages; }
    Page* page(const QString& id) const; ///< nullptr: no such page.
    Page* currentPage() const;           ///< nullptr: there is none yet.
    void setCurrentPage(Page* page);

    Rail* rail() const { return m_rail; }
    TitleLine* titleLine() const { return m_titleLine; }
    MessageBar* messages() const { return m_messages; }
    OfferBar* offers() const { return m_offers; }
    DropHint* dropHint() const { return m_dropHint; }

    /// Takes itself out of the window, and goes in events of its own, page by page.
    void letGo();

private:
    Rail* m_rail;
    TitleLine* m_titleLine;
    MessageBar* m_messages;
    OfferBar* m_offers;
    QStackedWidget* m_stack;
    DropHint* m_dropHint;
    std::vector<Page*> m_pages;
};

} // namespace bitlathe::ui
