// SPDX-License-Identifier: Apache-2.0
// Throughput: prompts through the models, then tokens behind caches, each repeat of all models before the next one.
#include "core/evaluate/throughput.h"

#include "core/base/powermeter.h"
#include "core/evaluate/logitscores.h"
#include "core/evaluate/statistics.h"
#include "core/model/generate.h"
#include "kernels/threads.h"

#include <algorithm>
#include <chrono>
#include <random>

namespace bitlathe::evaluate
{

namespace
{

using Stopwatch = std::chrono::steady_clock;

constexpr std::int64_t kTokensMost = 1 << 24;
constexpr std::int64_t kBatchMost = 1 << 12;
constexpr std::int64_t kRepeatsMost = 1000;
constexpr std::int64_t kFillRows = 256; ///< Of made-up keys and values, used over and over.

double secondsFrom(Stopwatch::time_point start)
{
    return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

Result<void> checkNumbers(const char* name, const std::vector<std::int64_t>& numbers, std::int64_t most)
{
    if (numbers.empty()) {
        return fail(ErrorCode::SettingInvalid, name, Text(BITLATHE_TEXT("at least one number")),
                    Text(BITLATHE_TEXT("none")));
    }
    for (const std::int64_t number : numbers) {
        if (number < 1 || number > most) {
            return fail(ErrorCode::SettingInvalid, name, Text(BITLATHE_TEXT("whole numbers from 1 to %1"), most),
                        Text("%1", number));
        }
    }
    return {};
}

/// Token ids that stand for a text: of all the vocabulary, the same every time.
std::vector<model::TokenId> madeUpIds(const model::ModelSpec& spec, std::int64_t count)
{
    std::minstd_rand random(1);
    std::vector<model::TokenId> ids(static_cast<std::size_t>(count));
    for (model::TokenId& id : ids) {
        id = static_cast<model::TokenId>(random() % static_cast<std::uint64_t>(spec.vocabulary));
    }
    return ids;
}

/// Appends rows of made-up keys and values to a store, as a pass of so many tokens would.
void fill(const model::ModelSpec& spec, std::int64_t tokens, model::KvStore& store)
{
    const std::int64_t width = spec.kvHeads * spec.headDim;
    std::minstd_rand random(1);
    std::uniform_real_distribution<float> spread(-1, 1);
    std::vector<float> rows(static_cast<std::size_t>(std::min(tokens, kFillRows) * width));
    std::ranges::generate(rows, [&] { return spread(random); });
    const model::Values moved(store.memory(), rows);
    store.firstPass(tokens);
    for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
        for (std::int64_t done = 0; done < tokens; done += kFillRows) {
            const auto part = moved.span().first(static_cast<std::size_t>(std::min(kFillRows, tokens - done) * width));
            store.append(block, part, part);
        }
    }
    store.advance(tokens);
}

/// Sequences of one model that are written side by side.
class Writers
{
public:
    Writers(const ThroughputSubject& subject, std::int64_t context, std::int64_t batch, std::int64_t newTokens)
        : m_model(*subject.model),
          m_context(context),
          m_ids(madeUpIds(m_model.spec(), batch)),
          m_logits(m_model.memory())
    {
        const model::KvStoreMaker maker = subject.kv.maker();
        for (std::int64_t i = 0; i < batch; ++i) {
            m_owned.push_back(maker ? maker(m_model.spec(), context + newTokens)
                                    : m_model.makeKvStore(context + newTokens));
            fill(m_model.spec(), context, *m_owned.back());
            m_stores.push_back(m_owned.back().get());
        }
        m_logits.resize(static_cast<std::size_t>(batch * m_model.spec().vocabulary));
    }

