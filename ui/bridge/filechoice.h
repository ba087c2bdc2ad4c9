// SPDX-License-Identifier: GPL-3.0-or-later
// chooseFile: the one way to ask for a file or a folder.
#pragma once

#include <QString>
#include <QStringList>

#include <functional>

class QObject;
class QWidget;

namespace bitlathe::ui
{

/// What is asked for.
struct FileChoice
{
    enum class Kind {
        Open,      ///< A file that is there.
        Save,      ///< A file that is written; one that is there is asked about.
        Folder,    ///< A folder that is there.
        NewFolder, ///< A folder that may have to be made.
    };
    Kind kind = Kind::Open;
    QString title;
    QString start; ///< The file or folder that is offered first; a folder to begin in. May be empty.
    /// Such as "Texts (*.txt *.csv)". Files to save get the ending of the one that is chosen; all others can be opened,
    /// too.
    QStringList filters;
};

/// Asks in a dialog over parent's window and returns at once. chosen is called with the answer, unless context or
/// parent is gone by then: the window may be built anew, in another language, while it asks.
void chooseFile(QWidget* parent, const FileChoice& choice, QObject* context,
                const std::function<void(const QString&)>& chosen);

} // namespace bitlathe::ui
