// SPDX-License-Identifier: GPL-3.0-or-later
// GuideView: one page of the guide as text with pictures, in the theme's colours and type.
#include "ui/widgets/guideview.h"

#include "ui/theme/theme.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextList>
#include <QTextTable>

#include <algorithm>
#include <memory>
#include <utility>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr double kLineHeight = 130;              ///< Per cent of the type's own.
constexpr double kPictureShape = 832.0 / 1280.0; ///< Of the place that is kept for a picture until it is read.
constexpr int kCellPadding = kGrid / 2 + 2;

/// What a character format shows of a link, picture or code stays; only looks are merged into it.
template <typename Change>
void changeFragments(QTextDocument& document, const QTextBlock& block, Change change)
{
    struct Part
    {
        int from;
        int length;
        QTextCharFormat format;
    };
    std::vector<Part> parts; // A merge may join fragments, so they are gathered first.
    for (auto i = block.begin(); !i.atEnd(); ++i) {
        parts.push_back({i.fragment().position(), i.fragment().length(), i.fragment().charFormat()});
    }
    QTextCursor cursor(&document);
    for (const Part& part : parts) {
        const QTextCharFormat looks = change(part.format);
        if (looks.propertyCount() == 0) {
            continue;
        }
        cursor.setPosition(part.from);
        cursor.setPosition(part.from + part.length, QTextCursor::KeepAnchor);
        cursor.mergeCharFormat(looks);
    }
}

} // namespace

GuideView::GuideView(QWidget* parent) : QTextBrowser(parent)
{
    setFrameShape(QFrame::NoFrame);
    setOpenLinks(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn); // pictures keep their width when it would come
    setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
    connect(this, &QTextBrowser::anchorClicked, this, &GuideView::follow);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        if (m_guide) {
            const int place = verticalScrollBar()->value();
            showPage(m_guide, m_page);
            verticalScrollBar()->setValue(place);
        }
    });
}

void GuideView::showPage(const GuidePtr& guide, const QString& id, const QString& anchor, const QString& words)
{
    m_guide = guide;
    m_page = id;
    const GuidePage* page = guide->page(id);
    if (page == nullptr) {
        return;
    }
    setExtraSelections({});
    // Written while nobody looks: what a view shows is laid out again with every word.
    auto document = std::make_unique<QTextDocument>();
    document->setDocumentMargin(3 * kGrid);
    document->setUndoRedoEnabled(false);
    document->setIndentWidth(3 * kGrid);
    document->setDefaultFont(Theme::instance().font());
    document->setMarkdown(page->markdown, QTextDocument::MarkdownDialectGitHub);
    dress(*document);
    document->setParent(this); // Which it asks for pictures.
    QTextDocument* old = std::exchange(m_document, document.release());
    fitPictures();
    setDocument(m_document);
    delete old;
    readPictures();
    moveCursor(QTextCursor::Start);
    verticalScrollBar()->setValue(0);
    mark(words);
    scrollToHeading(anchor);
    setDocumentTitle(page->title);
    setAccessibleName(page->title);
}

void GuideView::follow(const QUrl& link)
{
    if (!link.scheme().isEmpty()) {
        QDesktopServices::openUrl(link);
        return;
    }
    const QString file = QFileInfo(link.path()).completeBaseName();
    const QString id = file.isEmpty() ? m_page : file;
    Q_EMIT topicRequested(link.hasFragment() ? id + u'#' + link.fragment(QUrl::FullyDecoded) : id);
}

void GuideView::dress(QTextDocument& document) const
{
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        dressBlock(document, block);
    }
    const QList<QTextFrame*> frames = document.rootFrame()->childFrames();
    for (QTextFrame* frame : frames) {
        if (auto* table = qobject_cast<QTextTable*>(frame)) {
            dressTable(*table);
        }
    }
}