    /// So many tokens of every sequence, each the most likely one. Gives the seconds they took.
    Result<double> write(std::int64_t steps, const WorkContext& work)
    {
        const auto start = Stopwatch::now();
        for (std::int64_t step = 0; step < steps; ++step) {
            BITLATHE_TRY(const model::Activations normed, m_model.decode(m_ids, m_stores, WorkContext{{}, work.stop}));
            m_model.logits(normed, 0, normed.rows, m_logits.span());
            m_ids = mostLikely(m_model.backend(), m_logits.span(), m_model.spec().vocabulary);
        }
        const double seconds = secondsFrom(start);
        std::ranges::for_each(m_stores, [this](model::KvStore* store) { store->truncate(m_context); });
        return seconds;
    }

private:
    const model::Model& m_model;
    std::int64_t m_context;
    std::vector<model::TokenId> m_ids;
    std::vector<std::unique_ptr<model::KvStore>> m_owned;
    std::vector<model::KvStore*> m_stores;
    model::Values m_logits;
};

/// Seconds of a prompt alone and with its first token.
struct PromptSeconds
{
    double prefill = 0;
    double firstToken = 0;
};

Result<PromptSeconds> readPrompt(const ThroughputSubject& subject, const std::vector<model::TokenId>& prompt,
                                 const WorkContext& work)
{
    model::GenerationOptions options;
    options.maxNewTokens = 1;
    options.kvStore = subject.kv.maker();
    PromptSeconds seconds;
    const auto start = Stopwatch::now();
    const auto onToken = [&](model::TokenId) {
        seconds.firstToken = secondsFrom(start);
        return true;
    };
    BITLATHE_TRY(const model::Completion completion,
                 model::generate(*subject.model, prompt, options, onToken, WorkContext{{}, work.stop}));
    seconds.prefill = completion.secondsPrefill;
    return seconds;
}

/// The measurement as it goes.
class ThroughputRun
{
public:
    ThroughputRun(std::span<const ThroughputSubject> subjects, const ThroughputOptions& options, WorkContext work)
        : m_subjects(subjects), m_options(options), m_work(std::move(work))
    {}

    Result<std::vector<Throughput>> run()
    {
        BITLATHE_CHECK(prepare());
        for (const std::int64_t tokens : m_prompts) {
            BITLATHE_CHECK(measurePrompt(tokens));
        }
        for (const std::int64_t context : m_contexts) {
            for (const std::int64_t batch : m_options.batches) {
                BITLATHE_CHECK(measureWriting(context, batch));
            }
        }
        return std::move(m_results);
    }

private:
    Result<void> prepare();
    Result<std::vector<std::int64_t>> fitting(const std::vector<std::int64_t>& lengths, std::int64_t behind,
                                              const char* name);
    Result<void> measurePrompt(std::int64_t tokens);
    Result<void> measureWriting(std::int64_t context, std::int64_t batch);
    void forgetEnergy();
    std::optional<double> energy();
    void tell() { m_work.progress.set(static_cast<double>(++m_done) / static_cast<double>(m_steps)); }

