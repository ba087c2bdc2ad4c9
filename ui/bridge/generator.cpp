// SPDX-License-Identifier: GPL-3.0-or-later
// Generator: completions and answers of one model, token by token, off the UI thread.
#include "ui/bridge/generator.h"

#include "core/format/kvgrids.h"
#include "core/text/conversation.h"
#include "core/text/growingtext.h"
#include "ui/bridge/session.h"

#include <QElapsedTimer>

#include <algorithm>
#include <atomic>
#include <thread>

namespace bitlathe::ui
{

namespace
{
constexpr qint64 kThrottleMs = 50; ///< Text goes to the window at most 20 times a second.
}

/// What the UI thread and a worker tell each other.
struct Generator::Control
{
    std::atomic<bool> isWriting = false;   ///< There is a token.
    std::atomic<bool> isFinishing = false; ///< No more are wanted.
};

struct Generator::Data
{
    // These are of one worker at a time, for each waits for the one before.
    QString folder;
    model::Compute compute = model::Compute::F32;
    OpenedModelPtr opened;
    std::shared_ptr<const model::Model> model;
    quant::KvCache kv; ///< The folder's own.
    std::optional<text::Conversation> conversation;
    GeneratorFacts found;
    // The rest is of the UI thread.
    quint64 request = 0; ///< Signals of older ones are dropped.
    bool busy = false;
    bool beginsAnew = false; ///< The next message begins a conversation.
    GeneratorFacts facts;
    std::shared_ptr<Control> control;
    std::jthread worker; ///< Last: it ends before what it uses.
};

/// What a worker is to do.
struct Generator::Job
{
    quint64 request = 0;
    QString folder;
    std::string prompt;
    bool isChat = false;
    bool beginsAnew = false;
    model::GenerationOptions options;
    model::Compute compute = model::Compute::F32;
    std::shared_ptr<Control> control = std::make_shared<Control>();
    /// Runs an emitter on the generator's thread unless another request came in between.
    std::function<void(std::function<void()>)> post = {};
};

Generator::Generator(QObject* parent) : QObject(parent), m_data(std::make_unique<Data>()) {}

Generator::~Generator()
{
    drop();
}

bool Generator::busy() const
{
    return m_data->busy;
}

const GeneratorFacts& Generator::facts() const
{
    return m_data->facts;
}

void Generator::drop()
{
    ++m_data->request;
    m_data->busy = false;
    m_data->worker.request_stop();
}

void Generator::finish()
{
    if (!m_data->busy) {
        return;
    }
    m_data->control->isFinishing = true;
    if (!m_data->control->isWriting) {
        m_data->worker.request_stop();
    }
}

void Generator::forget()
{
    drop();
    m_data->beginsAnew = true;
}

void Generator::start(const QString& folder, const QString& prompt, bool isChat, const model::GenerationOptions& options,
                      model::Compute compute)
{
    drop();
    m_data->busy = true;
    Job job{m_data->request, folder, prompt.toStdString(), isChat, std::exchange(m_data->beginsAnew, false), options, compute};
    m_data->control = job.control;
    job.post = [this, request = job.request](std::function<void()> emitter) {
        QMetaObject::invokeMethod(
            this,
            [this, request, emitter = std::move(emitter)] {
                if (request == m_data->request) {
                    emitter();
                }
            },
            Qt::QueuedConnection);
    };
    // A thread that was asked to stop may take a while, for which the window does not wait.
    m_data->worker = std::jthread([this, job, before = std::move(m_data->worker)](std::stop_token stop) mutable {
        before = {};
        Result<model::Completion> completion = complete(job, std::move(stop));
        job.post([this, found = m_data->found, completion = std::move(completion)] {
            m_data->busy = false;
            m_data->facts = found;
            if (completion) {
                Q_EMIT finished(*completion);
            } else {
                Q_EMIT failed(completion.error());
            }
        });
    });
}

Result<void> Generator::open(const Job& job, std::stop_token stop)
{
    if (m_data->model && m_data->folder == job.folder && m_data->compute == job.compute) {
        return {};
    }
    m_data->model.reset();
    m_data->conversation.reset();
    BITLATHE_TRY(m_data->opened, format::openModel(toPath(job.folder)));
    if (!m_data->opened->tokenizer) {
        return Failure(*m_data->opened->tokenizerError);
    }
    const ProgressSink progress([this, &job](double fraction, const Text&) {
        job.post([this, fraction] { Q_EMIT loading(fraction); });
    });
    BITLATHE_TRY(m_data->model,
                 format::runnable(*m_data->opened, {job.compute, model::Residency::Resident}, {progress, std::move(stop)}));
    BITLATHE_TRY(m_data->kv, format::ownKvCache(*m_data->opened));
    m_data->folder = job.folder;
    m_data->compute = job.compute;
    return {};
}

/// In a chat the message is added to the conversation, and taken back where it cannot be put.
Result<std::vector<model::TokenId>> Generator::promptOf(const Job& job, std::int64_t newTokens)
{
    const text::Tokenizer& tokenizer = *m_data->opened->tokenizer;
    m_data->found = {m_data->kv.scheme, m_data->model->bytesWeights(), 0, false, 0};
    if (!job.isChat) {
        return tokenizer.encodeWithSpecial(job.prompt);
    }
    BITLATHE_TRY(auto chat, text::findChatTemplate(m_data->opened->folder()));
    m_data->found.usesTemplate = chat.has_value();
    if (job.beginsAnew) {
        m_data->conversation.reset();
    }
    if (!m_data->conversation) {
        const std::int64_t limit = m_data->model->spec().trainedLength().value_or(0);
        m_data->conversation.emplace(std::move(chat), std::string(), limit > 0 ? std::max<std::int64_t>(limit - newTokens, 1) : 0);
    }
    m_data->conversation->add("user", job.prompt);
    auto prompt = m_data->conversation->prompt(tokenizer, m_data->found.dropped);
    if (!prompt) {
        m_data->conversation->takeBack();
    }
    return prompt;
}

Result<model::Completion> Generator::complete(const Job& job, std::stop_token stop)
{
    BITLATHE_CHECK(open(job, stop));
    const text::Tokenizer& tokenizer = *m_data->opened->tokenizer;
    model::GenerationOptions options = job.options;
    options.kvStore = m_data->kv.maker();
    for (const std::int64_t id : m_data->opened->spec.eosIds) {
        options.stopIds.push_back(static_cast<model::TokenId>(id));
    }
    if (job.isChat) {
        BITLATHE_TRY(const auto ends, text::chatMlEnds(m_data->opened->folder(), tokenizer));
        options.stopIds.insert(options.stopIds.end(), ends.begin(), ends.end());
    }
    BITLATHE_TRY(const std::vector<model::TokenId> prompt, promptOf(job, options.maxNewTokens));
    text::GrowingText growing(tokenizer);
    std::string said;
    QList<WrittenToken> fresh;
    QElapsedTimer sinceText;
    sinceText.start();
    const auto send = [&] {
        job.post([this, more = std::exchange(fresh, {})] { Q_EMIT grown(more); });
        sinceText.restart();
    };
    options.onChoice = [&](const model::TokenChoice& choice) {
        WrittenToken token;
        token.probability = choice.chosen.probability;
        for (const model::LikelyToken& other : choice.likely) {
            token.likely.append({QString::fromStdString(tokenizer.piece(other.id)), other.probability});
        }
        fresh.append(std::move(token));
    };
    const auto onToken = [&](model::TokenId id) {
        job.control->isWriting = true;
        const bool isEnd = std::ranges::find(options.stopIds, id) != options.stopIds.end();
        const std::string piece = isEnd ? std::string() : growing.add(id);
        said += piece;
        fresh.back().id = id;
        fresh.back().text = QString::fromStdString(piece);
        if (sinceText.elapsed() >= kThrottleMs) {
            send();
        }
        return !job.control->isFinishing;
    };
    auto completion = model::generate(*m_data->model, prompt, options, onToken, {{}, std::move(stop)});
    if (!fresh.isEmpty()) {
        fresh.back().text += QString::fromStdString(growing.rest());
        send();
    }
    if (job.isChat) {
        completion ? m_data->conversation->add("assistant", said + growing.rest()) : m_data->conversation->takeBack();
    }
    if (completion) {
        const model::ModelSpec& spec = m_data->model->spec();
        const auto tokens = static_cast<std::int64_t>(prompt.size() + completion->ids.size());
        m_data->found.bytesCache = static_cast<std::uint64_t>(tokens * spec.blockCount() * m_data->kv.scheme.bytesPerToken(spec.kvHeads, spec.headDim));
    }
    return completion;
}

} // namespace bitlathe::ui
