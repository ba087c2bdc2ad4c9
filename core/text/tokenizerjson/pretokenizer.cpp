// SPDX-License-Identifier: Apache-2.0
// PreTokenizer: how tokenizer.json cuts a normalized text into the words that its model tokenizes one by one.
#include "core/text/tokenizerjson/pretokenizer.h"

#include "core/text/tokenizerjson/parts.h"
#include "core/text/tokenizerjson/spacemarks.h"
#include "core/text/tokenizerjson/splitter.h"
#include "core/text/tokenizerjson/wordpatterns.h"

#include <map>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kMaxSteps = 64;

using Step = std::function<void(const Piece&, const PieceSink&)>;

Step patternStep(Pattern pattern, SplitBehaviour behaviour, bool isInverted)
{
    return [=](const Piece& piece, const PieceSink& sink) {
        splitAtMatches(
            piece, [&](std::size_t from) { return pattern.find(piece.text, from); }, behaviour, isInverted, sink);
    };
}

Step characterStep(bool (*isMatch)(char32_t), SplitBehaviour behaviour)
{
    return [=](const Piece& piece, const PieceSink& sink) { splitAtCharacters(piece, isMatch, behaviour, sink); };
}

void prependSpace(const Piece& piece, const PieceSink& sink)
{
    if (piece.text.starts_with(' ')) {
        sink(piece);
        return;
    }
    const std::string spaced = " " + std::string(piece.text);
    sink({spaced, piece.isFirst});
}

void writeLetters(const Piece& piece, const PieceSink& sink)
{
    const std::string letters = lettersOfBytes(piece.text);
    sink({letters, piece.isFirst});
}

/// Runs of word characters, and runs of other ones without white space.
void splitWords(const Piece& piece, const PieceSink& sink)
{
    const auto kindAt = [&](std::size_t at) {
        const char32_t code = characterAt(piece.text, at).code;
        return isWordCharacter(code) ? 1 : isWhiteSpace(code) ? 0 : 2;
    };
    for (std::size_t begin = 0; begin < piece.text.size();) {
        const int kind = kindAt(begin);
        std::size_t end = begin;
        while (end < piece.text.size() && kindAt(end) == kind) {
            end += characterAt(piece.text, end).length;
        }
        if (kind != 0) {
            sink({piece.text.substr(begin, end - begin), piece.isFirst && begin == 0});
        }
        begin = end;
    }
}

Result<Step> splitStep(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    BITLATHE_TRY(Pattern pattern, Pattern::parse(json.contains("pattern") ? json["pattern"] : Json(), subject));
    BITLATHE_TRY(const std::string name, object.string("behavior"));
    BITLATHE_TRY(const SplitBehaviour behaviour, parseBehaviour(name, subject));
    BITLATHE_TRY(const bool isInverted, object.boolean("invert", false));
    return patternStep(std::move(pattern), behaviour, isInverted);
}

Result<Step> digitsStep(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const bool isEach, JsonObject(json, subject).boolean("individual_digits", false));
    return characterStep(isNumber, isEach ? SplitBehaviour::Isolated : SplitBehaviour::Contiguous);
}

Result<Step> punctuationStep(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const std::string name, JsonObject(json, subject).string("behavior", "Isolated"));
    BITLATHE_TRY(const SplitBehaviour behaviour, parseBehaviour(name, subject));
    return characterStep(isPunctuation, behaviour);
}

Result<Step> delimiterStep(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(std::string delimiter, oneCharacter(JsonObject(json, subject), "delimiter", " ", subject));
    return patternStep(Pattern::literal(std::move(delimiter)), SplitBehaviour::Removed, false);
}