    std::span<const ThroughputSubject> m_subjects;
    const ThroughputOptions& m_options;
    WorkContext m_work;
    std::vector<std::int64_t> m_prompts;
    std::vector<std::int64_t> m_contexts;
    std::optional<PowerMeter> m_meter;
    std::vector<Throughput> m_results; ///< One for each subject.
    std::int64_t m_steps = 1;
    std::int64_t m_done = 0;
};

/// Those lengths that all models have positions for, with so many tokens behind; the others become a Finding.
Result<std::vector<std::int64_t>> ThroughputRun::fitting(const std::vector<std::int64_t>& lengths, std::int64_t behind,
                                                         const char* name)
{
    std::vector<std::int64_t> fitting = lengths;
    for (std::size_t i = 0; i < m_subjects.size(); ++i) {
        const auto limit = m_subjects[i].model->spec().positionLimit();
        if (!limit) {
            continue;
        }
        std::erase_if(fitting, [&](std::int64_t length) { return length + behind > *limit; });
        const auto beyond =
            std::ranges::count_if(lengths, [&](std::int64_t length) { return length + behind > *limit; });
        const Text found(BITLATHE_TEXT("%1 of %2 lengths (%3) are beyond the %4 positions of the model"), beyond,
                         lengths.size(), name, *limit);
        if (fitting.empty()) {
            return fail(ErrorCode::SettingInvalid, m_subjects[i].name,
                        Text(BITLATHE_TEXT("at most %1 tokens, all that this model knows"), *limit), found,
                        Text(BITLATHE_TEXT("Choose shorter ones")));
        }
        if (beyond > 0) {
            m_results[i].findings.push_back({Severity::Note, "throughput-too-long", m_subjects[i].name, found,
                                             Text(BITLATHE_TEXT("They were not measured: choose shorter ones"))});
        }
    }
    return fitting;
}

Result<void> ThroughputRun::prepare()
{
    for (const ThroughputSubject& subject : m_subjects) {
        Throughput result;
        result.name = subject.name;
        result.kv = subject.kv.scheme.name();
        result.compute = model::computeName(subject.model->compute());
        result.newTokens = m_options.newTokens;
        result.threads = kernels::threadCount();
        m_results.push_back(std::move(result));
    }
    BITLATHE_TRY(m_prompts, fitting(m_options.prompts, 1, "prompt"));
    BITLATHE_TRY(m_contexts, fitting(m_options.contexts, m_options.newTokens, "context"));
    m_steps = static_cast<std::int64_t>((m_prompts.size() + m_contexts.size() * m_options.batches.size()) *
                                        m_subjects.size()) *
              m_options.repeats;
    if (m_options.energy) {
        auto meter = PowerMeter::open();
        if (meter) {
            m_meter = *std::move(meter);
        } else {
            std::ranges::for_each(m_results, [&](Throughput& result) { result.noEnergy = meter.error(); });
        }
    }
    return {};
}

/// Leaves out what was taken before.
void ThroughputRun::forgetEnergy()
{
    if (m_meter) {
        (void)m_meter->joules();
    }
}

std::optional<double> ThroughputRun::energy()
{
    const auto joules = m_meter ? m_meter->joules() : Result<double>(0.0);
    return m_meter && joules ? std::optional(*joules) : std::nullopt;
}

Result<void> ThroughputRun::measurePrompt(std::int64_t tokens)
{
    std::vector<double> joules(m_subjects.size(), 0);
    bool knowsEnergy = m_meter.has_value();
    for (std::size_t i = 0; i < m_subjects.size(); ++i) {
        m_results[i].prefill.push_back({tokens, {}, {}, {}});
    }
    for (std::int64_t repeat = -1; repeat < m_options.repeats; ++repeat) {
        for (std::size_t i = 0; i < m_subjects.size(); ++i) {
            const auto prompt = madeUpIds(m_subjects[i].model->spec(), tokens);
            forgetEnergy();
            BITLATHE_TRY(const PromptSeconds seconds, readPrompt(m_subjects[i], prompt, m_work));
            const auto taken = energy();
            if (repeat < 0) {
                continue;
            }
            PrefillRate& rate = m_results[i].prefill.back();
            rate.perSecond.values.push_back(static_cast<double>(tokens) / seconds.prefill);
            rate.firstToken.values.push_back(seconds.firstToken);
            joules[i] += taken.value_or(0);
            knowsEnergy = knowsEnergy && taken.has_value();
            tell();
        }
    }
    for (std::size_t i = 0; i < m_subjects.size(); ++i) {
        PrefillRate& rate = m_results[i].prefill.back();
        if (knowsEnergy) {
            rate.joulesPerToken = joules[i] / static_cast<double>(tokens * m_options.repeats);
        }
        if (tokens == *std::ranges::max_element(m_prompts)) {
            m_results[i].firstTokenSeconds = rate.firstToken.median();
        }
    }
    return {};
}

Result<void> ThroughputRun::measureWriting(std::int64_t context, std::int64_t batch)
{
    std::vector<double> joules(m_subjects.size(), 0);
    bool knowsEnergy = m_meter.has_value();
    std::vector<Writers> writers;
    for (std::size_t i = 0; i < m_subjects.size(); ++i) {
        const ThroughputSubject& subject = m_subjects[i];
        writers.emplace_back(subject, context, batch, m_options.newTokens);
        DecodeRate rate;
        rate.context = context;
        rate.batch = batch;
        const std::uint64_t kv =
            kvBytesRead(subject.model->spec(), subject.kv.scheme, context + m_options.newTokens / 2);
        rate.bytesPerStep = weightBytesRead(*subject.model, batch) + static_cast<std::uint64_t>(batch) * kv;
        m_results[i].decode.push_back(std::move(rate));
    }
    const double tokens = static_cast<double>(batch * m_options.newTokens);
    for (std::int64_t repeat = -1; repeat < m_options.repeats; ++repeat) {
        for (std::size_t i = 0; i < m_subjects.size(); ++i) {
            forgetEnergy();
            const std::int64_t steps =
                repeat < 0 ? std::min<std::int64_t>(m_options.newTokens, 4) : m_options.newTokens;
            BITLATHE_TRY(const double seconds, writers[i].write(steps, m_work));
            const auto taken = energy();
            if (repeat < 0) {
                continue;
            }
            m_results[i].decode.back().perSecond.values.push_back(tokens / seconds);
            joules[i] += taken.value_or(0);
            knowsEnergy = knowsEnergy && taken.has_value();
            tell();
        }
    }
    for (std::size_t i = 0; i < m_subjects.size(); ++i) {
        DecodeRate& rate = m_results[i].decode.back();
        rate.bytesPerSecond =
            static_cast<double>(rate.bytesPerStep) * rate.perSecond.median() / static_cast<double>(batch);
        if (knowsEnergy) {
            rate.joulesPerToken = joules[i] / (tokens * static_cast<double>(m_options.repeats));
        }
    }
    return {};
}

double sortedShare(std::vector<double> values, double share)
{
    std::ranges::sort(values);
    return percentile(values, share);
}

} // namespace

double Repeats::median() const
{
    return sortedShare(values, 0.5);
}

double Repeats::low() const
{
    return sortedShare(values, 0);
}

double Repeats::high() const
{
    return sortedShare(values, 1);
}

double Repeats::ratioTo(const Repeats& base) const
{
    Repeats ratios;
    std::ranges::transform(values, base.values, std::back_inserter(ratios.values), std::divides<>());
    return ratios.median();
}

Text Throughput::sentence() const
{
    const std::size_t repeats = prefill.empty() ? 0 : prefill.front().perSecond.values.size();
    return Text(
        BITLATHE_TEXT("Medians of %1 repeats with %2 threads; %3 tokens written behind each context, whose keys "
                      "and values are made up; the sequences of a batch side by side, weights read once for all; "
                      "arithmetic %4."),
        repeats, threads, newTokens, device == "cpu" ? compute : compute + ", " + device);
}

Result<void> checkThroughputOptions(const ThroughputOptions& options)
{
    BITLATHE_CHECK(checkNumbers("prompt", options.prompts, kTokensMost));
    BITLATHE_CHECK(checkNumbers("context", options.contexts, kTokensMost));
    BITLATHE_CHECK(checkNumbers("batch", options.batches, kBatchMost));
    BITLATHE_CHECK(checkNumbers("new-tokens", {options.newTokens}, kTokensMost));
    return checkNumbers("repeats", {options.repeats}, kRepeatsMost);
}

Result<std::vector<Throughput>> measureThroughput(std::span<const ThroughputSubject> subjects,
                                                  const ThroughputOptions& options, const WorkContext& work)
{
    BITLATHE_CHECK(checkThroughputOptions(options));
    return model::withDeviceErrors([&] { return ThroughputRun(subjects, options, work).run(); });
}

Result<Throughput> measureThroughput(const model::Model& model, const ThroughputOptions& options,
                                     const WorkContext& work)
{
    const ThroughputSubject subject{model.spec().modelType, &model, {}};
    BITLATHE_TRY(auto all, measureThroughput(std::span(&subject, 1), options, work));
    return std::move(all.front());
}

std::uint64_t weightBytesRead(const model::Model& model, std::int64_t tokens)
{
    const model::ModelSpec& spec = model.spec();
    double bytes = 0;
    std::uint64_t blocks = 0;
    for (std::int64_t i = 0; i < spec.blockCount(); ++i) {
        const auto block = model.block(i);
        const std::uint64_t size = block ? (*block)->bytes() : 0;
        blocks += size;
        double all = 0;
        double read = 0;
        for (const LayerId id : spec.blocks[static_cast<std::size_t>(i)].linears) {
            const model::LinearSpec& linear = spec.linear(id);
            const auto weights = static_cast<double>(linear.inFeatures * linear.outFeatures);
            const bool isOneOfMany = linear.expert >= 0 && spec.experts > 0;
            const double share =
                isOneOfMany ? static_cast<double>(tokens * spec.expertsPerToken) / static_cast<double>(spec.experts)
                            : 1.0;
            all += weights;
            read += weights * std::min(share, 1.0);
        }
        bytes += static_cast<double>(size) * (all > 0 ? read / all : 1.0);
    }
    // Of the embedding a row for each token is read; the head has weights of its own.
    const auto embedding = model.source().tensor(spec.embeddingName, {spec.vocabulary, spec.vocabularyWidth()});
    const std::uint64_t notRead = blocks + (embedding ? embedding->bytes.size() : 0);
    return static_cast<std::uint64_t>(bytes) + (model.bytesWeights() - std::min(model.bytesWeights(), notRead));
}

std::uint64_t kvBytesRead(const model::ModelSpec& spec, const quant::KvScheme& kv, std::int64_t context)
{
    const std::int64_t plain = 2 * spec.kvHeads * spec.headDim * static_cast<std::int64_t>(sizeof(float));
    const std::int64_t ofToken = kv.isQuantized() ? kv.bytesPerToken(spec.kvHeads, spec.headDim) : plain;
    std::int64_t bytes = 0;
    for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
        const std::int64_t window = spec.windowOf(block);
        bytes += ofToken * (window > 0 ? std::min(window, context) : context);
    }
    return static_cast<std::uint64_t>(bytes);
}

} // namespace bitlathe::evaluate
