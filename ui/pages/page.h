// SPDX-License-Identifier: GPL-3.0-or-later
// Page: one entry of the rail.
#pragma once

#include <QAction>
#include <QList>
#include <QWidget>

namespace bitlathe::ui
{

class Session;

/// A page of the main window. The window draws the title line (title, subtitle, primary action) above it; the page draws the rest.
/// Pages keep their state (splitters, columns, zoom) themselves through saveState/restoreState under their id.
class Page : public QWidget
{
    Q_OBJECT

public:
    explicit Page(Session& session, QWidget* parent = nullptr) : QWidget(parent), m_session(session) {}

    virtual QString id() const = 0;          ///< Stable, also the icon's name: "model".
    virtual QString title() const = 0;       ///< Translated.
    virtual QString subtitle() const { return {}; }
    virtual QAction* primaryAction() { return nullptr; }
    virtual QList<QAction*> actions() const { return {}; } ///< Of the page's toolbar, secondary.
    /// A picture of each state worth showing, for --screenshots: called before a capture with the model open.
    virtual void prepareScreenshot() {}

    Session& session() const { return m_session; }

Q_SIGNALS:
    void titleChanged();                      ///< Title, subtitle or primary action is another.
    void pageRequested(const QString& id);    ///< Asks the window to show another page.

private:
    Session& m_session;
};

} // namespace bitlathe::ui
