// SPDX-License-Identifier: GPL-3.0-or-later
// RecipeText: the session's recipe as text that can be edited, for any form to lay out.
#pragma once

#include "ui/bridge/session.h"

#include <QObject>

class QPlainTextEdit;
class QTimer;

namespace bitlathe::ui
{

class FieldNote;

/// A field for code: the theme's font, Tab leaves it.
QPlainTextEdit* makeCodeEditor(QWidget* parent);

/// Text and recipe follow each other: what is typed becomes the recipe as soon as it can be read, until then the note
/// says what is wrong with it.
class RecipeText : public QObject
{
    Q_OBJECT

public:
    /// owner: of editor and note, too.
    RecipeText(Session& session, QWidget* owner);

    QPlainTextEdit* editor() const { return m_editor; }
    FieldNote* note() const { return m_note; }
    QString problem() const; ///< Empty: the text is the recipe.

Q_SIGNALS:
    void checked(); ///< problem() may be another.

private:
    void showRecipe();
    void readText();

    Session& m_session;
    QPlainTextEdit* m_editor;
    FieldNote* m_note;
    QTimer* m_typing;
    bool m_showing = false; ///< The text follows the recipe.
    bool m_reading = false; ///< The recipe changes because of what was typed here: the text stays as it is.
};

} // namespace bitlathe::ui
