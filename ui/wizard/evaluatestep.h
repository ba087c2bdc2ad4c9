// SPDX-License-Identifier: GPL-3.0-or-later
// EvaluateStep: what is measured after the run, by which protocol.
#pragma once

#include "ui/wizard/wizardstep.h"

class QLineEdit;

namespace bitlathe::ui
{

class KvChoice;
class PromptFields;
class ProtocolFields;
class QuestionFields;

class EvaluateStep : public WizardStep
{
    Q_OBJECT

public:
    explicit EvaluateStep(Session& session, QWidget* parent = nullptr);

    void showRecipe(const plan::Recipe& recipe) override;

private:
    void buildText();
    void buildProtocol();
    void buildQuestions();
    void buildPrompts();
    void store(const QString& what, int mergeKey = -1);
    void browse();

    QLineEdit* m_data;
    ProtocolFields* m_protocol;
    KvChoice* m_kv;
    QuestionFields* m_questions;
    PromptFields* m_prompts;
};

} // namespace bitlathe::ui
