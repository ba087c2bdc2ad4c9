// SPDX-License-Identifier: GPL-3.0-or-later
// Generator: completions and answers of one model, token by token, off the UI thread.
#pragma once

#include "core/base/result.h"
#include "core/model/generate.h"
#include "core/quant/kvscheme.h"

#include <QList>
#include <QObject>
#include <QString>

#include <memory>

namespace bitlathe::ui
{

/// A token that a model wrote.
struct WrittenToken
{
    model::TokenId id = 0;
    QString text; ///< The characters that it completes; empty where it ends within one.
    double probability = 0;
    /// What was most likely in its place, with probabilities.
    QList<std::pair<QString, double>> likely;
};

/// What is known of a model and its last completion.
struct GeneratorFacts
{
    quant::KvScheme kv; ///< As the folder's own scales say, else plainly.
    std::uint64_t bytesWeights = 0;
    std::uint64_t bytesCache = 0; ///< Keys and values of the prompt and all new tokens.
    bool usesTemplate = false;    ///< The message went through the model's chat template.
    int dropped = 0;              ///< Oldest questions and answers that were left away.
};

/// Keeps the model of one folder in memory and completes prompts with it. All signals arrive on the owner's thread;
/// those of a completion that was replaced are dropped.
class Generator : public QObject
{
    Q_OBJECT

public:
    explicit Generator(QObject* parent = nullptr);
    ~Generator() override;

    /// Drops what runs, opens the folder where it is another than before, and completes the prompt; in a chat it is the next
    /// message of a conversation, to which the answer is added. The model's stop tokens are added to those of options.
    void start(const QString& folder, const QString& prompt, bool isChat, const model::GenerationOptions& options,
               model::Compute compute);
    void finish(); ///< Ends what runs with what is there.
    void forget(); ///< Drops what runs, and begins a new conversation.
    bool busy() const;
    const GeneratorFacts& facts() const;

Q_SIGNALS:
    void loading(double fraction);
    void grown(const QList<bitlathe::ui::WrittenToken>& more); ///< Tokens since the last time.
    void finished(const bitlathe::model::Completion& completion);
    void failed(const bitlathe::Error& error);

private:
    struct Control;
    struct Data;
    struct Job;
    void drop();
    Result<model::Completion> complete(const Job& job, std::stop_token stop);
    Result<void> open(const Job& job, std::stop_token stop);
    Result<std::vector<model::TokenId>> promptOf(const Job& job, std::int64_t newTokens);

    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::ui
