// SPDX-License-Identifier: GPL-3.0-or-later
// QuestionsDialog: questions and answers that a person types, kept as a .jsonl text set.
#pragma once

#include "core/base/result.h"
#include "ui/bridge/latesttask.h"

#include <QDialog>
#include <QPair>

class QLabel;
class QPushButton;
class QTableWidget;

namespace bitlathe::ui
{

/// A table of questions and answers; accepted, they are written to file() as one {"question", "answer"} a line.
class QuestionsDialog : public QDialog
{
    Q_OBJECT

public:
    using Questions = QList<QPair<QString, QString>>;

    /// Starts with an empty row, and then those of file where it holds such rows. Save suggests that file only then: a
    /// text of another kind must not be overwritten by a slip.
    explicit QuestionsDialog(const QString& file, QWidget* parent = nullptr);

    const QString& file() const { return m_file; }
    Questions questions() const; ///< Rows with a question.
    void setQuestions(const Questions& questions);
    /// Writes to a file off the UI thread, then accepts; where that fails, the file stays and the reason is shown.
    void saveTo(const QString& file);

private:
    void addRow(const QString& question = {}, const QString& answer = {});
    void removeCurrent();
    void save();
    void updateButtons();

    QString m_file;
    QTableWidget* m_table;
    QPushButton* m_remove;
    QPushButton* m_save;
    QLabel* m_problem;
    LatestTask m_task{this};
};

} // namespace bitlathe::ui
