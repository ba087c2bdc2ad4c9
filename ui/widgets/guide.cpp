// SPDX-License-Identifier: GPL-3.0-or-later
// Guide: the pages of the user guide in one language, their headings, and what is found in them.
#include "ui/widgets/guide.h"

#include "core/base/file.h"
#include "core/base/resources.h"
#include "ui/bridge/session.h"

#include <QRegularExpression>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

constexpr qsizetype kExcerptBefore = 16; ///< Characters shown around what was found.
constexpr qsizetype kExcerptLength = 120;
const QString kIndex = u"index"_s;
const QString kFirstLanguage = u"en"_s; ///< Its headings give all languages their anchors.

/// A line without the signs of CommonMark.
QString plain(QString line)
{
    static const QRegularExpression picture(u"!\\[[^\\]]*\\]\\([^)]*\\)"_s);
    static const QRegularExpression link(u"\\[([^\\]]*)\\]\\([^)]*\\)"_s);
    static const QRegularExpression rule(u"^\\|?[-:| ]+\\|$"_s);
    static const QRegularExpression signs(
        u"^\\s*(#+|>|[-*]|\\d+\\.)\\s+|\\*\\*|`|(?<![\\w.])\\*(?=\\w)|(?<=[\\w…])\\*(?![\\w.])"_s);
    return line.remove(picture).replace(link, u"\\1"_s).remove(rule).remove(signs).replace(u'|', u' ').simplified();
}

Result<QString> readPage(const std::filesystem::path& folder, const QString& id)
{
    BITLATHE_TRY(const std::string text, readFile(folder / (id.toStdString() + ".md")));
    return QString::fromStdString(text);
}

Result<GuidePage> makePage(const std::filesystem::path& folder, const QString& language, const QString& id)
{
    GuidePage page;
    page.id = id;
    BITLATHE_TRY(page.markdown, readPage(folder / language.toStdString(), id));
    page.passages = guidePassages(page.markdown);
    if (language != kFirstLanguage) {
        BITLATHE_TRY(const QString first, readPage(folder / kFirstLanguage.toStdString(), id));
        const std::vector<GuidePassage> named = guidePassages(first);
        for (std::size_t i = 0; i < std::min(named.size(), page.passages.size()); ++i) {
            page.passages[i].anchor = named[i].anchor;
        }
    }
    return page;
}

QString excerpt(const QString& text, qsizetype place)
{
    const qsizetype from = std::max<qsizetype>(0, place - kExcerptBefore);
    QString part = text.mid(from, kExcerptLength).simplified();
    if (from > 0) {
        part.prepend(u'…');
    }
    if (from + kExcerptLength < text.size()) {
        part.append(u'…');
    }
    return part;
}

} // namespace

QString guideAnchor(const QString& heading)
{
    QString anchor;
    for (const QChar letter : heading.toLower()) {
        if (letter.isLetterOrNumber()) {
            anchor += letter;
        } else if (letter == u' ' || letter == u'-' || letter == u'_') {
            anchor += u'-';
        }
    }
    return anchor;
}

std::vector<GuidePassage> guidePassages(const QString& markdown)
{
    std::vector<GuidePassage> passages;
    bool isCode = false;
    for (const QString& line : markdown.split(u'\n')) {
        if (line.startsWith("```"_L1)) {
            isCode = !isCode;
            continue;
        }
        const auto signs = static_cast<int>(std::distance(
            line.begin(), std::find_if(line.begin(), line.end(), [](QChar letter) { return letter != u'#'; })));
        if (!isCode && signs > 0 && line.mid(signs, 1) == " "_L1) {
            const QString heading = plain(line);
            passages.push_back({heading, guideAnchor(heading), signs, {}});
        } else if (!passages.empty() && !line.trimmed().isEmpty()) {
            passages.back().text += (isCode ? line : plain(line)) + u' ';
        }
    }
    return passages;
}

Result<GuidePtr> readGuide(const QString& language)
{
    BITLATHE_TRY(const std::filesystem::path place, resource("guide"));
    std::error_code ignored;
    const std::filesystem::path real = std::filesystem::canonical(place, ignored); // sources have a link there
    const std::filesystem::path folder = real.empty() ? place : real;
    auto guide = std::make_shared<Guide>();
    guide->language = language;
    guide->folder = fromPath(folder);
    BITLATHE_TRY(GuidePage index, makePage(folder, language, kIndex));
    index.title = index.passages.empty() ? QString() : index.passages.front().heading;
    guide->pages.push_back(std::move(index));

    static const QRegularExpression entry(u"^- \\[([^\\]]+)\\]\\(([a-z0-9-]+)\\.md\\)"_s);
    QString section;
    for (const QString& line : guide->pages.front().markdown.split(u'\n')) {
        if (line.startsWith("## "_L1)) {
            section = plain(line);
        } else if (const auto match = entry.match(line); match.hasMatch()) {
            BITLATHE_TRY(GuidePage page, makePage(folder, language, match.captured(2)));
            page.title = match.captured(1);
            page.section = section;
            guide->pages.push_back(std::move(page));
        }
    }
    return guide;
}

const GuidePage* Guide::page(const QString& id) const
{
    const auto found = std::ranges::find(pages, id, &GuidePage::id);
    return found == pages.end() ? nullptr : &*found;
}

std::vector<GuideFind> Guide::find(const QString& words) const
{
    const QStringList wanted = words.split(u' ', Qt::SkipEmptyParts);
    std::vector<GuideFind> inHeadings;
    std::vector<GuideFind> inTexts;
    if (wanted.isEmpty()) {
        return inTexts;
    }
    const auto holds = [](const QString& text, const QString& word) {
        return text.contains(word, Qt::CaseInsensitive);
    };
    for (const GuidePage& page : pages) {
        for (const GuidePassage& passage : page.passages) {
            const bool isFound = page.id != kIndex && std::ranges::all_of(wanted, [&](const QString& word) {
                                     return holds(passage.text, word) || holds(passage.heading, word);
                                 });
            if (!isFound) {
                continue;
            }
            const qsizetype place = passage.text.indexOf(wanted.front(), 0, Qt::CaseInsensitive);
            const bool isTitle = passage.level == 1;
            GuideFind find{isTitle ? page.id : page.id + u'#' + passage.anchor, page.title,
                           isTitle ? QString() : passage.heading, excerpt(passage.text, std::max<qsizetype>(0, place))};
            (holds(passage.heading, wanted.front()) ? inHeadings : inTexts).push_back(std::move(find));
        }
    }
    std::ranges::move(inTexts, std::back_inserter(inHeadings));
    return inHeadings;
}

} // namespace bitlathe::ui
