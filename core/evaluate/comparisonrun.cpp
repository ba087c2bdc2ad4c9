// SPDX-License-Identifier: Apache-2.0
// ComparisonRun: models in lockstep over the windows, from memory, from disk, or from what is kept of them.
#include "core/evaluate/comparisonrun.h"

#include "core/base/machine.h"
#include "core/evaluate/calibrationtext.h"
#include "core/evaluate/statistics.h"
#include "core/text/overlap.h"

#include <algorithm>
#include <numeric>

namespace bitlathe::evaluate
{

namespace
{

/// Share of the progress that loading takes.
constexpr double kLoadShare = 0.2;
/// Of the progress that windows take where questions or prompts follow.
constexpr double kWindowShare = 0.5;

/// Of a device's memory, what is not for activations and logits.
std::uint64_t bytesForModels(const model::Device& device)
{
    const kernels::MemoryUse use = device.backend->memory().use();
    return (use.bytesBudget - std::min(use.bytesBudget, use.bytesUsed)) / 4 * 3;
}

} // namespace

Result<void> ComparisonRun::prepare(const OpenedModels& opened, const text::TextSet& set, const WorkContext& work)
{
    BITLATHE_TRY(m_rows, comparisonRows(opened, m_options, work.child(0, 0)));
    BITLATHE_CHECK(prepareTasks());
    const text::Tokenizer* tokenizer = m_rows.front().opened->tokenizer.get();
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
    protocol.device = m_options.device.isProcessor() ? "" : m_options.device.name;
    describeRows(set, std::span(stream).first(tokensCovered(protocol, stream)));
    recall();
    m_bytesMemory = m_options.bytesMemory > 0 ? m_options.bytesMemory : machineFacts().bytesRamAvailable;
    if (!m_options.device.isProcessor()) {
        m_bytesMemory = std::min(m_bytesMemory, bytesForModels(m_options.device));
    }
    m_streamed = bytesToLoad() > m_bytesMemory;
    return {};
}

void ComparisonRun::describeRows(const text::TextSet& set, std::span<const model::TokenId> scored)
{
    const text::Tokenizer* tokenizer = m_rows.front().opened->tokenizer.get();
    for (const ComparisonRow& each : m_rows) {
        ComparedModel& row = m_comparison.models.emplace_back(describedRow(each, m_comparison.protocol));
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
        if (auto finding = lengthFinding(each.opened->spec, m_comparison.protocol.length, row.path.string())) {
            m_comparison.findings.push_back(*std::move(finding));
        }
    }
}

/// Takes what is kept of earlier comparisons.
void ComparisonRun::recall()
{
    for (ComparisonRow& row : m_rows) {
        row.known.resize(m_windows.size());
    }
    if (m_options.cacheRoot.empty()) {
        return;
    }
    if (const auto opened = openKept(m_rows, m_options.cacheRoot, m_options, m_windows); !opened) {
        stopKeeping(opened.error());
        return;
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        ComparisonRow& row = m_rows[i];
        const auto memory = row.kept->memory();
        if (!memory) {
            continue;
        }
        MemoryFacts& facts = m_comparison.models[i].memory;
        facts.bytesWeights = memory->bytesWeights;
        facts.bytesPeakRss = memory->bytesPeakRss;
        row.streamed = memory->streamed;
        for (std::size_t w = 0; w < m_windows.size(); ++w) {
            row.known[w] = row.kept->scores(m_windows[w]);
        }
    }
}

/// A cache that cannot be used only costs the next comparison its time.
void ComparisonRun::stopKeeping(const Error& error)
{
    for (ComparisonRow& row : m_rows) {
        row.kept.reset();
    }
    m_comparison.findings.push_back(
        {Severity::Note,
         "scores-not-kept",
         m_options.cacheRoot.string(),
         Text(BITLATHE_TEXT("what the models gave is not kept for the next comparison: %1"), error.sentence()),
         {}});
}

/// Whether the base's logits are needed beside those of another row.
bool ComparisonRun::rowsLack(std::size_t window) const
{
    return std::any_of(m_rows.begin() + 1, m_rows.end(),
                       [window](const ComparisonRow& row) { return !row.knows(window); });
}

bool ComparisonRun::mustForward(std::size_t row, std::size_t window) const
{
    if (!m_rows[row].knows(window)) {
        return true;
    }
    const auto& kept = m_rows[row].kept;
    return row == 0 && rowsLack(window) && !(kept && kept->hasStates(m_windows[window]));
}

/// Of the models that have windows to run.
std::uint64_t ComparisonRun::bytesToLoad() const
{
    std::uint64_t bytes = 0;
    const format::OpenedModel* last = nullptr;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        for (std::size_t w = 0; w < m_windows.size(); ++w) {
            if (m_rows[i].opened.get() != last && mustForward(i, w)) {
                last = m_rows[i].opened.get();
                bytes += m_comparison.models[i].memory.bytesDisk;
            }
        }
    }
    return bytes;
}

