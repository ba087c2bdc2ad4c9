// SPDX-License-Identifier: Apache-2.0
// Comparison: the models of one, opened and checked, and what is said of a row.
#include "core/evaluate/comparison.h"

#include "core/base/cache.h"
#include "core/evaluate/comparisonrun.h"
#include "core/evaluate/placement.h"
#include "core/text/textset.h"

#include <fmt/format.h>

#include <cmath>

namespace bitlathe::evaluate
{

namespace
{

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
        if (row.generation) {
            sentences.push_back(row.generation->verdict(row.name, base.name));
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
    const auto compareOn = [&](const CompareOptions& chosen) -> Result<Comparison> {
        ComparisonRun run(chosen);
        BITLATHE_CHECK(run.prepare(opened, set, work));
        return run.run(work, onModel);
    };
    auto compared = model::withDeviceErrors([&] { return compareOn(options); });
    if (compared || compared.error().code != ErrorCode::DeviceMemoryShort || options.device.isProcessor()) {
        return compared;
    }
    const Finding finding = placementFinding(options.device, {}, folders.front().string(), compared.error());
    CompareOptions onProcessor = options;
    onProcessor.device = {};
    BITLATHE_TRY(compared, compareOn(onProcessor));
    compared->findings.push_back(finding);
    return compared;
}

std::filesystem::path keptScoresFolder()
{
    return cacheFolder() / "evaluations";
}

} // namespace bitlathe::evaluate
