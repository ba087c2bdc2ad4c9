// SPDX-License-Identifier: GPL-3.0-or-later
// ComparisonForm: on what models are compared: text, protocol, ways of keeping keys and values, questions, prompts.
#pragma once

#include "core/evaluate/comparison.h"

#include <QWidget>

class QFormLayout;
class QLineEdit;
class QSettings;

namespace bitlathe::ui
{

class KvChoice;
class PromptFields;
class ProtocolFields;
class QuestionFields;

class ComparisonForm : public QWidget
{
    Q_OBJECT

public:
    explicit ComparisonForm(QWidget* parent = nullptr);

    QString text() const; ///< SPEC of the text, trimmed.
    void setText(const QString& spec);
    /// What the fields say; the rest is the caller's.
    evaluate::CompareOptions options() const;
    /// The same as options of the command line. calibrationText: from which grids of keys and values are found.
    QStringList flags(const QString& calibrationText) const;

    void saveState(QSettings& settings) const;
    void restoreState(const QSettings& settings);

Q_SIGNALS:
    void textChanged();

private:
    void addProtocolRows(QFormLayout* form);
    void addQuestionRows(QFormLayout* form);
    void addPromptRows(QFormLayout* form);
    QStringList kvNames() const; ///< Of the ticked kinds of KV cache.

    QLineEdit* m_data;
    ProtocolFields* m_protocolFields;
    KvChoice* m_kv;
    QuestionFields* m_questions;
    PromptFields* m_prompts;
};

} // namespace bitlathe::ui
