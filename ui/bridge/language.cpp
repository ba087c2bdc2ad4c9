// SPDX-License-Identifier: GPL-3.0-or-later
// The window's language: catalogues of the program and of Qt, switched while it runs.
#include "ui/bridge/language.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

static void loadCatalogues()
{
    Q_INIT_RESOURCE(bitlathe_translations);
}

namespace bitlathe::ui
{
namespace
{

QString& currentLanguage()
{
    static QString code = QStringLiteral("en");
    return code;
}

QString systemLanguage()
{
    const QStringList known = languages();
    const QStringList wanted = QLocale::system().uiLanguages();
    for (const QString& tag : wanted) {
        const QString name = QLocale(tag).name();
        if (known.contains(name)) {
            return name;
        }
        const QString plain = name.section(QLatin1Char('_'), 0, 0);
        for (const QString& code : known) {
            if (code.section(QLatin1Char('_'), 0, 0) == plain) {
                return code;
            }
        }
    }
    return QStringLiteral("en");
}

} // namespace

QStringList languages()
{
    return {QStringLiteral("en"), QStringLiteral("zh_CN")};
}

QString languageName(const QString& code)
{
    return code == QLatin1String("zh_CN") ? QStringLiteral("简体中文") : QStringLiteral("English");
}

QString language()
{
    return currentLanguage();
}

void setLanguage(const QString& code)
{
    loadCatalogues();
    static QTranslator program;
    static QTranslator toolkit;
    const QString chosen = languages().contains(code) ? code : systemLanguage();
    currentLanguage() = chosen;
    QLocale::setDefault(chosen == QLatin1String("en") ? QLocale(QLocale::English, QLocale::UnitedStates)
                                                      : QLocale(chosen));
    QCoreApplication::removeTranslator(&program);
    QCoreApplication::removeTranslator(&toolkit);
    if (toolkit.load(QStringLiteral("qtbase_") + chosen, QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QCoreApplication::installTranslator(&toolkit);
    }
    // English too has a catalogue where plural forms need one; without it the source text is shown.
    if (program.load(QStringLiteral(":/i18n/bitlathe_%1.qm").arg(chosen))) {
        QCoreApplication::installTranslator(&program);
    }
}

} // namespace bitlathe::ui
