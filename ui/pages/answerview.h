// SPDX-License-Identifier: GPL-3.0-or-later
// AnswerView: what a model writes, token by token, each with its probability.
#pragma once

#include "ui/bridge/generator.h"

#include <QTextEdit>

#include <vector>

namespace bitlathe::ui
{

/// Texts grow at the end. The token under the pointer tells its probability in a tool tip; that at the caret, which the
/// arrow keys move, by tokenPointed().
class AnswerView : public QTextEdit
{
    Q_OBJECT

public:
    explicit AnswerView(QWidget* parent = nullptr);

    void empty();
    void addMessage(const QString& message); ///< A person's, before the answer; the next tokens are of that answer.
    void addTokens(const QList<WrittenToken>& more);
    /// Marks tokens of the newest text, by colour and underline.
    void mark(const std::vector<bool>& marks);
    /// Of the newest text.
    const QList<WrittenToken>& tokens() const { return m_tokens; }
    /// "“the”: 43 %" and, in lines, what else was likely; empty where there is no token.
    QString tipAt(int position) const;

Q_SIGNALS:
    void tokenPointed(const QString& tip); ///< One line; empty: none.

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    /// A token's place in the document; of earlier texts, too.
    struct Place
    {
        int begin = 0;
        int end = 0;
        WrittenToken token;
    };
    const Place* placeAt(int position) const;
    void append(const QString& text, const QTextCharFormat& format);

    QList<WrittenToken> m_tokens;
    std::vector<Place> m_places; ///< In order.
    std::size_t m_first = 0;     ///< Of the newest text.
    std::vector<bool> m_marks;
};

} // namespace bitlathe::ui
