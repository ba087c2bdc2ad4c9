// SPDX-License-Identifier: GPL-3.0-or-later
// OverridesEdit: layers that are quantized differently, as a table of patterns.
#pragma once

#include "ui/bridge/session.h"

#include <QWidget>

class QPushButton;
class QTableWidget;

namespace bitlathe::ui
{

class FieldNote;

/// Pattern, bits (or full precision), group size, and how many layers match. The last pattern that matches a layer
/// counts.
class OverridesEdit : public QWidget
{
    Q_OBJECT

public:
    explicit OverridesEdit(Session& session, QWidget* parent = nullptr);

    QString problem() const;
    void showRecipe(const plan::Recipe& recipe);

Q_SIGNALS:
    void checked();

private:
    void addRow(const quant::Override& value);
    void addSelected();
    void removeCurrent();
    void store();
    void countMatches(const std::vector<quant::Override>& overrides);

    Session& m_session;
    QTableWidget* m_table;
    QPushButton* m_remove;
    FieldNote* m_note;
    bool m_showing = false;
};

} // namespace bitlathe::ui
