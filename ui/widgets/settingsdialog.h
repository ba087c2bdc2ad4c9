// SPDX-License-Identifier: GPL-3.0-or-later
// SettingsDialog: theme, language, type size, motion, units, threads, arithmetic, jobs, protocol, cache. Not modal;
// changes act at once.
#pragma once

#include "ui/bridge/preferences.h"

#include <QDialog>

class QFormLayout;

namespace bitlathe::ui
{

class Session;

class SettingsDialog : public QDialog
{
    Q_OBJECT

public:
    explicit SettingsDialog(Session& session, QWidget* parent = nullptr);

private:
    void addLook(QFormLayout* form);
    void addWork(QFormLayout* form);
    void addProtocol(QFormLayout* form);
    void addCache(QFormLayout* form);
    /// Keeps and applies what the fields say.
    void apply();

    Session& m_session;
    Preferences m_preferences;
};

} // namespace bitlathe::ui
