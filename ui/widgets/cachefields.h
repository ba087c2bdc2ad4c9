// SPDX-License-Identifier: GPL-3.0-or-later
// CacheFields: the fields that say where the cache lies and how much it may take, and the button that empties it.
#pragma once

#include "core/base/cache.h"
#include "ui/bridge/latesttask.h"

#include <QObject>

class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QWidget;

namespace bitlathe::ui
{

/// Settings are read, saved and measured off the UI thread.
class CacheFields : public QObject
{
    Q_OBJECT

public:
    /// owner: of the fields, too.
    explicit CacheFields(QWidget* owner);

    QLineEdit* folderField() const { return m_folder; }
    QPushButton* browseButton() const { return m_browse; }
    QSpinBox* limitField() const { return m_limit; }
    QLabel* useLabel() const { return m_use; }
    QPushButton* clearButton() const { return m_clear; }

private:
    /// Saves what the fields say where save is set, empties the cache where clear is set, and shows what there is.
    void refresh(bool save, bool clear);
    void browse();

    QLineEdit* m_folder;
    QPushButton* m_browse;
    QSpinBox* m_limit;
    QLabel* m_use;
    QPushButton* m_clear;
    LatestTask m_task;
};

} // namespace bitlathe::ui
