// SPDX-License-Identifier: GPL-3.0-or-later
// StartStep: the recipe as text and the command line, then off it goes.
#include "ui/wizard/startstep.h"

#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPlainTextEdit>
#include <QTimer>
#include <QToolButton>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr int kTypingMs = 400;
constexpr int kStartMergeKey = 51;

QPlainTextEdit* makeEditor(QWidget* parent)
{
    auto* editor = new QPlainTextEdit(parent);
    editor->setTabChangesFocus(true);
    const auto updateFont = [editor] { editor->setFont(Theme::instance().codeFont()); };
    updateFont();
    QObject::connect(&Theme::instance(), &Theme::changed, editor, updateFont);
    return editor;
}

QToolButton* makeCopyButton(QWidget* parent, const QPlainTextEdit* editor, const QString& name)
{
    auto* button = new QToolButton(parent);
    button->setIcon(Theme::instance().icon(u"copy"_s));
    button->setToolTip(name);
    button->setAccessibleName(name);
    QObject::connect(button, &QToolButton::clicked, editor,
                     [editor] { QGuiApplication::clipboard()->setText(editor->toPlainText()); });
    return button;
}

} // namespace

StartStep::StartStep(Session& session, QWidget* parent)
    : WizardStep(session, tr("Start"),
                 tr("This is all of it. Change the text here, or go back; both are the same recipe."), parent),
      m_yaml(makeEditor(this)),
      m_note(new FieldNote(this)),
      m_command(makeEditor(this)),
      m_typing(new QTimer(this))
{
    m_yaml->setMinimumHeight(50 * kGrid);
    body()->addWidget(labelled(tr("&Recipe"), m_yaml, tr("Everything the run does, as YAML. Save it with Ctrl+S"),
                               makeCopyButton(this, m_yaml, tr("Copy the recipe"))));
    body()->addWidget(m_note);
    m_command->setReadOnly(true);
    m_command->setFixedHeight(11 * kGrid);
    body()->addWidget(labelled(tr("Command &line"), m_command, tr("The same without a window"),
                               makeCopyButton(this, m_command, tr("Copy the command line"))));
    m_typing->setSingleShot(true);
    m_typing->setInterval(kTypingMs);
    connect(m_yaml, &QPlainTextEdit::textChanged, this, [this] {
        if (!isShowing()) {
            m_typing->start();
        }
    });
    connect(m_typing, &QTimer::timeout, this, &StartStep::readText);
    refresh();
}

QString StartStep::problem() const
{
    return m_note->isProblem() ? m_note->text() : QString();
}

void StartStep::showRecipe(const plan::Recipe& recipe)
{
    m_command->setPlainText(QString::fromStdString(plan::recipeToCommand(recipe)));
    if (m_reading) {
        return;
    }
    const QString yaml = QString::fromStdString(plan::recipeToYaml(recipe));
    if (m_yaml->toPlainText() != yaml) {
        m_yaml->setPlainText(yaml);
    }
    m_note->setHint({});
}

void StartStep::readText()
{
    const auto recipe = plan::recipeFromYaml(m_yaml->toPlainText().toStdString(), tr("Recipe").toStdString());
    if (recipe && session().model() && recipe->model != session().model()->folder()) {
        m_note->setProblem(tr("This text names another model. Choose the model on the first step."));
        Q_EMIT checked();
        return;
    }
    if (!recipe) { // the text stays as typed; the recipe is the last one that could be read
        m_note->setProblem(translated(recipe.error()));
        Q_EMIT checked();
        return;
    }
    m_note->setHint({});
    m_reading = true;
    edit(*recipe, tr("Edit recipe text"), kStartMergeKey);
    m_reading = false;
    Q_EMIT checked();
}

} // namespace bitlathe::ui
