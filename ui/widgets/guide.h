// SPDX-License-Identifier: GPL-3.0-or-later
// Guide: the pages of the user guide in one language, their headings, and what is found in them.
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace bitlathe::ui
{

/// A heading of a page with the text below it, up to the next one.
struct GuidePassage
{
    QString heading;
    QString anchor; ///< The same in every language.
    int level = 1;  ///< 1: the page's title.
    QString text;   ///< Without markup.
};

struct GuidePage
{
    QString id;       ///< Name of its file without ending: "tune".
    QString title;    ///< As the index has it.
    QString section;  ///< Heading of the index that it stands under; of the index itself empty.
    QString markdown; ///< CommonMark with tables.
    std::vector<GuidePassage> passages;
};

/// A place where all words that were looked for stand.
struct GuideFind
{
    QString topic;   ///< "tune#clipping"
    QString page;    ///< Title of the page.
    QString heading; ///< Empty: the beginning of the page.
    QString excerpt; ///< The words around the first of them.
};

/// All pages, the index (id "index") first, then in its order. A topic is a page's id, or that, "#" and an anchor.
struct Guide
{
    QString language;
    QString folder; ///< The guide's own; pictures are named from the language's folder in it.
    std::vector<GuidePage> pages;

    const GuidePage* page(const QString& id) const; ///< nullptr: there is none.
    /// Passages that hold all words, those with a word in the heading first; nothing for no words.
    std::vector<GuideFind> find(const QString& words) const;
};
using GuidePtr = std::shared_ptr<const Guide>;

/// Reads resource("guide"), in the sources docs/guide. language: "en", "zh_CN". FileMissing where a page of the index is not
/// there. Reads files: not for the UI thread.
Result<GuidePtr> readGuide(const QString& language);

/// What a page's headings are called in links: lower case, words joined by hyphens.
QString guideAnchor(const QString& heading);
/// The headings of a text and what stands below them; anchors from the headings themselves.
std::vector<GuidePassage> guidePassages(const QString& markdown);

} // namespace bitlathe::ui
