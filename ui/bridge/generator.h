// SPDX-License-Identifier: GPL-3.0-or-later
// Generator: completions of one model, token by token, off the UI thread.
#pragma once

#include "core/base/result.h"
#include "core/model/generate.h"
#include "core/quant/kvscheme.h"

#include <QObject>
#include <QString>

#include <memory>

namespace bitlathe::ui
{

/// Keeps the model of one folder in memory and completes prompts with it. All signals arrive on the owner's thread; those of
/// a completion that was stopped or replaced are dropped.
class Generator : public QObject
{
    Q_OBJECT

public:
    explicit Generator(QObject* parent = nullptr);
    ~Generator() override;

    /// Stops what runs, opens the folder where it is another than before, and completes the prompt. The model's stop tokens are
    /// added to those of options.
    void start(const QString& folder, const QString& prompt, const model::GenerationOptions& options, model::Compute compute);
    void stop();
    bool busy() const;
    /// How keys and values of the last completion were kept: as the folder's own scales say, else plainly.
    quant::KvScheme kvScheme() const;

Q_SIGNALS:
    void loading(double fraction);
    /// The whole completion so far.
    void textChanged(const QString& text);
    void finished(const bitlathe::model::Completion& completion);
    void failed(const bitlathe::Error& error);

private:
    struct Data;
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::ui
