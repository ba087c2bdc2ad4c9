// SPDX-License-Identifier: GPL-3.0-or-later
// QuestionsDialog: questions and answers that a person types, kept as a .jsonl text set.
#include "ui/wizard/questionsdialog.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "ui/bridge/filechoice.h"
#include "ui/bridge/session.h"
#include "ui/theme/theme.h"
#include "ui/widgets/helptopic.h"
#include "ui/widgets/tables.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStandardPaths>
#include <QTableWidget>
#include <QVBoxLayout>

namespace bitlathe::ui
{
namespace
{

enum QuestionColumn { Question, Answer, QuestionColumnCount };
constexpr std::uint64_t kMaxBytes = 4 << 20; ///< More was not typed by a person.

/// Rows of a .jsonl that has nothing but questions and answers; empty where it is another file.
QuestionsDialog::Questions questionsIn(const QString& file)
{
    QuestionsDialog::Questions all;
    const auto content = file.endsWith(QStringLiteral(".jsonl")) ? readFile(toPath(file), kMaxBytes) : std::string();
    if (!content) {
        return all;
    }
    for (const QByteArray& line : QByteArray::fromStdString(*content).split('\n')) {
        if (line.trimmed().isEmpty()) {
            continue;
        }
        const Json row = Json::parse(line.toStdString(), nullptr, false);
        const auto textOf = [&row](const char* key) {
            return row.is_object() && row.contains(key) && row[key].is_string() ? row[key].get<std::string>()
                                                                                : std::string();
        };
        const std::string question = textOf("question");
        if (question.empty() || row.size() != 2 || !row.contains("answer")) {
            return {};
        }
        all.emplaceBack(QString::fromStdString(question), QString::fromStdString(textOf("answer")));
    }
    return all;
}

std::string linesOf(const QuestionsDialog::Questions& questions)
{
    std::string lines;
    for (const auto& [question, answer] : questions) {
        const Json row = {{"question", question.toStdString()}, {"answer", answer.toStdString()}};
        lines += row.dump() + '\n';
    }
    return lines;
}

} // namespace

QuestionsDialog::QuestionsDialog(const QString& file, QWidget* parent)
    : QDialog(parent),
      m_file(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation) + QStringLiteral("/questions.jsonl")),
      m_table(new QTableWidget(0, QuestionColumnCount, this)),
      m_remove(new QPushButton(tr("Remove"), this)),
      m_problem(new QLabel(this))
{
    setWindowTitle(tr("Questions and answers"));
    setHelpTopic(this, QStringLiteral("wizard#calibration-text"));
    resize(90 * kGrid, 60 * kGrid);
    auto* hint = new QLabel(
        tr("Type what the model is asked, and how it should answer. Each row becomes one calibration sample."), this);
    hint->setWordWrap(true);
    m_table->setAccessibleName(tr("Questions and answers"));
    m_table->setHorizontalHeaderLabels({tr("Question"), tr("Answer")});
    setUpTable(m_table);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->setWordWrap(true);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_problem->setWordWrap(true);
    m_problem->hide();
    auto* add = new QPushButton(tr("Add row"), this);
    auto* row = new QHBoxLayout;
    row->addWidget(add);
    row->addWidget(m_remove);
    row->addStretch();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_save = buttons->addButton(tr("Save and use…"), QDialogButtonBox::AcceptRole);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(hint);
    layout->addWidget(m_table, 1);
    layout->addLayout(row);
    layout->addWidget(m_problem);
    layout->addWidget(buttons);

    connect(add, &QPushButton::clicked, this, [this] {
        addRow();
        m_table->setCurrentCell(m_table->rowCount() - 1, Question);
        m_table->editItem(m_table->currentItem());
    });
    connect(m_remove, &QPushButton::clicked, this, &QuestionsDialog::removeCurrent);
    connect(m_table, &QTableWidget::itemChanged, this, &QuestionsDialog::updateButtons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QuestionsDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    setQuestions({});
    m_task.start([file](std::stop_token) { return questionsIn(file); },
                 [this, file](const Questions& stored) {
                     if (!stored.isEmpty() && questions().isEmpty()) {
                         m_file = file;
                         setQuestions(stored);
                     }
                 });
}

QuestionsDialog::Questions QuestionsDialog::questions() const
{
    Questions all;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const QString question = m_table->item(row, Question)->text().trimmed();
        if (!question.isEmpty()) {
            all.emplaceBack(question, m_table->item(row, Answer)->text().trimmed());
        }
    }
    return all;
}

void QuestionsDialog::setQuestions(const Questions& questions)
{
    m_table->setRowCount(0);
    for (const auto& [question, answer] : questions) {
        addRow(question, answer);
    }
    if (questions.isEmpty()) {
        addRow();
    }
    updateButtons();
}

void QuestionsDialog::addRow(const QString& question, const QString& answer)
{
    const int row = m_table->rowCount();
    const QSignalBlocker blocker(m_table);
    m_table->insertRow(row);
    m_table->setItem(row, Question, new QTableWidgetItem(question));
    m_table->setItem(row, Answer, new QTableWidgetItem(answer));
    updateButtons();
}

void QuestionsDialog::removeCurrent()
{
    m_table->removeRow(m_table->currentRow());
    if (m_table->rowCount() == 0) {
        addRow();
    }
    updateButtons();
}

void QuestionsDialog::updateButtons()
{
    m_save->setEnabled(!questions().isEmpty());
    m_remove->setEnabled(m_table->rowCount() > 1 || !questions().isEmpty());
}

void QuestionsDialog::save()
{
    const FileChoice choice{
        FileChoice::Kind::Save, tr("Save questions and answers"), m_file, {tr("Questions (*.jsonl)")}};
    chooseFile(this, choice, this, [this](const QString& file) { saveTo(file); });
}

void QuestionsDialog::saveTo(const QString& file)
{
    m_task.start(
        [file, lines = linesOf(questions())](std::stop_token) { return writeFileAtomically(toPath(file), lines); },
        [this, file](const Result<void>& saved) {
            if (!saved) {
                m_problem->setText(translated(saved.error()));
                m_problem->show();
                return;
            }
            m_file = file;
            accept();
        });
}

} // namespace bitlathe::ui
