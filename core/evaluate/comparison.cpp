// SPDX-License-Identifier: Apache-2.0
// Comparison: models in lockstep over the same windows, so that logits of two are at hand together and differences are
// paired.
#include "core/evaluate/comparison.h"

#include "core/base/machine.h"
#include "core/evaluate/calibrationtext.h"
#include "core/evaluate/statistics.h"
#include "core/evaluate/windowscores.h"
#include "core/format/kvgrids.h"
#include "core/text/overlap.h"
#include "core/text/textset.h"

#include <fmt/format.h>

#include <malloc.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace bitlathe::evaluate
{

namespace
{

using OpenedModels = std::vector<std::shared_ptr<const format::OpenedModel>>;

/// Share of the progress that loading takes.
constexpr double kLoadShare = 0.2;
/// Of the progress that windows take where questions or prompts follow.
constexpr double kWindowShare = 0.5;

std::string schemeLabel(const format::OpenedModel& opened)
{
    if (!opened.isQuantized()) {
        std::string name(checkpoint::dtypeName(opened.dtype));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return name;
    }
    std::map<std::string, int> counts;
    for (const auto& scheme : opened.schemes) {
        ++counts[scheme ? scheme->label() : ""];
    }
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    const std::string label = most->first.empty() ? "full precision" : most->first;
    return counts.size() > 1 ? label + ", some layers otherwise" : label;
}

std::uint64_t bytesOfFiles(const checkpoint::Checkpoint& checkpoint)
{
    std::uint64_t sum = 0;
    for (const auto& file : checkpoint.files()) {
        std::error_code error;
        const auto bytes = std::filesystem::file_size(file, error);
        sum += error ? 0 : bytes;
    }
    return sum;
}

/// Opens all folders and checks that one text can be given to all of them.
Result<OpenedModels> openAll(const std::vector<std::filesystem::path>& folders, bool needsTokenizer)
{
    OpenedModels all;
    for (const auto& folder : folders) {
        BITLATHE_TRY(auto opened, format::openModel(folder));
        if (needsTokenizer && !opened->tokenizer) {
            return Failure(opened->tokenizerError.value_or(Error{ErrorCode::TokenizerInvalid,
                                                                 folder.string(),
                                                                 Text(BITLATHE_TEXT("a tokenizer")),
                                                                 Text(BITLATHE_TEXT("none")),
                                                                 {}}));
        }
        all.push_back(std::move(opened));
        const format::OpenedModel& base = *all.front();
        const format::OpenedModel& last = *all.back();
        const std::string subject = base.folder().string() + ", " + last.folder().string();
        if (base.spec.vocabulary != last.spec.vocabulary) {
            return fail(ErrorCode::TextInvalid, subject, Text(BITLATHE_TEXT("models of one vocabulary")),
                        Text(BITLATHE_TEXT("%1 and %2 tokens"), base.spec.vocabulary, last.spec.vocabulary),
                        Text(BITLATHE_TEXT("Compare models that were made from the same one")));
        }
        if (needsTokenizer && base.tokenizer->fingerprint() != last.tokenizer->fingerprint()) {
            return fail(ErrorCode::TextInvalid, subject, Text(BITLATHE_TEXT("one tokenizer for all models")),
                        Text(BITLATHE_TEXT("two that give other tokens")),
                        Text(BITLATHE_TEXT("Compare models that were made from the same one")));
        }
    }
    return all;
}

/// A Finding where a folder's run tells that it was calibrated on the text that it is evaluated on.
std::optional<Finding> overlap(const std::filesystem::path& folder, const text::TextSet& set)
{
    const auto result = readJson(folder / "bitlathe-run.json");
    if (!result || !result->is_object()) {
        return std::nullopt;
    }
    const auto hash = JsonObject(*result, "bitlathe-run.json").string("calibration_hash", "");
    if (!hash || hash->empty() || *hash != set.hash) {
        return std::nullopt;
    }
    return Finding{Severity::Warning, "text-overlaps", folder.string(),
                   Text(BITLATHE_TEXT("the model was calibrated on the text that it is evaluated on: %1"), set.spec),
                   Text(BITLATHE_TEXT("Evaluate on another text: this perplexity is too good"))};
}

/// KL divergence over windows and how often the most likely token is the base's.
KlFacts klFacts(const std::vector<WindowScores>& base, const std::vector<WindowScores>& model, bool withPercentiles)
{
    std::vector<double> kl;
    std::vector<double> klMeans;
    std::vector<double> sameTopMeans;
    for (std::size_t w = 0; w < model.size(); ++w) {
        const auto tokens = static_cast<double>(model[w].kl.size());
        kl.insert(kl.end(), model[w].kl.begin(), model[w].kl.end());
        klMeans.push_back(sumInOrder(model[w].kl) / tokens);
        const auto same = std::inner_product(model[w].top.begin(), model[w].top.end(), base[w].top.begin(), 0,
                                             std::plus<>(), std::equal_to<>());
        sameTopMeans.push_back(same / tokens);
    }
    KlFacts facts;
    facts.mean = spreadOf(kl).mean;
    // Tokens of a window depend on each other; windows hardly do. So the errors come from the windows where there are
    // several.
    const bool several = klMeans.size() > 1;
    facts.standardError = spreadOf(several ? klMeans : kl).standardError;
    facts.sameTop = spreadOf(sameTopMeans).mean;
    facts.sameTopError = several ? spreadOf(sameTopMeans).standardError
                                 : std::sqrt(facts.sameTop * (1 - facts.sameTop) / static_cast<double>(kl.size()));
    if (withPercentiles) {
        std::sort(kl.begin(), kl.end());
        facts.median = percentile(kl, 0.5);
        facts.p90 = percentile(kl, 0.9);
        facts.p99 = percentile(kl, 0.99);
        facts.p999 = percentile(kl, 0.999);
        facts.max = kl.back();
    }
    return facts;
}

/// One comparison as it goes.
class LockstepRun
{
public:
    explicit LockstepRun(const CompareOptions& options) : m_options(options) {}

    Result<void> prepare(const OpenedModels& opened, const text::TextSet& set, const WorkContext& work);
    Result<Comparison> run(const WorkContext& work, const std::function<void(const Comparison&)>& onModel);

private:
    Result<void> prepareRows(const OpenedModels& opened, const WorkContext& work);
    void addRow(std::size_t index, const Protocol& protocol);
    Result<void> load(std::size_t index, const WorkContext& work);
    void finishRows(bool atEnd);
    Result<void> askChoices(const WorkContext& work);
    Result<void> writeTexts(const WorkContext& work);
    ChoiceTaker taker(std::size_t index) const;

    const CompareOptions& m_options;
    OpenedModels m_opened;                ///< Of every row: each model plainly, then with every KV cache.
    std::vector<quant::KvCache> m_caches; ///< Of every row.
    std::vector<ScoredWindow> m_windows;
    std::vector<std::shared_ptr<const model::Model>> m_models;
    std::vector<std::vector<WindowScores>> m_scores; ///< Of every row, window by window.
    std::optional<ChoiceRun> m_choice;
    std::optional<GenerationRun> m_generation;
    Comparison m_comparison;
};

/// The models and KV caches of all rows.
Result<void> LockstepRun::prepareRows(const OpenedModels& opened, const WorkContext& work)
{
    for (const auto& model : opened) {
        std::vector<quant::KvScheme> schemes{quant::KvScheme{}};
        schemes.insert(schemes.end(), m_options.kv.begin(), m_options.kv.end());
        BITLATHE_TRY(auto caches, kvCachesOf(*model, schemes, m_options.kvSource, m_options.compute, work.child(0, 0)));
        BITLATHE_TRY(auto own, format::ownKvCache(*model));
        if (std::ranges::find(schemes, own.scheme) == schemes.end()) {
            caches.push_back(std::move(own));
        }
        m_opened.insert(m_opened.end(), caches.size(), model);
        std::ranges::move(caches, std::back_inserter(m_caches));
    }
    return {};
}

void LockstepRun::addRow(std::size_t index, const Protocol& protocol)
{
    const format::OpenedModel& opened = *m_opened[index];
    const quant::KvScheme& kv = m_caches[index].scheme;
    ComparedModel row;
    row.path = opened.folder();
    row.name = kv.isQuantized() ? opened.name() + " + " + kv.label() : opened.name();
    row.schemeLabel = schemeLabel(opened);
    row.bitsPerWeight = opened.bitsPerWeight();
    row.memory.bytesDisk = bytesOfFiles(*opened.checkpoint);
    row.memory.kvBytesPerToken = opened.spec.blockCount() * kv.bytesPerToken(opened.spec.kvHeads, opened.spec.headDim);
    row.perplexity.protocol = protocol;
    row.perplexity.kv = kv;
    m_comparison.models.push_back(std::move(row));
}

Result<void> LockstepRun::prepare(const OpenedModels& opened, const text::TextSet& set, const WorkContext& work)
{
    BITLATHE_CHECK(prepareRows(opened, work));
    if (m_options.choice) {
        ChoiceOptions questions = *m_options.choice;
        questions.compute = m_options.compute;
        questions.rules.resize(std::min<std::size_t>(questions.rules.size(), 1));
        BITLATHE_TRY(m_choice, ChoiceRun::create(questions));
        m_comparison.choiceProtocol = m_choice->result().protocol;
    }
    if (m_options.generation) {
        GenerationCheckOptions prompts = *m_options.generation;
        prompts.compute = m_options.compute;
        BITLATHE_TRY(m_generation, GenerationRun::create(prompts));
        m_comparison.generationProtocol = m_generation->result().protocol;
    }
    const text::Tokenizer* tokenizer = m_opened.front()->tokenizer.get();
    PerplexityOptions options = m_options.windows;
    options.bos = leadingToken(tokenizer);
    BITLATHE_TRY(const auto stream, protocolStream(set, tokenizer, options.protocol));
    BITLATHE_TRY(m_windows, protocolWindows(stream, options));
    Protocol& protocol = m_comparison.protocol;
    describe(protocol, options, m_windows);
    protocol.data = set.spec;
    protocol.dataHash = set.hash;
    protocol.tokenizer = set.isIds() || tokenizer == nullptr ? "" : tokenizer->fingerprint();
    protocol.compute = model::computeName(m_options.compute);
    const auto scored = std::span(stream).first(tokensCovered(protocol, stream));
    for (std::size_t i = 0; i < m_opened.size(); ++i) {
        addRow(i, protocol);
        ComparedModel& row = m_comparison.models.back();
        const std::optional<double> share = calibrationOverlap(row.path, tokenizer, scored);
        row.perplexity.calibrationOverlap = share;
        if (row.perplexity.kv.isQuantized()) {
            continue; // What is to be said of the folder was said with its first row.
        }
        if (auto finding = share ? text::overlapFinding(*share, row.path.string()) : std::nullopt) {
            m_comparison.findings.push_back(*std::move(finding));
        }
        if (auto finding = overlap(row.path, set)) {
            m_comparison.findings.push_back(*std::move(finding));
        }
    }
    m_scores.resize(m_opened.size());
    return {};
}

/// Loads a model and runs the first window through it alone, watching the resident memory. Rows of one folder share it.
Result<void> LockstepRun::load(std::size_t index, const WorkContext& work)
{
    if (m_caches[index].scheme.isQuantized()) {
        ComparedModel& row = m_comparison.models[index];
        const ComparedModel& before = m_comparison.models[index - 1];
        row.memory.bytesPeakRss = before.memory.bytesPeakRss;
        row.memory.bytesWeights = before.memory.bytesWeights;
        row.perplexity.bytesPeakRss = before.memory.bytesPeakRss;
        m_models.push_back(m_models.back());
        return {};
    }
    malloc_trim(0); // Else memory freed before would be used again and not be seen.
    const std::uint64_t before = residentBytes();
    resetPeakResidentBytes();
    const model::Model::Options options{m_options.compute, model::Residency::Resident};
    BITLATHE_TRY(auto loaded, format::runnable(*m_opened[index], options, work));
    const model::Model* const alone[] = {loaded.get()};
    BITLATHE_TRY(const auto scores, scoreWindow(alone, m_windows.front(), work.child(1, 1)));
    (void)scores;
    MemoryFacts& memory = m_comparison.models[index].memory;
    const std::uint64_t peak = peakResidentBytes();
    memory.bytesPeakRss = peak > before ? peak - before : 0;
    memory.bytesWeights = loaded->bytesWeights();
    m_comparison.models[index].perplexity.bytesPeakRss = memory.bytesPeakRss;
    m_models.push_back(std::move(loaded));
    return {};
}

void LockstepRun::finishRows(bool atEnd)
{
    for (ComparedModel& row : m_comparison.models) {
        summarize(row.perplexity);
        row.tokensPerSecond = row.perplexity.tokensPerSecond;
    }
    const PerplexityResult& base = m_comparison.models.front().perplexity;
    for (std::size_t i = 1; i < m_comparison.models.size(); ++i) {
        ComparedModel& row = m_comparison.models[i];
        row.delta = row.perplexity.perplexity - base.perplexity;
        // Delta method on exp(mean q) - exp(mean b) with q and b of the same windows.
        std::vector<double> paired;
        for (std::size_t w = 0; w < base.windowMeans.size(); ++w) {
            paired.push_back(row.perplexity.perplexity * row.perplexity.windowMeans[w] -
                             base.perplexity * base.windowMeans[w]);
        }
        row.deltaError = spreadOf(paired, base.windowWeights).standardError;
        row.kl = klFacts(m_scores.front(), m_scores[i], atEnd);
        if (atEnd) {
            row.tokens = tokenFacts(m_windows, m_scores.front(), m_scores[i], m_opened.front()->tokenizer.get());
        }
    }
}

ChoiceTaker LockstepRun::taker(std::size_t index) const
{
    return {m_comparison.models[index].name, m_opened[index], m_models[index], m_caches[index].maker()};
}

/// Lets every row go on from the prompts.
Result<void> LockstepRun::writeTexts(const WorkContext& work)
{
    const double share = 1.0 / static_cast<double>(m_models.size());
    for (std::size_t i = 0; i < m_models.size(); ++i) {
        ComparedModel& row = m_comparison.models[i];
        const double from = static_cast<double>(i) * share;
        BITLATHE_CHECK(m_generation->write(
            taker(i), work.child(from, from + share, Text(BITLATHE_TEXT("Letting %1 write"), row.name))));
        row.generation = m_generation->result().models.back().facts;
    }
    std::ranges::copy(m_generation->result().findings, std::back_inserter(m_comparison.findings));
    return {};
}

/// Asks every row the questions.
Result<void> LockstepRun::askChoices(const WorkContext& work)
{
    const double share = 1.0 / static_cast<double>(m_models.size());
    for (std::size_t i = 0; i < m_models.size(); ++i) {
        ComparedModel& row = m_comparison.models[i];
        const double from = static_cast<double>(i) * share;
        BITLATHE_CHECK(
            m_choice->ask(taker(i), work.child(from, from + share, Text(BITLATHE_TEXT("Asking %1"), row.name))));
        row.choice = m_choice->result().models.back().scores.front();
    }
    std::ranges::copy(m_choice->result().findings, std::back_inserter(m_comparison.findings));
    return {};
}

Result<Comparison> LockstepRun::run(const WorkContext& work, const std::function<void(const Comparison&)>& onModel)
{
    const auto tell = [&] {
        if (onModel) {
            onModel(m_comparison);
        }
    };
    const double loadShare = kLoadShare / static_cast<double>(m_opened.size());
    for (std::size_t i = 0; i < m_opened.size(); ++i) {
        const double from = static_cast<double>(i) * loadShare;
        BITLATHE_CHECK(load(i, work.child(from, from + loadShare)));
        tell();
    }
    std::vector<const model::Model*> models;
    for (const auto& loaded : m_models) {
        models.push_back(loaded.get());
    }
    std::vector<model::KvStoreMaker> makers;
    std::ranges::transform(m_caches, std::back_inserter(makers), &quant::KvCache::maker);
    const double windowShare = m_choice || m_generation ? kWindowShare : 1 - kLoadShare;
    const double share = windowShare / static_cast<double>(m_windows.size());
    for (std::size_t w = 0; w < m_windows.size(); ++w) {
        const double from = kLoadShare + static_cast<double>(w) * share;
        BITLATHE_TRY(auto scores, scoreWindow(models, m_windows[w], work.child(from, from + share), makers));
        for (std::size_t i = 0; i < models.size(); ++i) {
            addWindow(m_comparison.models[i].perplexity, m_windows[w], scores[i]);
            m_scores[i].push_back(std::move(scores[i]));
        }
        finishRows(w + 1 == m_windows.size());
        tell();
    }
    double done = kLoadShare + windowShare;
    if (m_choice) {
        const double end = m_generation ? (done + 1) / 2 : 1;
        BITLATHE_CHECK(askChoices(work.child(done, end)));
        tell();
        done = end;
    }
    if (m_generation) {
        BITLATHE_CHECK(writeTexts(work.child(done, 1)));
        tell();
    }
    work.progress.set(1);
    return m_comparison;
}

} // namespace

std::vector<Text> Comparison::verdict(std::size_t index) const
{
    const ComparedModel& base = models.front();
    const ComparedModel& row = models.at(index);
    const std::string perplexity = fmt::format("{:.4f}", row.perplexity.perplexity);
    if (index == 0) {
        std::vector<Text> sentences{
            Text(BITLATHE_TEXT("%1: perplexity %2, the base of the comparison."), row.name, perplexity)};
        if (row.choice) {
            sentences.push_back(row.choice->verdict(row.name, base.name));
        }
        return sentences;
    }
    const double percent = 100 * row.delta / base.perplexity.perplexity;
    const std::string size = fmt::format("{:.2f}", std::abs(percent));
    const std::string error = fmt::format("{:.2f}", 100 * row.deltaError / base.perplexity.perplexity);
    const std::string basePerplexity = fmt::format("{:.4f}", base.perplexity.perplexity);
    std::vector<Text> sentences;
    if (std::abs(row.delta) <= 2 * row.deltaError) {
        sentences.emplace_back(
            BITLATHE_TEXT("%1: perplexity %2, no different from the %4 of %3 as far as these windows tell."), row.name,
            perplexity, base.name, basePerplexity);
    } else if (percent > 0) {
        sentences.emplace_back(BITLATHE_TEXT("%1: perplexity %2, %3 % (± %4 %) above the %6 of %5."), row.name,
                               perplexity, size, error, base.name, basePerplexity);
    } else {
        sentences.emplace_back(BITLATHE_TEXT("%1: perplexity %2, %3 % (± %4 %) below the %6 of %5."), row.name,
                               perplexity, size, error, base.name, basePerplexity);
    }
    if (row.kl) {
        sentences.emplace_back(BITLATHE_TEXT("The same most likely token in %1 % of places."),
                               fmt::format("{:.1f}", 100 * row.kl->sameTop));
    }
    if (row.perplexity.kv.isQuantized()) {
        const std::int64_t bytesPlain = base.memory.kvBytesPerToken;
        if (bytesPlain > 0) {
            sentences.emplace_back(BITLATHE_TEXT("Its keys and values take %1 % of the memory."),
                                   fmt::format("{:.0f}", 100 * static_cast<double>(row.memory.kvBytesPerToken) /
                                                             static_cast<double>(bytesPlain)));
        }
    } else if (base.memory.bytesDisk > 0) {
        sentences.emplace_back(BITLATHE_TEXT("Its files take %1 % of the size."),
                               fmt::format("{:.0f}", 100 * static_cast<double>(row.memory.bytesDisk) /
                                                         static_cast<double>(base.memory.bytesDisk)));
    }
    if (row.choice) {
        sentences.push_back(row.choice->verdict(row.name, base.name));
    }
    if (row.generation) {
        sentences.push_back(row.generation->verdict(row.name, base.name));
    }
    return sentences;
}

Result<Comparison> compare(const std::vector<std::filesystem::path>& folders, const CompareOptions& options,
                           const WorkContext& work, const std::function<void(const Comparison&)>& onModel)
{
    if (folders.empty()) {
        return fail(ErrorCode::SettingInvalid, "models", Text(BITLATHE_TEXT("at least one model folder")),
                    Text(BITLATHE_TEXT("none")));
    }
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(options.data, folders.front()));
    BITLATHE_TRY(const OpenedModels opened, openAll(folders, !set.isIds() || options.choice || options.generation));
    LockstepRun run(options);
    BITLATHE_CHECK(run.prepare(opened, set, work));
    return run.run(work, onModel);
}

} // namespace bitlathe::evaluate
