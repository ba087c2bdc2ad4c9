// SPDX-License-Identifier: GPL-3.0-or-later
// GuideView: one page of the guide as text with pictures, in the theme's colours and type.
#pragma once

#include "ui/bridge/latesttask.h"
#include "ui/widgets/guide.h"

#include <QHash>
#include <QImage>
#include <QTextBrowser>

class QTextBlock;
class QTextDocument;
class QTextTable;

namespace bitlathe::ui
{

class GuideView : public QTextBrowser
{
    Q_OBJECT

public:
    explicit GuideView(QWidget* parent = nullptr);

    /// The page from its beginning, or from the heading with this anchor; words are marked wherever they stand.
    void showPage(const GuidePtr& guide, const QString& id, const QString& anchor = {}, const QString& words = {});
    /// Names of pictures that the page wants and that are not there (yet).
    QStringList missingPictures() const;

Q_SIGNALS:
    void topicRequested(const QString& topic); ///< A link to a page or heading was followed.

protected:
    QVariant loadResource(int type, const QUrl& name) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void follow(const QUrl& link);
    void dress(QTextDocument& document) const;
    void dressBlock(QTextDocument& document, const QTextBlock& block) const;
    void dressTable(QTextTable& table) const;
    void fitPictures();
    /// A picture of this width in logical pixels, smooth, with a thin frame.
    QImage fitted(const QImage& picture, double width) const;
    void readPictures();
    void scrollToHeading(const QString& anchor);
    void mark(const QString& words);
    QString pictureFile(const QString& name) const;
    QStringList pictureFiles() const; ///< Of the page.

    GuidePtr m_guide;
    QString m_page;
    QTextDocument* m_document = nullptr; ///< Of the page; a child. Null: none yet.
    QHash<QString, QImage> m_pictures; ///< By file.
    LatestTask m_reading{this};
};

} // namespace bitlathe::ui