void GuideView::dressBlock(QTextDocument& document, const QTextBlock& block) const
{
    const Theme& theme = Theme::instance();
    const double size = theme.font().pointSizeF() > 0 ? theme.font().pointSizeF() : theme.font().pixelSize() * 0.75;
    const QTextBlockFormat old = block.blockFormat();
    const int level = old.headingLevel();
    const bool isCode = old.hasProperty(QTextFormat::BlockCodeFence) || old.hasProperty(QTextFormat::BlockCodeLanguage);
    const bool isCell = QTextCursor(block).currentTable() != nullptr;

    const bool isPicture = block.begin() != block.end() && block.begin().fragment().charFormat().isImageFormat();
    QTextBlockFormat shape;
    if (!isPicture) { // whose height would grow, too
        shape.setLineHeight(kLineHeight, QTextBlockFormat::ProportionalHeight);
    }
    shape.setNonBreakableLines(false);
    if (level > 0) {
        shape.setTopMargin(level == 1 ? 0 : level == 2 ? 3 * kGrid : 2 * kGrid);
        shape.setBottomMargin(kGrid);
    } else if (isCode) {
        const auto isSame = [](const QTextBlock& other) {
            return other.isValid() && (other.blockFormat().hasProperty(QTextFormat::BlockCodeFence) ||
                                       other.blockFormat().hasProperty(QTextFormat::BlockCodeLanguage));
        };
        shape.setBackground(theme.color(ColorId::SurfaceRaised));
        shape.setLeftMargin(kGrid);
        shape.setRightMargin(kGrid);
        shape.setTopMargin(isSame(block.previous()) ? 0 : kGrid);
        shape.setBottomMargin(isSame(block.next()) ? 0 : kGrid);
    } else if (isCell) {
        shape.setTopMargin(0);
        shape.setBottomMargin(0);
    } else {
        shape.setTopMargin(block.textList() != nullptr ? 0 : kGrid / 2);
        shape.setBottomMargin(block.textList() != nullptr ? kGrid / 2 : kGrid);
    }
    QTextCursor(block).mergeBlockFormat(shape);

    changeFragments(document, block, [&](const QTextCharFormat& format) {
        QTextCharFormat looks;
        if (format.isImageFormat()) {
            return looks;
        }
        if (level > 0) {
            looks.setFontPointSize(size * (level == 1 ? 1.6 : level == 2 ? 1.25 : 1.05));
            looks.setFontWeight(QFont::DemiBold);
        } else if (isCode || format.fontFixedPitch()) {
            looks.setFontFamilies({theme.codeFont().family()});
            looks.setFontPointSize(size * 0.95);
            if (!isCode) {
                looks.setBackground(theme.color(ColorId::SurfaceRaised));
            }
        }
        if (format.isAnchor()) {
            looks.setForeground(theme.color(ColorId::Accent));
            looks.setFontUnderline(false);
        }
        return looks;
    });
}

void GuideView::dressTable(QTextTable& table) const
{
    const Theme& theme = Theme::instance();
    QTextTableFormat format = table.format();
    format.setBorder(1);
    format.setBorderCollapse(true);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    format.setBorderBrush(theme.color(ColorId::Border));
    format.setCellPadding(kCellPadding);
    format.setCellSpacing(0);
    format.setTopMargin(kGrid);
    format.setBottomMargin(2 * kGrid);
    table.setFormat(format);
    for (int column = 0; column < table.columns(); ++column) {
        QTextTableCell cell = table.cellAt(0, column);
        QTextCharFormat head = cell.format();
        head.setBackground(theme.color(ColorId::SurfaceRaised));
        cell.setFormat(head);
        QTextCharFormat strong;
        strong.setFontWeight(QFont::DemiBold);
        QTextCursor cursor = cell.firstCursorPosition();
        cursor.setPosition(cell.lastPosition(), QTextCursor::KeepAnchor);
        cursor.mergeCharFormat(strong);
    }
}

QString GuideView::pictureFile(const QString& name) const
{
    const QString file = m_guide->folder + u'/' + m_guide->language + u'/' + name;
    QString dark = file;
    return Theme::instance().isDark() ? dark.replace("-light-"_L1, "-dark-"_L1) : file;
}

QVariant GuideView::loadResource(int type, const QUrl& /*name*/)
{
    if (type != QTextDocument::ImageResource) {
        return {};
    }
    QImage nothing(1, 1, QImage::Format_ARGB32); // until fitPictures() has it: no file is read here
    nothing.fill(Qt::transparent);
    return nothing;
}

