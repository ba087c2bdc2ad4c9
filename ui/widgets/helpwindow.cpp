// SPDX-License-Identifier: GPL-3.0-or-later
// HelpWindow: first steps, and all keys as the window's actions say them.
#include "ui/widgets/helpwindow.h"

#include "ui/theme/theme.h"

#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace bitlathe::ui
{

using namespace Qt::StringLiterals;

HelpWindow::HelpWindow(const QList<QAction*>& actions, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("First steps and keys"));
    auto* text = new QTextBrowser(this);
    text->setFrameShape(QFrame::NoFrame);
    text->setHtml(steps() + keys(actions));
    text->setAccessibleName(windowTitle());
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    layout->addWidget(text, 1);
    layout->addWidget(buttons);
    resize(640, 640);
}

QString HelpWindow::steps()
{
    const QStringList steps{
        tr("Open a model folder, or the demo model. Nothing is copied."),
        tr("Look at its layers on the page Model: weights, and the channels that stand out."),
        tr("Try bits and group sizes on the page Tune. Every change answers at once."),
        tr("Start a run with New run. It says beforehand what it will cost."),
        tr("Compare the result with the original: perplexity, divergence, memory."),
        tr("Export a report, and load the exported folder with the program it was made for."),
    };
    QString html = u"<h3>%1</h3><ol>"_s.arg(tr("First steps").toHtmlEscaped());
    for (const QString& step : steps) {
        html += u"<li>%1</li>"_s.arg(step.toHtmlEscaped());
    }
    return html + u"</ol>"_s;
}

QString HelpWindow::keys(const QList<QAction*>& actions)
{
    QString html = u"<h3>%1</h3><table cellspacing=\"4\">"_s.arg(tr("Keys").toHtmlEscaped());
    const auto addRow = [&html](const QString& key, const QString& what) {
        html += u"<tr><td><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>"_s.arg(key.toHtmlEscaped(), what.toHtmlEscaped());
    };
    for (const QAction* action : actions) {
        if (!action->shortcut().isEmpty()) {
            QString name = action->text();
            addRow(QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText), name.remove(u'&'));
        }
    }
    addRow(tr("Space"), tr("In the job list: pause or go on"));
    addRow(tr("Esc"), tr("In the job list: cancel"));
    addRow(u"Ctrl+T"_s, tr("In a plot: show its numbers as a table, where Enter chooses"));
    addRow(u"Del"_s, tr("In the history: take the selected runs off the list"));
    addRow(tr("Shift"), tr("With a page's main button: copy the command line"));
    return html + u"</table>"_s;
}

} // namespace bitlathe::ui
