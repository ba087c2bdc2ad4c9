// SPDX-License-Identifier: GPL-3.0-or-later
// AnswerView: what a model writes, token by token, each with its probability.
#include "ui/pages/answerview.h"

#include "ui/bridge/numbers.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace bitlathe::ui
{

namespace
{

/// A piece as people read it: the tokenizers' marks of blanks and line ends shown as such.
QString shownPiece(QString piece)
{
    piece.replace(QChar(0x2581), QLatin1Char(' ')).replace(QChar(0x0120), QLatin1Char(' '));
    piece.replace(QChar(0x010A), QChar(0x21B5)).replace(QLatin1Char('\n'), QChar(0x21B5));
    //: A token in quotation marks
    return AnswerView::tr("“%1”").arg(piece);
}

} // namespace

AnswerView::AnswerView(QWidget* parent) : QTextEdit(parent)
{
    setReadOnly(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setUndoRedoEnabled(false);
    setAccessibleName(tr("Completion"));
    setPlaceholderText(tr("The completion appears here."));
    connect(&Theme::instance(), &Theme::changed, this, [this] { mark(std::vector<bool>(m_marks)); });
}

void AnswerView::empty()
{
    clear();
    m_tokens.clear();
    m_places.clear();
    m_marks.clear();
    m_first = 0;
}

void AnswerView::append(const QString& text, const QTextCharFormat& format)
{
    QScrollBar* bar = verticalScrollBar();
    const bool follows = bar->value() >= bar->maximum() - 2; // A person who scrolled up is left there.
    QTextCursor cursor(document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(text, format);
    if (follows) {
        bar->setValue(bar->maximum());
    }
}

void AnswerView::addMessage(const QString& message)
{
    QTextCharFormat format;
    format.setFontWeight(QFont::DemiBold);
    const QString gap = document()->isEmpty() ? QString() : QStringLiteral("\n\n");
    append(gap + message + QLatin1Char('\n'), format);
    m_tokens.clear();
    m_marks.clear();
    m_first = m_places.size();
}

void AnswerView::addTokens(const QList<WrittenToken>& more)
{
    for (const WrittenToken& token : more) {
        const int begin = document()->characterCount() - 1;
        append(token.text, QTextCharFormat());
        m_places.push_back({begin, document()->characterCount() - 1, token});
        m_tokens.append(token);
    }
}

void AnswerView::mark(const std::vector<bool>& marks)
{
    m_marks = marks;
    QTextCharFormat plain;
    QTextCharFormat marked;
    marked.setForeground(Theme::instance().color(ColorId::Accent));
    marked.setFontUnderline(true);
    QTextCursor cursor(document());
    cursor.beginEditBlock(); // Else the text is laid out again for every token.
    for (std::size_t i = m_first; i < m_places.size(); ++i) {
        cursor.setPosition(m_places[i].begin);
        cursor.setPosition(m_places[i].end, QTextCursor::KeepAnchor);
        const std::size_t token = i - m_first;
        cursor.setCharFormat(token < marks.size() && marks[token] ? marked : plain);
    }
    cursor.endEditBlock();
}

const AnswerView::Place* AnswerView::placeAt(int position) const
{
    // The first that ends behind the position; of tokens without characters the one that completes them.
    const auto found = std::ranges::upper_bound(m_places, position, {}, &Place::end);
    return found != m_places.end() && found->begin <= position ? &*found : nullptr;
}

QString AnswerView::tipAt(int position) const
{
    const Place* place = placeAt(position);
    if (place == nullptr) {
        return {};
    }
    QStringList lines{tr("%1: %2").arg(shownPiece(place->token.text), formatPercent(place->token.probability, 3))};
    for (const auto& [piece, probability] : place->token.likely) {
        lines << tr("%1: %2").arg(shownPiece(piece), formatPercent(probability, 3));
    }
    return lines.join(QLatin1Char('\n'));
}

void AnswerView::keyPressEvent(QKeyEvent* event)
{
    QTextEdit::keyPressEvent(event);
    Q_EMIT tokenPointed(tipAt(textCursor().position()).section(QLatin1Char('\n'), 0, 0));
}

void AnswerView::focusOutEvent(QFocusEvent* event)
{
    QTextEdit::focusOutEvent(event);
    Q_EMIT tokenPointed({});
}

bool AnswerView::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip) {
        return QTextEdit::viewportEvent(event);
    }
    const auto* help = static_cast<QHelpEvent*>(event);
    const QTextCursor cursor = cursorForPosition(help->pos());
    // The cursor is the nearest gap between characters: the character may be the one before it.
    const bool isBefore = cursorRect(cursor).left() > help->pos().x();
    const QString tip = tipAt(cursor.position() - (isBefore ? 1 : 0));
    tip.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), tip, viewport());
    return true;
}

} // namespace bitlathe::ui
