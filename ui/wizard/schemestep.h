// SPDX-License-Identifier: GPL-3.0-or-later
// SchemeStep: bits, groups, zero points, clipping, and layers that differ.
#pragma once

#include "ui/wizard/wizardstep.h"

class QCheckBox;
class QComboBox;

namespace bitlathe::ui
{

class OverridesEdit;

class SchemeStep : public WizardStep
{
    Q_OBJECT

public:
    explicit SchemeStep(Session& session, QWidget* parent = nullptr);

    QString problem() const override;
    void showRecipe(const plan::Recipe& recipe) override;

private:
    void offerWhatFits(const plan::Recipe& recipe);
    void setScheme(const quant::Scheme& scheme, const QString& what);
    void setGroupSize();

    QComboBox* m_bits;
    QComboBox* m_group;
    FieldNote* m_groupNote;
    QCheckBox* m_symmetric;
    QComboBox* m_clipping;
    QCheckBox* m_actOrder;
    FieldNote* m_note;
    OverridesEdit* m_overrides;
};

} // namespace bitlathe::ui
