// SPDX-License-Identifier: GPL-3.0-or-later
// RecipeText: the session's recipe as text that can be edited, for any form to lay out.
#include "ui/wizard/recipetext.h"

#include "ui/theme/theme.h"
#include "ui/wizard/wizardstep.h"

#include <QPlainTextEdit>
#include <QTimer>

namespace bitlathe::ui
{

namespace
{

constexpr int kTypingMs = 400;
constexpr int kRecipeTextMergeKey = 51;

} // namespace

QPlainTextEdit* makeCodeEditor(QWidget* parent)
{
    auto* editor = new QPlainTextEdit(parent);
    editor->setTabChangesFocus(true);
    const auto updateFont = [editor] { editor->setFont(Theme::instance().codeFont()); };
    updateFont();
    QObject::connect(&Theme::instance(), &Theme::changed, editor, updateFont);
    return editor;
}

RecipeText::RecipeText(Session& session, QWidget* owner)
    : QObject(owner),
      m_session(session),
      m_editor(makeCodeEditor(owner)),
      m_note(new FieldNote(owner)),
      m_typing(new QTimer(this))
{
    m_typing->setSingleShot(true);
    m_typing->setInterval(kTypingMs);
    connect(m_editor, &QPlainTextEdit::textChanged, this, [this] {
        if (!m_showing) {
            m_typing->start();
        }
    });
    connect(m_typing, &QTimer::timeout, this, &RecipeText::readText);
    for (const auto change : {&Session::recipeChanged, &Session::modelOpened, &Session::modelClosed}) {
        connect(&session, change, this, &RecipeText::showRecipe);
    }
    showRecipe();
}

QString RecipeText::problem() const
{
    return m_note->isProblem() ? m_note->text() : QString();
}

void RecipeText::showRecipe()
{
    if (m_reading) {
        return;
    }
    const QString yaml = QString::fromStdString(plan::recipeToYaml(m_session.recipe()));
    if (m_editor->toPlainText() != yaml) {
        m_showing = true;
        m_editor->setPlainText(yaml);
        m_showing = false;
    }
    m_note->setHint({});
    Q_EMIT checked();
}

void RecipeText::readText()
{
    const auto recipe = plan::recipeFromYaml(m_editor->toPlainText().toStdString(), tr("Recipe").toStdString());
    if (recipe && m_session.model() && recipe->model != m_session.model()->folder()) {
        m_note->setProblem(tr("This text names another model. Choose the model on the first step."));
    } else if (!recipe) { // the text stays as typed; the recipe is the last one that could be read
        m_note->setProblem(translated(recipe.error()));
    } else {
        m_note->setHint({});
        m_reading = true;
        m_session.editRecipe(*recipe, tr("Edit recipe text"), kRecipeTextMergeKey);
        m_reading = false;
    }
    Q_EMIT checked();
}

} // namespace bitlathe::ui
