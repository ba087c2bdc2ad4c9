// SPDX-License-Identifier: GPL-3.0-or-later
// SteppedBrowser: a long text that is laid out piece by piece, so that the window answers meanwhile.
#include "ui/widgets/steppedbrowser.h"

#include <QAbstractTextDocumentLayout>
#include <QElapsedTimer>
#include <QFontInfo>
#include <QMimeData>
#include <QRegularExpression>
#include <QResizeEvent>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocumentFragment>
#include <QTextTable>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bitlathe::ui
{

namespace
{

constexpr qint64 kStepMs = 6;        ///< After that no other piece is begun.
constexpr double kTableShare = 0.98; ///< Of the text's width that a table takes.

QString plainText(const QTextBlock& block)
{
    QString text = block.text();
    text.remove(QChar::ObjectReplacementCharacter);
    return text.replace(QChar::LineSeparator, u'\n').replace(QChar::Nbsp, u' ');
}

QString plainText(const QTextTable& table)
{
    QString text;
    for (int row = 0; row < table.rows(); ++row) {
        QStringList cells;
        for (int column = 0; column < table.columns(); ++column) {
            QStringList blocks;
            const QTextTableCell cell = table.cellAt(row, column);
            for (auto it = cell.begin(); !it.atEnd(); ++it) {
                blocks << plainText(it.currentBlock());
            }
            cells << blocks.join(u' ');
        }
        text += cells.join(u'\t') + u'\n';
    }
    return text;
}

bool isTable(const TextPiece& piece)
{
    return piece.html.front().startsWith(QLatin1String("<table"));
}

/// The empty block that a document has between two tables, and around each.
bool isBesideTable(const QTextFrame::iterator& at, const QTextFrame& frame)
{
    QTextFrame::iterator before = at;
    QTextFrame::iterator after = at;
    ++after;
    return at.currentBlock().length() <= 1 && ((at != frame.begin() && (--before).currentFrame() != nullptr) ||
                                               (after != frame.end() && after.currentFrame() != nullptr));
}

/// A table's row is a line, its cells are separated by tabs.
QString plainText(const QTextDocumentFragment& fragment)
{
    QTextDocument document;
    QTextCursor(&document).insertFragment(fragment);
    const QTextFrame& frame = *document.rootFrame();
    QString text;
    for (auto it = frame.begin(); !it.atEnd(); ++it) {
        if (const auto* table = qobject_cast<QTextTable*>(it.currentFrame())) {
            text += plainText(*table);
        } else if (!isBesideTable(it, frame)) {
            text += plainText(it.currentBlock()) + u'\n';
        }
    }
    return text.endsWith(u'\n') ? text.chopped(1) : text;
}

/// A selection, put into words when somebody asks for them.
class CopiedText : public QMimeData
{
public:
    explicit CopiedText(const QTextDocumentFragment& fragment) : m_fragment(fragment) {}

    QStringList formats() const override { return {kPlain, kHtml}; }

protected:
    QVariant retrieveData(const QString& format, QMetaType type) const override
    {
        // The pieces of a table become one again.
        static const QRegularExpression seam(QStringLiteral(
            "</table>\\s*(<p style=\"-qt-paragraph-type:empty;[^>]*>\\s*<br */?></p>\\s*)*<table[^>]*>"));
        if (format == kPlain) {
            return plainText(m_fragment);
        }
        return format == kHtml ? m_fragment.toHtml().remove(seam) : QMimeData::retrieveData(format, type);
    }

private:
    inline static const QString kPlain = QStringLiteral("text/plain");
    inline static const QString kHtml = QStringLiteral("text/html");

    QTextDocumentFragment m_fragment;
};

} // namespace

QString TextPiece::toHtml(qreal width) const
{
    const qreal needed = std::accumulate(columns.begin(), columns.end(), qreal{0});
    const qreal more =
        columns.isEmpty() ? 0 : std::max<qreal>(0, (width - needed) / static_cast<qreal>(columns.size()));
    QString all = html.value(0);
    for (qsizetype i = 0; i < columns.size(); ++i) {
        all += QString::number(static_cast<int>(columns[i] + more)) + html.value(i + 1);
    }
    return all;
}

SteppedBrowser::SteppedBrowser(QWidget* parent) : QTextBrowser(parent)
{
    m_timer.setInterval(0);
    connect(&m_timer, &QTimer::timeout, this, &SteppedBrowser::step);
}

SteppedBrowser::~SteppedBrowser() = default;

void SteppedBrowser::showText(SteppedText text)
{
    m_text = std::move(text);
    m_place.reset();
    m_selection.reset();
    // One that comes with the text would change the width that pieces were laid out for.
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    restart();
    step();
}

void SteppedBrowser::showSentence(const QString& sentence)
{
    m_text = {};
    m_place.reset();
    m_selection.reset();
    restart();
    step();
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setPlainText(sentence);
}

void SteppedBrowser::restart()
{
    auto empty = std::make_unique<QTextDocument>();
    empty->setUndoRedoEnabled(false);
    empty->setDefaultFont(m_text.pieces.isEmpty() ? font() : m_text.font);
    empty->setDefaultStyleSheet(m_text.styleSheet);
    for (auto it = m_text.pictures.cbegin(); it != m_text.pictures.cend(); ++it) {
        empty->addResource(QTextDocument::ImageResource, QUrl(it.key()), it.value());
    }
    setDocument(empty.get());
    m_document = std::move(empty);
    m_next = 0;
    viewport()->setUpdatesEnabled(false); // Until there is something to see.
}

void SteppedBrowser::step()
{
    QElapsedTimer time;
    time.start();
    while (isBusy() && !time.hasExpired(kStepMs)) {
        append(m_text.pieces[m_next++]);
    }
    goBack();
    viewport()->setUpdatesEnabled(!m_place.has_value());
    if (isBusy() && isVisible()) {
        m_timer.start();
    } else {
        m_timer.stop();
    }
}

void SteppedBrowser::append(const TextPiece& piece)
{
    const Selection before{textCursor().anchor(), textCursor().position()};
    QTextDocument part; // Inserted as HTML, its first paragraph would look like the one that it is put into.
    part.setUndoRedoEnabled(false);
    part.setDefaultFont(m_text.font);
    part.setDefaultStyleSheet(m_text.styleSheet);
    part.setHtml(piece.toHtml(kTableShare * (viewport()->width() - 2 * document()->documentMargin())));
    QTextCursor cursor(document());
    cursor.movePosition(QTextCursor::End);
    cursor.beginEditBlock();
    // As in a whole text: a table comes right behind a paragraph, a paragraph behind the empty block after a table.
    if (document()->isEmpty()) {
        cursor.setBlockFormat(part.begin().blockFormat());
    } else if (!isTable(piece)) {
        cursor.insertBlock(part.begin().blockFormat(), QTextCharFormat());
    }
    cursor.insertFragment(QTextDocumentFragment(&part));
    cursor.endEditBlock();
    if (textCursor().anchor() != before.anchor || textCursor().position() != before.position) {
        select(before); // What is appended moved a cursor at the end.
    }
}

int SteppedBrowser::topOfBlock(int position) const
{
    return static_cast<int>(document()->documentLayout()->blockBoundingRect(document()->findBlock(position)).top());
}

void SteppedBrowser::keepPlace()
{
    if (!m_place && verticalScrollBar()->value() > 0) {
        const int top = cursorForPosition({0, 0}).position();
        m_place = Place{top, verticalScrollBar()->value() - topOfBlock(top)};
    }
    if (!m_selection && textCursor().hasSelection()) {
        m_selection = Selection{textCursor().anchor(), textCursor().position()};
    }
}

void SteppedBrowser::select(const Selection& selection)
{
    const int value = verticalScrollBar()->value(); // A new cursor would be scrolled to.
    QTextCursor cursor(document());
    cursor.setPosition(selection.anchor);
    cursor.setPosition(selection.position, QTextCursor::KeepAnchor);
    setTextCursor(cursor);
    verticalScrollBar()->setValue(value);
}

void SteppedBrowser::goBack()
{
    const int last = document()->characterCount() - 1;
    if (m_place && (!isBusy() || last >= m_place->position)) {
        const int value = topOfBlock(std::min(m_place->position, last)) + m_place->offset;
        if (!isBusy() || value <= verticalScrollBar()->maximum()) {
            verticalScrollBar()->setValue(value);
            viewport()->setUpdatesEnabled(true);
            m_place.reset();
        }
    }
    if (m_selection && (!isBusy() || last >= std::max(m_selection->anchor, m_selection->position))) {
        select({std::min(m_selection->anchor, last), std::min(m_selection->position, last)});
        m_selection.reset();
    }
}

void SteppedBrowser::resizeEvent(QResizeEvent* event)
{
    if (m_next > 0 && event->oldSize().width() != event->size().width()) {
        keepPlace();
        restart();
        if (isVisible()) {
            m_timer.start(); // Not here: more of these events may follow at once.
        }
    }
    QTextBrowser::resizeEvent(event);
}

void SteppedBrowser::showEvent(QShowEvent* event)
{
    QTextBrowser::showEvent(event);
    if (isBusy()) {
        m_timer.start();
    }
}

void SteppedBrowser::hideEvent(QHideEvent* event)
{
    m_timer.stop();
    QTextBrowser::hideEvent(event);
}

void SteppedBrowser::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange && m_next > 0 && font() != m_text.font) {
        keepPlace();
        setFontOfText(font()); // First: what follows lays out all that is there.
        restart();
        if (isVisible()) {
            m_timer.start();
        }
    }
    QTextBrowser::changeEvent(event);
}

void SteppedBrowser::setFontOfText(const QFont& font)
{
    const double scale = QFontInfo(font).pointSizeF() / QFontInfo(m_text.font).pointSizeF();
    for (TextPiece& piece : m_text.pieces) {
        for (qreal& width : piece.columns) {
            width = std::ceil(scale * width) + 1;
        }
    }
    m_text.font = font;
}

QMimeData* SteppedBrowser::createMimeDataFromSelection() const
{
    return new CopiedText(textCursor().selection());
}

} // namespace bitlathe::ui
