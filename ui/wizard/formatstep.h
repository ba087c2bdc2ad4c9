// SPDX-License-Identifier: GPL-3.0-or-later
// FormatStep: which program shall load the result, and where it goes.
#pragma once

#include "ui/wizard/wizardstep.h"

class QButtonGroup;
class QCheckBox;
class QComboBox;
class QLineEdit;

namespace bitlathe::ui
{

class FormatStep : public WizardStep
{
    Q_OBJECT

public:
    explicit FormatStep(Session& session, QWidget* parent = nullptr);

    QString problem() const override;
    void showRecipe(const plan::Recipe& recipe) override;

private:
    QWidget* makeWorkspace();
    void browse();
    void setOut(const QString& folder);

    QButtonGroup* m_formats;
    FieldNote* m_note;
    QLineEdit* m_out;
    QCheckBox* m_overwrite;
    QWidget* m_workspace = nullptr; ///< Shown for formats of another layout than a model folder's.
    QComboBox* m_ranks;
    QLineEdit* m_template;
    QCheckBox* m_kv;
};

} // namespace bitlathe::ui