QImage GuideView::fitted(const QImage& picture, double width) const
{
    const double ratio = devicePixelRatioF();
    QImage result = picture.scaledToWidth(static_cast<int>(width * ratio), Qt::SmoothTransformation);
    QPainter painter(&result);
    painter.setPen(Theme::instance().color(ColorId::Border));
    painter.drawRect(result.rect().adjusted(0, 0, -1, -1));
    painter.end();
    result.setDevicePixelRatio(ratio);
    return result;
}

void GuideView::readPictures()
{
    const QStringList files = missingPictures();
    if (files.isEmpty()) {
        return;
    }
    m_reading.start(
        [files](std::stop_token stop) {
            QHash<QString, QImage> pictures;
            for (const QString& file : files) {
                if (stop.stop_requested()) {
                    break;
                }
                if (const QImage picture(file); !picture.isNull()) {
                    pictures.insert(file, picture);
                }
            }
            return pictures;
        },
        [this](const QHash<QString, QImage>& pictures) {
            const QStringList wanted = pictureFiles();
            m_pictures.removeIf([&wanted](const auto& picture) { return !wanted.contains(picture.key()); }); // 4 MiB each
            m_pictures.insert(pictures);
            fitPictures();
        });
}

QStringList GuideView::missingPictures() const
{
    QStringList files = pictureFiles();
    files.removeIf([this](const QString& file) { return m_pictures.contains(file); });
    return files;
}

QStringList GuideView::pictureFiles() const
{
    QStringList files;
    for (QTextBlock block = m_document->begin(); block.isValid(); block = block.next()) {
        for (auto i = block.begin(); !i.atEnd(); ++i) {
            const QTextImageFormat format = i.fragment().charFormat().toImageFormat();
            if (format.isValid()) {
                files << pictureFile(format.name());
            }
        }
    }
    return files;
}

void GuideView::fitPictures()
{
    if (m_document == nullptr) {
        return;
    }
    for (QTextBlock block = m_document->begin(); block.isValid(); block = block.next()) {
        const int steps = block.blockFormat().indent() + (block.textList() ? block.textList()->format().indent() : 0);
        const double room =
            viewport()->width() - 2 * m_document->documentMargin() - steps * m_document->indentWidth() - 1;
        changeFragments(*m_document, block, [&](const QTextCharFormat& format) -> QTextCharFormat {
            QTextImageFormat picture = format.toImageFormat();
            if (!picture.isValid()) {
                return {};
            }
            const QImage image = m_pictures.value(pictureFile(picture.name()));
            const double width = image.isNull() ? room : std::min<double>(room, image.width());
            if (!image.isNull()) {
                m_document->addResource(QTextDocument::ImageResource, QUrl(picture.name()), fitted(image, width));
            }
            picture.setWidth(width);
            picture.setHeight(width * (image.isNull() ? kPictureShape : double(image.height()) / image.width()));
            return picture;
        });
    }
}

void GuideView::resizeEvent(QResizeEvent* event)
{
    QTextBrowser::resizeEvent(event);
    fitPictures();
}

void GuideView::scrollToHeading(const QString& anchor)
{
    if (anchor.isEmpty()) {
        return;
    }
    const std::vector<GuidePassage>& passages = m_guide->page(m_page)->passages;
    const auto passage = std::ranges::find(passages, anchor, &GuidePassage::anchor);
    auto left = std::distance(passages.begin(), passage);
    for (QTextBlock block = document()->begin(); block.isValid() && passage != passages.end(); block = block.next()) {
        if (block.blockFormat().headingLevel() > 0 && left-- == 0) {
            setTextCursor(QTextCursor(block));
            const double top = document()->documentLayout()->blockBoundingRect(block).top();
            verticalScrollBar()->setValue(static_cast<int>(top) - kGrid);
            return;
        }
    }
}

void GuideView::mark(const QString& words)
{
    QList<QTextEdit::ExtraSelection> marks;
    for (const QString& word : words.split(u' ', Qt::SkipEmptyParts)) {
        QTextCursor cursor(document());
        while (!(cursor = document()->find(word, cursor)).isNull()) {
            QTextEdit::ExtraSelection selection;
            selection.cursor = cursor;
            selection.format.setBackground(Theme::instance().color(ColorId::Selection));
            marks << selection;
        }
    }
    setExtraSelections(marks);
}

} // namespace bitlathe::ui
