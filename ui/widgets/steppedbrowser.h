// SPDX-License-Identifier: GPL-3.0-or-later
// SteppedBrowser: a long text that is laid out piece by piece, so that the window answers meanwhile.
#pragma once

#include <QHash>
#include <QImage>
#include <QTextBrowser>
#include <QTimer>

#include <memory>
#include <optional>

namespace bitlathe::ui
{

/// HTML that is laid out at once: a few paragraphs, a picture, or some rows of a table.
struct TextPiece
{
    QStringList html;       ///< Of a table one more than columns: the width of a column goes between each two.
    QList<qreal> columns{}; ///< Widths that the table's columns need, the same in all of its pieces; empty: no table.

    /// All of it, with columns that share what is left of so many pixels, as those of one table would.
    QString toHtml(qreal width) const;
};

struct SteppedText
{
    QFont font;
    QString styleSheet;
    QHash<QString, QImage> pictures; ///< By the names that pieces call them.
    QList<TextPiece> pieces;
};

/// Pieces are laid out by a timer of no delay, a few milliseconds at a time, and anew where width or font are others.
/// What was selected and looked at stays so.
class SteppedBrowser : public QTextBrowser
{
    Q_OBJECT

public:
    explicit SteppedBrowser(QWidget* parent = nullptr);
    ~SteppedBrowser() override;

    void showText(SteppedText text);
    void showSentence(const QString& sentence); ///< Instead of a text.
    bool isBusy() const { return m_next < m_text.pieces.size(); }

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void changeEvent(QEvent* event) override;
    QMimeData* createMimeDataFromSelection() const override;

private:
    /// What somebody looked at.
    struct Place
    {
        int position = 0; ///< Of what is topmost in the view,
        int offset = 0;   ///< and pixels of its block above it.
    };
    struct Selection
    {
        int anchor = 0;
        int position = 0;
    };

    void setFontOfText(const QFont& font);
    void restart();
    void step();
    void append(const TextPiece& piece);
    int topOfBlock(int position) const;
    void keepPlace();
    void select(const Selection& selection);
    void goBack();

    SteppedText m_text;
    qsizetype m_next = 0; ///< Piece to lay out.
    // To go back to when the text is long enough. Until it reaches the place, the view stays as it was painted.
    std::optional<Place> m_place;
    std::optional<Selection> m_selection;
    QTimer m_timer;
    std::unique_ptr<QTextDocument> m_document;
};

} // namespace bitlathe::ui
