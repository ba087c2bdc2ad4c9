// SPDX-License-Identifier: GPL-3.0-or-later
// TryPage: the same prompt on two models side by side.
#pragma once

#include "ui/bridge/generator.h"
#include "ui/pages/page.h"

#include <array>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPlainTextEdit;
class QSpinBox;

namespace bitlathe::ui
{

/// One prompt, one set of sampling settings, two models: their completions, speed, and where they first differ.
class TryPage : public Page
{
    Q_OBJECT

public:
    explicit TryPage(Session& session, QWidget* parent = nullptr);

    QString id() const override { return QStringLiteral("try"); }
    QString title() const override { return tr("Try"); }
    QString subtitle() const override { return tr("The same prompt on two models"); }
    QAction* primaryAction() override { return m_generate; }
    QList<QAction*> actions() const override { return {m_stop}; }
    QString commandLine() const override;
    bool dropFolder(const QString& folder) override;
    void saveState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    void prepareScreenshot() override;
    bool isBusy() const override;

private:
    /// One of the two columns.
    struct Side
    {
        Generator* generator = nullptr;
        QComboBox* folder = nullptr;
        QPlainTextEdit* answer = nullptr;
        QLabel* facts = nullptr;
        std::vector<model::TokenId> ids;
    };

    QWidget* makeSettings();
    QWidget* makeSide(Side& side, const QString& label);
    void addFolder(const QString& folder, int select);
    void suggestFolders();
    void start();
    void stop();
    void showFacts(Side& side, const model::Completion& completion);
    void showDifference();
    model::GenerationOptions options() const;
    void updateActions();

    QAction* m_generate;
    QAction* m_stop;
    QPlainTextEdit* m_prompt = nullptr;
    QSpinBox* m_tokens = nullptr;
    QDoubleSpinBox* m_temperature = nullptr;
    QSpinBox* m_topK = nullptr;
    QDoubleSpinBox* m_topP = nullptr;
    QDoubleSpinBox* m_penalty = nullptr;
    QSpinBox* m_seed = nullptr;
    QLabel* m_difference = nullptr;
    std::array<Side, 2> m_sides;
};

} // namespace bitlathe::ui
