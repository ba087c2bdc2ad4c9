// SPDX-License-Identifier: GPL-3.0-or-later
// StartStep: the recipe as text and the command line, then off it goes.
#include "ui/wizard/startstep.h"

#include "ui/theme/theme.h"
#include "ui/wizard/recipetext.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPlainTextEdit>
#include <QToolButton>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

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
      m_text(new RecipeText(session, this)),
      m_command(makeCodeEditor(this))
{
    QPlainTextEdit* editor = m_text->editor();
    editor->setMinimumHeight(50 * kGrid);
    body()->addWidget(labelled(tr("&Recipe"), editor, tr("Everything the run does, as YAML. Save it with Ctrl+S"),
                               makeCopyButton(this, editor, tr("Copy the recipe"))));
    body()->addWidget(m_text->note());
    m_command->setReadOnly(true);
    m_command->setFixedHeight(11 * kGrid);
    body()->addWidget(labelled(tr("Command &line"), m_command, tr("The same without a window"),
                               makeCopyButton(this, m_command, tr("Copy the command line"))));
    connect(m_text, &RecipeText::checked, this, &StartStep::checked);
    refresh();
}

QString StartStep::problem() const
{
    return m_text->problem();
}

void StartStep::showRecipe(const plan::Recipe& recipe)
{
    m_command->setPlainText(QString::fromStdString(plan::recipeToCommand(recipe)));
}

} // namespace bitlathe::ui