/// Windows whose states, of all rows, take no more than a quarter of the memory; one where models are loaded.
std::size_t ComparisonRun::windowsTogether() const
{
    if (!m_streamed) {
        return 1;
    }
    std::uint64_t bytesToken = 0;
    std::uint64_t bytesStores = 0; // Of one row at a time.
    for (const ComparisonRow& row : m_rows) {
        const TokenBytes bytes = tokenBytes(row.opened->spec, row.kv.scheme.isQuantized());
        bytesToken += bytes.states;
        bytesStores = std::max(bytesStores, bytes.cached);
    }
    return windowsThatFit(m_windows, bytesToken + bytesStores, m_bytesMemory / 4);
}

Result<void> ComparisonRun::loadAll(const WorkContext& work)
{
    const double share = 1.0 / static_cast<double>(m_rows.size());
    bool anyLacks = false;
    for (std::size_t window = 0; window < m_windows.size(); ++window) {
        anyLacks = anyLacks || rowsLack(window);
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const auto part = work.child(static_cast<double>(i) * share, static_cast<double>(i + 1) * share);
        std::size_t first = 0;
        while (first < m_windows.size() && !mustForward(i, first)) {
            ++first;
        }
        if (first < m_windows.size()) {
            BITLATHE_CHECK(load(i, first, part));
        } else if (i == 0 && anyLacks) {
            // Its head, for the hidden states that are kept.
            const model::Model::Options options{m_options.compute, model::Residency::Streamed,
                                                m_options.device.backend};
            BITLATHE_TRY(m_rows[i].model, format::runnable(*m_rows[i].opened, options, part));
        }
        part.progress.set(1);
        tell();
    }
    return {};
}

/// Rows of one folder share the model.
Result<void> ComparisonRun::load(std::size_t index, std::size_t firstWindow, const WorkContext& work)
{
    ComparisonRow& row = m_rows[index];
    ComparedModel& shown = m_comparison.models[index];
    KeptMemory memory{shown.memory.bytesWeights, shown.memory.bytesPeakRss, row.streamed};
    const bool isKept = memory.bytesWeights > 0;
    const auto end = m_rows.begin() + static_cast<std::ptrdiff_t>(index);
    const auto same = std::find_if(m_rows.begin(), end, [&](const ComparisonRow& other) {
        return other.opened == row.opened && other.model && (other.isResident || m_streamed);
    });
    if (same != end) {
        row.model = same->model;
        const MemoryFacts& facts = m_comparison.models[static_cast<std::size_t>(same - m_rows.begin())].memory;
        memory = isKept ? memory : KeptMemory{facts.bytesWeights, facts.bytesPeakRss, m_streamed};
    } else {
        BITLATHE_TRY(const KeptMemory measured, measure(row, firstWindow, work));
        memory = isKept ? memory : measured;
    }
    shown.memory.bytesWeights = memory.bytesWeights;
    shown.memory.bytesPeakRss = memory.bytesPeakRss;
    row.isResident = !m_streamed;
    row.streamed = memory.streamed || m_streamed;
    if (row.kept && !isKept) {
        if (const auto kept = row.kept->keepMemory(memory); !kept) {
            stopKeeping(kept.error());
        }
    }
    return {};
}

/// Loads a model and runs a window through it alone, watching the resident memory; where all of them are read from disk
/// block by block, only opens it.
Result<KeptMemory> ComparisonRun::measure(ComparisonRow& row, std::size_t firstWindow, const WorkContext& work) const
{
    const auto residency = m_streamed ? model::Residency::Streamed : model::Residency::Resident;
    returnFreeMemory(); // Else memory freed before would be used again and not be seen.
    const std::uint64_t before = residentBytes();
    resetPeakResidentBytes();
    BITLATHE_TRY(row.model,
                 format::runnable(*row.opened, {m_options.compute, residency, m_options.device.backend}, work));
    if (m_streamed) {
        return KeptMemory{row.model->bytesWeights() + row.opened->bytesLinears(), 0, true};
    }
    const ScoredWindow& window = m_windows[firstWindow];
    BITLATHE_TRY(auto states, forwardWindows(*row.model, {&window, 1}, row.kv.maker(), work.child(1, 1)));
    const std::int64_t rows = std::min(states.front().normed.rows, logitRowsPerChunk(row.opened->spec.vocabulary));
    model::Values logits(row.model->memory());
    logits.resize(static_cast<std::size_t>(rows * row.opened->spec.vocabulary));
    row.model->logits(states.front().normed, 0, rows, logits.span());
    const std::uint64_t peak = peakResidentBytes();
    row.first = std::move(states.front());
    return KeptMemory{row.model->bytesWeights(), peak > before ? peak - before : 0, false};
}

