// SPDX-License-Identifier: GPL-3.0-or-later
// TryPage: the same prompt on several models side by side.
#pragma once

#include "core/model/generate.h"
#include "ui/pages/page.h"

#include <vector>

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QPlainTextEdit;
class QSpinBox;
class QSplitter;

namespace bitlathe::ui
{

class CompletionColumn;

/// One prompt, one set of sampling settings, up to four models: their completions, speed and memory, and where they differ
/// from the first one's. Or a conversation with each.
class TryPage : public Page
{
    Q_OBJECT

public:
    explicit TryPage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("try"); }
    QString title() const override { return tr("Try"); }
    QString subtitle() const override { return tr("The same prompt on several models"); }
    QAction* primaryAction() override { return m_generate; }
    QList<QAction*> actions() const override { return {m_stop, m_add, m_remove, m_anew}; }
    QString commandLine() const override;
    bool dropFolder(const QString& folder) override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    void prepareScreenshot() override;
    bool isBusy() const override;

private:
    void makeActions();
    QWidget* makeSettings();
    void addColumn();
    void removeColumn();
    void addFolder(const QString& folder, std::size_t select);
    void suggestFolders();
    void setChat(bool on);
    void forget();
    void start();
    void stop();
    void showDifference();
    model::GenerationOptions options() const;
    void updateActions();

    QAction* m_generate;
    QAction* m_stop;
    QAction* m_add;
    QAction* m_remove;
    QAction* m_anew;
    QLabel* m_promptLabel = nullptr;
    QPlainTextEdit* m_prompt = nullptr;
    QSpinBox* m_tokens = nullptr;
    QDoubleSpinBox* m_temperature = nullptr;
    QSpinBox* m_topK = nullptr;
    QDoubleSpinBox* m_topP = nullptr;
    QDoubleSpinBox* m_penalty = nullptr;
    QSpinBox* m_seed = nullptr;
    QCheckBox* m_chat = nullptr;
    QLabel* m_difference = nullptr;
    QSplitter* m_splitter = nullptr;
    std::vector<CompletionColumn*> m_columns; ///< From left to right; at least one.
};

} // namespace bitlathe::ui
