// SPDX-License-Identifier: GPL-3.0-or-later
// CompletionColumn: one model of the Try page: which, what it writes, how fast.
#pragma once

#include "ui/bridge/generator.h"

#include <QWidget>

class QComboBox;
class QLabel;

namespace bitlathe::ui
{

class AnswerView;

class CompletionColumn : public QWidget
{
    Q_OBJECT

public:
    explicit CompletionColumn(QWidget* parent = nullptr);

    QString folder() const; ///< Empty: none.
    void addFolder(const QString& folder, bool select);
    QStringList folders() const; ///< That can be chosen.
    void setLabel(const QString& label); ///< "&Model 2".
    QString name() const;        ///< Of the folder.

    /// In a chat the prompt is shown as a message, and what was said before stays.
    void start(const QString& prompt, bool isChat, const model::GenerationOptions& options, model::Compute compute);
    void finish();
    void forget(); ///< Empties the column and begins a new conversation.
    bool isBusy() const;

    std::vector<model::TokenId> ids() const; ///< Of the newest text.
    void mark(const std::vector<bool>& marks);

Q_SIGNALS:
    void changed();  ///< Of folder or isBusy().
    void finished(); ///< With a text.

private:
    void showFacts(const model::Completion& completion);
    void setFacts(const QString& facts);

    Generator* m_generator;
    QLabel* m_label;
    QComboBox* m_folder;
    AnswerView* m_answer;
    QLabel* m_facts;
    QString m_shown; ///< What m_facts says while no token is pointed at.
};

} // namespace bitlathe::ui
