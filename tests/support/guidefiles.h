// SPDX-License-Identifier: Apache-2.0
// The files of the user guide, as tests read them.
#pragma once

#include <QFile>
#include <QRegularExpression>
#include <QStringList>

namespace bitlathe::tests
{

inline const QString kGuideFolder = QStringLiteral(BITLATHE_SOURCE_DIR "/docs/guide");

/// A page's text; empty where there is none.
inline QString guideText(const QString& language, const QString& id)
{
    QFile file(kGuideFolder + QLatin1Char('/') + language + QLatin1Char('/') + id + QStringLiteral(".md"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// The index, then the pages that it lists, in its order.
inline QStringList guideIds(const QString& language)
{
    static const QRegularExpression entry(QStringLiteral("^- \\[[^\\]]+\\]\\(([a-z0-9-]+)\\.md\\)"),
                                          QRegularExpression::MultilineOption);
    const QString index = QStringLiteral("index");
    QStringList ids{index};
    auto matches = entry.globalMatch(guideText(language, index));
    while (matches.hasNext()) {
        ids << matches.next().captured(1);
    }
    return ids;
}

/// What stands between ```kind and ```.
inline QStringList guideBlocks(const QString& text, const QString& kind)
{
    const QRegularExpression fence(QStringLiteral("^```%1\\n(.*?)^```").arg(kind),
                                   QRegularExpression::MultilineOption |
                                       QRegularExpression::DotMatchesEverythingOption);
    QStringList blocks;
    auto matches = fence.globalMatch(text);
    while (matches.hasNext()) {
        blocks << matches.next().captured(1);
    }
    return blocks;
}

} // namespace bitlathe::tests
