// SPDX-License-Identifier: GPL-3.0-or-later
// Generator: completions of one model, token by token, off the UI thread.
#include "ui/bridge/generator.h"

#include "core/format/kvgrids.h"
#include "ui/bridge/session.h"

#include <QElapsedTimer>

#include <thread>

namespace bitlathe::ui
{

namespace
{
constexpr qint64 kThrottleMs = 50; ///< Text goes to the window at most 20 times a second.
}

struct Generator::Data
{
    // The model is used by one worker thread at a time: start() joins the one before.
    QString folder;
    model::Compute compute = model::Compute::F32;
    OpenedModelPtr opened;
    std::shared_ptr<const model::Model> model;
    quant::KvCache kv; ///< The folder's own.
    quint64 request = 0; ///< UI thread only: signals of older requests are dropped.
    bool busy = false;
    quant::KvScheme scheme; ///< UI thread only.
    std::jthread worker; ///< Last: it ends before what it uses.
};

Generator::Generator(QObject* parent) : QObject(parent), m_data(std::make_unique<Data>()) {}

Generator::~Generator()
{
    stop();
}

bool Generator::busy() const
{
    return m_data->busy;
}

quant::KvScheme Generator::kvScheme() const
{
    return m_data->scheme;
}

void Generator::stop()
{
    ++m_data->request;
    m_data->busy = false;
    m_data->worker.request_stop();
}

void Generator::start(const QString& folder, const QString& prompt, const model::GenerationOptions& options,
                      model::Compute compute)
{
    stop();
    m_data->busy = true;
    const quint64 request = m_data->request;
    // Runs emitter on this object's thread unless another request came in between.
    const auto post = [this, request](auto emitter) {
        QMetaObject::invokeMethod(
            this,
            [this, request, emitter = std::move(emitter)] {
                if (request == m_data->request) {
                    emitter();
                }
            },
            Qt::QueuedConnection);
    };
    const auto work = [this, post, folder, prompt, options,
                       compute](std::stop_token stop) -> Result<model::Completion> {
        if (!m_data->model || m_data->folder != folder || m_data->compute != compute) {
            m_data->model.reset();
            BITLATHE_TRY(m_data->opened, format::openModel(toPath(folder)));
            if (!m_data->opened->tokenizer) {
                return Failure(*m_data->opened->tokenizerError);
            }
            const ProgressSink progress([this, post](double fraction, const Text&) {
                post([this, fraction] { Q_EMIT loading(fraction); });
            });
            BITLATHE_TRY(m_data->model,
                         format::runnable(*m_data->opened, {compute, model::Residency::Resident}, {progress, stop}));
            BITLATHE_TRY(m_data->kv, format::ownKvCache(*m_data->opened));
            m_data->folder = folder;
            m_data->compute = compute;
        }
        const text::Tokenizer& tokenizer = *m_data->opened->tokenizer;
        model::GenerationOptions settings = options;
        settings.kvStore = m_data->kv.maker();
        for (const std::int64_t id : m_data->opened->spec.eosIds) {
            settings.stopIds.push_back(static_cast<model::TokenId>(id));
        }
        std::vector<text::TokenId> ids;
        QElapsedTimer sinceText;
        sinceText.start();
        const auto onToken = [&](model::TokenId id) {
            ids.push_back(id);
            if (sinceText.elapsed() >= kThrottleMs) {
                sinceText.restart();
                post([this, text = QString::fromStdString(tokenizer.decode(ids))] { Q_EMIT textChanged(text); });
            }
            return true;
        };
        BITLATHE_TRY(model::Completion completion,
                     model::generate(*m_data->model, tokenizer.encodeWithSpecial(prompt.toStdString()), settings,
                                     onToken, {{}, stop}));
        post([this, text = QString::fromStdString(tokenizer.decode(completion.ids)), kv = m_data->kv.scheme] {
            m_data->scheme = kv;
            Q_EMIT textChanged(text);
        });
        return completion;
    };
    m_data->worker = std::jthread([this, post, work](std::stop_token stop) {
        Result<model::Completion> completion = work(stop);
        post([this, completion = std::move(completion)] {
            m_data->busy = false;
            if (completion) {
                Q_EMIT finished(*completion);
            } else {
                Q_EMIT failed(completion.error());
            }
        });
    });
}

} // namespace bitlathe::ui
