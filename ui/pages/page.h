// SPDX-License-Identifier: GPL-3.0-or-later
// Page: one entry of the rail.
#pragma once

#include "ui/bridge/session.h"

#include <QAction>
#include <QList>
#include <QSettings>
#include <QWidget>

namespace bitlathe::ui
{

/// A page of the main window. The window draws the title line (title, subtitle, primary action) and the toolbar of
/// actions() above it; the page draws the rest. The window says when to keep and to restore a page's state (splitters,
/// columns, zoom).
class Page : public QWidget
{
    Q_OBJECT

public:
    explicit Page(Session& session, QWidget* parent = nullptr);
    ~Page() override;

    virtual QString id() const = 0;    ///< Stable, also the icon's name: "model".
    virtual QString title() const = 0; ///< Translated.
    virtual QString subtitle() const
    {
        return {};
    } ///< Empty: the window says model, selected layer and protocol itself.
    /// What F1 opens where no part of the page says otherwise: a topic of the guide.
    virtual QString helpTopic() const { return id(); }
    virtual QAction* primaryAction() { return nullptr; }
    virtual QList<QAction*> actions() const { return {}; } ///< Of the page's toolbar, secondary.
    /// The command that does what the primary action does; Shift with that action copies it. Empty: the recipe's
    /// command.
    virtual QString commandLine() const { return {}; }

    /// Called when a model folder is dropped on the window with this page in front; true: taken, else it is opened.
    virtual bool dropFolder(const QString& /*folder*/) { return false; }
    /// Model folders selected on the page, for Ctrl+D.
    virtual QStringList selectedFolders() const { return {}; }
    /// Ctrl+F: puts the cursor where a layer or row is looked for.
    virtual void focusFilter() {}
    /// F5: reads again what may have changed on disk.
    virtual void refresh() {}

    /// Inside the settings group of this page.
    virtual void saveState(QSettings& /*settings*/) const {}
    virtual void restoreState(const QSettings& /*settings*/) {}

    /// Called before a capture of --screenshots, with a model open, a run and a comparison done: shows the page at its
    /// best.
    virtual void prepareScreenshot() {}
    /// Names of further states worth a picture; prepareState() shows one.
    virtual QStringList screenshotStates() const { return {}; }
    virtual void prepareState(const QString& /*state*/) {}
    /// Still working on what prepareScreenshot() started.
    virtual bool isBusy() const { return false; }

    Session& session() const { return m_session; }

Q_SIGNALS:
    void titleChanged();                               ///< Title, subtitle, actions or primary action are others.
    void pageRequested(const QString& id);             ///< Asks the window to show another page.
    void compareRequested(const QStringList& folders); ///< Asks for these folders on the compare page.
    void message(const QString& sentence);             ///< Shown for a while in the status line: "Copied".

private:
    Session& m_session;
};

} // namespace bitlathe::ui
