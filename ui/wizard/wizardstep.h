// SPDX-License-Identifier: GPL-3.0-or-later
// WizardStep: one form of the wizard; the recipe it edits lies in the session, so going back loses nothing.
#pragma once

#include "ui/bridge/session.h"

#include <QLabel>
#include <QVBoxLayout>
#include <QWidget>

namespace bitlathe::ui
{

/// A sentence under a field: what is wrong with it, or what it means. Hidden while empty.
class FieldNote : public QWidget
{
    Q_OBJECT

public:
    explicit FieldNote(QWidget* parent = nullptr);
    void setProblem(const QString& sentence);
    void setHint(const QString& sentence);
    QString text() const { return m_text->text(); }
    bool isProblem() const { return m_problem; }

private:
    void setText(const QString& sentence, bool problem);

    QLabel* m_symbol;
    QLabel* m_text;
    bool m_problem = false;
};

/// A form with a heading and a first line without jargon. Fields edit session().recipe() through edit();
/// recipeChanged() shows whatever the recipe is now, also after undo.
class WizardStep : public QWidget
{
    Q_OBJECT

public:
    WizardStep(Session& session, const QString& name, const QString& question, QWidget* parent = nullptr);

    QString name() const { return m_name; } ///< In the list of steps.
    /// Empty where the step is in order; else the sentence that says what is missing.
    virtual QString problem() const { return {}; }
    /// Shows the recipe, without editing it.
    virtual void showRecipe(const plan::Recipe& recipe) = 0;

Q_SIGNALS:
    void checked(); ///< problem() may be another.

protected:
    Session& session() const { return m_session; }
    QVBoxLayout* body() const { return m_body; }
    /// Hands an edited recipe to the session as one undo step; edits of the same field in a row are one.
    void edit(const plan::Recipe& recipe, const QString& what, int mergeKey = -1);
    /// Shows the recipe as it is; fields that are set by it do not edit. Constructors end with it.
    void refresh();
    bool isShowing() const { return m_showing; } ///< While showRecipe() sets fields, their signals are not edits.
    /// A label over a field, as its buddy, and the field's accessible name.
    QWidget* labelled(const QString& label, QWidget* field, const QString& tip, QWidget* beside = nullptr);
    void showEvent(QShowEvent* event) override;

private:
    /// Tab goes through the fields as they lie, line by line.
    void orderFields();
    Session& m_session;
    QString m_name;
    QVBoxLayout* m_body;
    bool m_showing = false;
};

} // namespace bitlathe::ui
