// SPDX-License-Identifier: Apache-2.0
// GenerationRun: the prompts of an evaluation, gone on from by one loaded model after the other.
#pragma once

#include "core/evaluate/choicerun.h"
#include "core/evaluate/generationprompts.h"
#include "core/evaluate/generationresult.h"

namespace bitlathe::evaluate
{

struct GenerationCheckOptions
{
    std::string data; ///< SPEC of the prompts.
    std::int64_t newTokens = 64;
    bool chat = false;      ///< As a question of a user, through each model's own template; conversations are always.
    std::int64_t limit = 0; ///< Prompts at most, the first ones; 0: all.
    double temperature = 0; ///< 0: always the most likely token.
    std::uint64_t seed = 0; ///< Of the draws, the same for all models.
    model::Compute compute = model::Compute::F32;

    bool operator==(const GenerationCheckOptions&) const = default;
};

/// Errors: SettingInvalid (no new token, a temperature or limit below zero).
Result<void> checkGenerationOptions(const GenerationCheckOptions& options);

class GenerationRun
{
public:
    /// Reads the prompts. Errors: those of openGenerationPrompts() and checkGenerationOptions().
    static Result<GenerationRun> create(const GenerationCheckOptions& options);

    /// Lets a model go on from every prompt and adds it to the result; the first is the base. Errors: FileMissing (no
    /// chat template where one is needed), TextInvalid (every prompt is too long), those of generate().
    Result<void> write(const ChoiceTaker& writer, const WorkContext& work = {});
    const GenerationResult& result() const { return m_result; }

private:
    explicit GenerationRun(const GenerationCheckOptions& options) : m_options(options) {}
    Result<std::vector<model::TokenId>> tokensOf(const GenerationPrompt& prompt, const ChoiceTaker& writer,
                                                 const std::optional<text::ChatTemplate>& chat) const;
    Result<WrittenText> writeOne(std::span<const model::TokenId> prompt, std::size_t index, const ChoiceTaker& writer,
                                 const WorkContext& work) const;
    void noteLongOnes(const GenerationModel& model, std::int64_t limit);

    GenerationCheckOptions m_options;
    std::vector<GenerationPrompt> m_prompts;
    GenerationResult m_result;
};

} // namespace bitlathe::evaluate