/// Windows [first, first + count) through every row that lacks them.
Result<ComparisonRun::BatchStates> ComparisonRun::forwardBatch(std::size_t first, std::size_t count,
                                                               const WorkContext& work)
{
    BatchStates all(count, std::vector<std::optional<WindowStates>>(m_rows.size()));
    const double share = 1.0 / static_cast<double>(m_rows.size());
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        ComparisonRow& row = m_rows[i];
        std::vector<ScoredWindow> windows;
        std::vector<std::size_t> places;
        for (std::size_t place = 0; place < count; ++place) {
            if (!mustForward(i, first + place)) {
                continue;
            }
            if (row.first) {
                all[place][i] = std::exchange(row.first, std::nullopt);
                continue;
            }
            windows.push_back(m_windows[first + place]);
            places.push_back(place);
        }
        if (windows.empty()) {
            continue;
        }
        const double from = static_cast<double>(i) * share;
        BITLATHE_TRY(auto states, forwardWindows(*row.model, windows, row.kv.maker(), work.child(from, from + share)));
        for (std::size_t j = 0; j < places.size(); ++j) {
            all[places[j]][i] = std::move(states[j]);
        }
    }
    return all;
}

/// The base's states of a window that it passed in an earlier comparison.
Result<WindowStates> ComparisonRun::baseStates(std::size_t window, const WorkContext& work) const
{
    const ComparisonRow& base = m_rows.front();
    const ScoredWindow& of = m_windows[window];
    if (const auto packed = base.kept ? base.kept->states(of, base.opened->spec.hidden) : std::nullopt) {
        model::Activations kept = unpackStates(*packed, static_cast<std::int64_t>(of.ids.size()));
        return WindowStates{base.model.get(), std::move(kept).movedTo(base.model->memory()), 0};
    }
    // Damaged, or gone since.
    BITLATHE_TRY(auto states, forwardWindows(*base.model, {&of, 1}, base.kv.maker(), work));
    return std::move(states.front());
}

/// Scores a window for the rows that lack it, and keeps that.
Result<void> ComparisonRun::score(std::size_t window, std::vector<std::optional<WindowStates>> states,
                                  const WorkContext& work)
{
    const bool lacks = rowsLack(window);
    if (!lacks && m_rows.front().knows(window)) {
        return {};
    }
    if (!states.front()) {
        BITLATHE_TRY(states.front(), baseStates(window, work));
    }
    std::vector<std::size_t> rows;
    std::vector<WindowStates> taken;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (i == 0 || !m_rows[i].knows(window)) {
            rows.push_back(i);
            taken.push_back(*std::move(states[i]));
        }
    }
    BITLATHE_TRY(auto scores, scoreStates(taken, m_windows[window], work));
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        ComparisonRow& row = m_rows[rows[i]];
        if (!row.knows(window)) {
            row.isFinite = scores[i].isFinite();
            row.known[window] = std::move(scores[i]);
            fresh.push_back(rows[i]);
        }
    }
    keep(window, fresh, taken.front());
    return leaveOutNotFinite();
}

void ComparisonRun::keep(std::size_t window, const std::vector<std::size_t>& rows, const WindowStates& base)
{
    if (!m_rows.front().kept || !m_rows.front().isFinite) {
        return;
    }
    if (const auto kept = keepWindow(window, rows, base); !kept) {
        stopKeeping(kept.error());
    }
}

/// The base's scores come last: where they are not there yet, all is computed again from its exact states, and a
/// comparison that was interrupted ends with the numbers of one that was not.
Result<void> ComparisonRun::keepWindow(std::size_t window, const std::vector<std::size_t>& rows,
                                       const WindowStates& base)
{
    const ScoredWindow& of = m_windows[window];
    for (const std::size_t index : rows) {
        const ComparisonRow& row = m_rows[index];
        if (index > 0 && row.isFinite) {
            BITLATHE_CHECK(row.kept->keep(of, *row.known[window]));
        }
    }
    const ComparisonRow& first = m_rows.front();
    const model::ModelSpec& spec = first.opened->spec;
    const WindowScores& scores = *first.known[window];
    if (statesAreSmall(spec.hidden, spec.vocabulary) && !first.kept->hasStates(of)) {
        const auto scored = static_cast<std::int64_t>(scores.nll.size());
        BITLATHE_CHECK(first.kept->keepStates(of, packStates(base.normed, of.firstScored - 1, scored)));
    }
    const bool isFresh = !rows.empty() && rows.front() == 0;
    return isFresh ? first.kept->keep(of, scores) : Result<void>();
}