Result<Step> metaspaceStep(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const SpaceMarks marks, SpaceMarks::parse(json, subject));
    return Step([marks](const Piece& piece, const PieceSink& sink) {
        const std::string marked = marks.mark(piece);
        const Piece whole{marked, piece.isFirst};
        if (!marks.splits()) {
            sink(whole);
            return;
        }
        const Pattern mark = Pattern::literal(marks.mark());
        splitAtMatches(
            whole, [&](std::size_t from) { return mark.find(marked, from); }, SplitBehaviour::MergedWithNext, false,
            sink);
    });
}

Result<Step> whitespaceStep(const Json&, const std::string&)
{
    return Step(splitWords);
}

Result<Step> whitespaceSplitStep(const Json&, const std::string&)
{
    return characterStep(isWhiteSpace, SplitBehaviour::Removed);
}

using StepParser = Result<Step> (*)(const Json&, const std::string&);

/// The types that come to one step.
const std::map<std::string, StepParser>& parsers()
{
    static const std::map<std::string, StepParser> map{{"Split", splitStep},
                                                       {"Digits", digitsStep},
                                                       {"Punctuation", punctuationStep},
                                                       {"CharDelimiterSplit", delimiterStep},
                                                       {"Metaspace", metaspaceStep},
                                                       {"Whitespace", whitespaceStep},
                                                       {"WhitespaceSplit", whitespaceSplitStep}};
    return map;
}

} // namespace

Result<PreTokenizer> PreTokenizer::parse(const Json& json, bool modelTakesBytes, const std::string& subject)
{
    PreTokenizer result;
    if (!json.is_null()) {
        BITLATHE_CHECK(result.add(json, subject));
    }
    if (modelTakesBytes && result.m_endsInLetters) {
        result.m_steps.pop_back();
        result.m_leavesBytes = true;
    }
    return result;
}

// Recursion is as deep as the document at most, and that is limited.
Result<void> PreTokenizer::add(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const std::string type, typeOf(json, subject));
    if (m_steps.size() > kMaxSteps) {
        return badKey("pre_tokenizer", "a list of at most 64 parts", subject);
    }
    if (type == "Sequence") {
        BITLATHE_TRY(const Json* list, listOf(json, "pretokenizers", subject));
        for (const Json& one : *list) {
            BITLATHE_CHECK(add(one, subject));
        }
        return {};
    }
    m_endsInLetters = false;
    if (type == "ByteLevel") {
        return addByteLevel(json, subject);
    }
    if (type == "BertPreTokenizer") {
        m_steps.push_back(characterStep(isWhiteSpace, SplitBehaviour::Removed));
        m_steps.push_back(characterStep(isPunctuation, SplitBehaviour::Isolated));
        return {};
    }
    const auto parser = parsers().find(type);
    if (parser == parsers().end()) {
        return unknownType("pre-tokenizer", type, subject);
    }
    m_marksSpaces = m_marksSpaces || type == "Metaspace";
    BITLATHE_TRY(Step step, parser->second(json, subject));
    m_steps.push_back(std::move(step));
    return {};
}

Result<void> PreTokenizer::addByteLevel(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    BITLATHE_TRY(const bool addsSpace, object.boolean("add_prefix_space", true));
    BITLATHE_TRY(const bool splits, object.boolean("use_regex", true));
    if (addsSpace) {
        m_steps.emplace_back(prependSpace);
    }
    if (splits) {
        BITLATHE_TRY(Pattern pattern, Pattern::regex(kGpt2Words, subject));
        m_steps.push_back(patternStep(std::move(pattern), SplitBehaviour::Isolated, false));
    }
    m_steps.emplace_back(writeLetters);
    m_isByteLevel = true;
    m_endsInLetters = true;
    return {};
}

// As deep as there are steps.
void PreTokenizer::run(std::size_t step, const Piece& piece, const PieceSink& words) const
{
    if (piece.text.empty()) {
        return;
    }
    if (step == m_steps.size()) {
        words(piece);
        return;
    }
    m_steps[step](piece, [&](const Piece& part) { run(step + 1, part, words); });
}

} // namespace bitlathe::text
