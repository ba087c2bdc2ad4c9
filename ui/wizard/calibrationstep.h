// SPDX-License-Identifier: GPL-3.0-or-later
// CalibrationStep: the text that shows what goes through the model.
#pragma once

#include "core/text/textfacts.h"
#include "ui/bridge/latesttask.h"
#include "ui/wizard/wizardstep.h"

class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace bitlathe::ui
{

class BarPlot;

class CalibrationStep : public WizardStep
{
    Q_OBJECT

public:
    explicit CalibrationStep(Session& session, QWidget* parent = nullptr);

    QString problem() const override;
    void showRecipe(const plan::Recipe& recipe) override;

private:
    /// What is said of a text set: the samples that are made of it, how long its rows are, and how it begins.
    struct Preview
    {
        qsizetype samples = 0;
        qsizetype tokens = 0;
        qsizetype shortest = 0;
        qsizetype longest = 0;
        std::optional<text::TextSetFacts> facts; ///< Of the rows; not of very large sets.
        QString beginning;
    };

    QWidget* makeNumbers();
    void showLengths(const std::optional<text::TextSetFacts>& facts);
    static Result<Preview> makePreview(const plan::CalibrationRecipe& calibration, const OpenedModelPtr& model);
    void browse();
    void typeQuestions();
    void updatePreview();
    void setData(const QString& spec);
    void setNumbers();

    QLineEdit* m_data;
    QSpinBox* m_samples;
    QSpinBox* m_length;
    QSpinBox* m_seed;
    QComboBox* m_rule;
    FieldNote* m_note;
    QPlainTextEdit* m_beginning;
    BarPlot* m_lengths;
    LatestTask m_preview;
    plan::CalibrationRecipe m_previewed; ///< What the note and the beginning are of.
    OpenedModelPtr m_previewModel;
};

} // namespace bitlathe::ui