/// A NaN that is handed on would end up in a table.
Result<void> ComparisonRun::leaveOutNotFinite()
{
    if (!m_rows.front().isFinite) {
        return notFinite(m_rows.front().opened->folder().string());
    }
    for (std::size_t i = m_rows.size(); i-- > 1;) {
        if (m_rows[i].isFinite) {
            continue;
        }
        const std::string folder = m_rows[i].opened->folder().string();
        if (m_rows.size() == 2) {
            return notFinite(folder);
        }
        m_comparison.findings.push_back(
            {Severity::Problem, "model-left-out", folder,
             Text(BITLATHE_TEXT("%1 is left out: its logits are NaN or infinite"), m_comparison.models[i].name),
             Text(BITLATHE_TEXT("Verify the model: one of its tensors is damaged"))});
        m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(i));
        m_comparison.models.erase(m_comparison.models.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return {};
}

Result<void> ComparisonRun::runWindows(const WorkContext& work)
{
    const std::size_t together = windowsTogether();
    const double share = 1.0 / static_cast<double>(m_windows.size());
    for (std::size_t first = 0; first < m_windows.size(); first += together) {
        const std::size_t count = std::min(together, m_windows.size() - first);
        const auto part = work.child(static_cast<double>(first) * share, static_cast<double>(first + count) * share);
        BITLATHE_TRY(BatchStates states, forwardBatch(first, count, part));
        for (std::size_t window = first; window < first + count; ++window) {
            const bool isNew = rowsLack(window) || !m_rows.front().knows(window);
            BITLATHE_CHECK(score(window, std::move(states[window - first]), part.child(1, 1)));
            for (std::size_t i = 0; i < m_rows.size(); ++i) {
                WindowScores& scores = m_rows[i].scores.emplace_back(*std::move(m_rows[i].known[window]));
                addWindow(m_comparison.models[i].perplexity, m_windows[window], scores);
            }
            const bool atEnd = window + 1 == m_windows.size();
            if (isNew || atEnd) {
                finishRows(atEnd);
                tell();
            }
        }
        part.progress.set(1);
    }
    return {};
}

void ComparisonRun::finishRows(bool atEnd)
{
    for (ComparedModel& row : m_comparison.models) {
        summarize(row.perplexity);
        row.tokensPerSecond = row.perplexity.tokensPerSecond;
        row.perplexity.bytesPeakRss = row.memory.bytesPeakRss;
    }
    const std::vector<WindowScores>& baseScores = m_rows.front().scores;
    const PerplexityResult& base = m_comparison.models.front().perplexity;
    for (std::size_t i = 1; i < m_rows.size(); ++i) {
        ComparedModel& row = m_comparison.models[i];
        row.delta = row.perplexity.perplexity - base.perplexity;
        // Delta method on exp(mean q) - exp(mean b) with q and b of the same windows.
        std::vector<double> paired;
        for (std::size_t w = 0; w < base.windowMeans.size(); ++w) {
            paired.push_back(row.perplexity.perplexity * row.perplexity.windowMeans[w] -
                             base.perplexity * base.windowMeans[w]);
        }
        row.deltaError = spreadOf(paired, base.windowWeights).standardError;
        row.kl = klFacts(baseScores, m_rows[i].scores, atEnd);
        if (atEnd) {
            row.tokens = tokenFacts(m_windows, baseScores, m_rows[i].scores, m_rows.front().opened->tokenizer.get());
        }
    }
}

void ComparisonRun::tell() const
{
    if (m_onModel) {
        m_onModel(m_comparison);
    }
}

Result<Comparison> ComparisonRun::run(const WorkContext& work, const std::function<void(const Comparison&)>& onModel)
{
    m_onModel = onModel;
    BITLATHE_CHECK(loadAll(work.child(0, kLoadShare)));
    if (std::ranges::any_of(m_rows, &ComparisonRow::streamed)) {
        m_comparison.findings.push_back(
            {Severity::Note, "models-streamed", m_comparison.models.front().path.string(),
             Text(
                 BITLATHE_TEXT("the models were read from disk block by block, for together they take more memory than "
                               "there is: their tokens/s tell of the disk")),
             Text(BITLATHE_TEXT("Compare fewer models at once where speed matters"))});
    }
    const double windowShare = m_choice || m_generation ? kWindowShare : 1 - kLoadShare;
    BITLATHE_CHECK(runWindows(work.child(kLoadShare, kLoadShare + windowShare)));
    BITLATHE_CHECK(runTasks(work.child(kLoadShare + windowShare, 1)));
    work.progress.set(1);
    return m_comparison;
}

} // namespace bitlathe::evaluate
