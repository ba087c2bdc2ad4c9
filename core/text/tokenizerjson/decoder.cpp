// SPDX-License-Identifier: Apache-2.0
// Decoder: how tokenizer.json turns the pieces of tokens back into text.
#include "core/text/tokenizerjson/decoder.h"

#include "core/text/tokenizerjson/bytepieces.h"
#include "core/text/tokenizerjson/characters.h"
#include "core/text/tokenizerjson/parts.h"
#include "core/text/tokenizerjson/pattern.h"
#include "core/text/tokenizerjson/spacemarks.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <map>

namespace bitlathe::text
{

namespace
{

using Pieces = std::vector<std::string>;
using Step = std::function<void(Pieces&)>;

void decodeLetters(Pieces& pieces)
{
    std::string bytes;
    for (const std::string& piece : pieces) {
        appendBytesOfLetters(bytes, piece);
    }
    std::string text;
    appendLossy(text, bytes);
    pieces = {std::move(text)};
}

/// Runs of pieces such as <0xE2> become characters; where a run is no text, each of its bytes becomes U+FFFD.
void joinBytes(Pieces& pieces)
{
    Pieces joined;
    std::string run;
    const auto endRun = [&] {
        if (!run.empty() && !firstInvalidByte(run)) {
            joined.push_back(run);
        } else {
            joined.insert(joined.end(), run.size(), std::string(kReplacement));
        }
        run.clear();
    };
    for (std::string& piece : pieces) {
        if (const auto byte = byteOfPiece(piece)) {
            run += static_cast<char>(*byte);
        } else {
            endRun();
            joined.push_back(std::move(piece));
        }
    }
    endRun();
    pieces = std::move(joined);
}

void fuse(Pieces& pieces)
{
    std::string all;
    for (const std::string& piece : pieces) {
        all += piece;
    }
    pieces = {std::move(all)};
}

Result<Step> plainStep(void (*step)(Pieces&))
{
    return Step(step);
}

Result<Step> lettersStep(const Json&, const std::string&)
{
    return plainStep(decodeLetters);
}

Result<Step> bytesStep(const Json&, const std::string&)
{
    return plainStep(joinBytes);
}

Result<Step> fuseStep(const Json&, const std::string&)
{
    return plainStep(fuse);
}

Result<Step> replaceStep(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const Pattern pattern, Pattern::parse(json.contains("pattern") ? json["pattern"] : Json(), subject));
    BITLATHE_TRY(const std::string content, JsonObject(json, subject).string("content"));
    return Step([pattern, content](Pieces& pieces) {
        for (std::string& piece : pieces) {
            if (pattern.find(piece, 0)) {
                piece = pattern.replaceAll(piece, content);
            }
        }
    });
}

Result<Step> stripStep(const Json& json, const std::string& subject)
{
    constexpr std::int64_t kMost = 1'000'000;
    const JsonObject object(json, subject);
    BITLATHE_TRY(const std::string content, oneCharacter(object, "content", " ", subject));
    BITLATHE_TRY(const std::int64_t start, object.integerIn("start", 0, kMost));
    BITLATHE_TRY(const std::int64_t stop, object.integerIn("stop", 0, kMost));
    return Step([content, start, stop](Pieces& pieces) {
        for (std::string& piece : pieces) {
            for (std::int64_t i = 0; i < start && piece.starts_with(content); ++i) {
                piece.erase(0, content.size());
            }
            for (std::int64_t i = 0; i < stop && piece.ends_with(content); ++i) {
                piece.erase(piece.size() - content.size());
            }
        }
    });
}

Result<Step> metaspaceStep(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const SpaceMarks marks, SpaceMarks::parse(json, subject));
    return Step([marks](Pieces& pieces) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            pieces[i] = marks.unmark(pieces[i], i == 0);
        }
    });
}

/// English as written by people: no space before a full stop and the like.
std::string withoutSpacesBeforeMarks(std::string text)
{
    constexpr std::pair<std::string_view, std::string_view> kRules[] = {
        {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
        {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    for (const auto& [from, to] : kRules) {
        text = Pattern::literal(std::string(from)).replaceAll(text, to);
    }
    return text;
}

Result<Step> wordPieceStep(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    BITLATHE_TRY(const std::string prefix, object.string("prefix", "##"));
    BITLATHE_TRY(const bool cleansUp, object.boolean("cleanup", true));
    return Step([prefix, cleansUp](Pieces& pieces) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (i > 0) {
                pieces[i] = pieces[i].starts_with(prefix) ? pieces[i].substr(prefix.size()) : " " + pieces[i];
            }
            pieces[i] = cleansUp ? withoutSpacesBeforeMarks(pieces[i]) : pieces[i];
        }
    });
}

Result<Step> suffixStep(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const std::string suffix, JsonObject(json, subject).string("suffix", "</w>"));
    if (suffix.empty()) {
        return badKey("suffix", "some text", subject);
    }
    return Step([pattern = Pattern::literal(suffix)](Pieces& pieces) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            pieces[i] = pattern.replaceAll(pieces[i], i + 1 == pieces.size() ? "" : " ");
        }
    });
}

using StepParser = Result<Step> (*)(const Json&, const std::string&);

const std::map<std::string, StepParser>& parsers()
{
    static const std::map<std::string, StepParser> map{{"ByteLevel", lettersStep},   {"ByteFallback", bytesStep},
                                                       {"Fuse", fuseStep},           {"Replace", replaceStep},
                                                       {"Strip", stripStep},         {"Metaspace", metaspaceStep},
                                                       {"WordPiece", wordPieceStep}, {"BPEDecoder", suffixStep}};
    return map;
}

} // namespace

Result<Decoder> Decoder::parse(const Json& json, const std::string& subject)
{
    Decoder decoder;
    if (!json.is_null()) {
        decoder.m_isThere = true;
        BITLATHE_CHECK(decoder.add(json, subject));
    }
    return decoder;
}

// Recursion is as deep as the document at most, and that is limited.
Result<void> Decoder::add(const Json& json, const std::string& subject)
{
    BITLATHE_TRY(const std::string type, typeOf(json, subject));
    if (type == "Sequence") {
        BITLATHE_TRY(const Json* list, listOf(json, "decoders", subject));
        for (const Json& one : *list) {
            BITLATHE_CHECK(add(one, subject));
        }
        return {};
    }
    const auto parser = parsers().find(type);
    if (parser == parsers().end()) {
        return unknownType("decoder", type, subject);
    }
    BITLATHE_TRY(Step step, parser->second(json, subject));
    m_steps.push_back(std::move(step));
    return {};
}

std::string Decoder::decode(Pieces pieces) const
{
    for (const Step& step : m_steps) {
        step(pieces);
    }
    std::string text;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        text += i > 0 && !m_isThere ? " " : "";
        text += pieces[i];
    }
    return text;
}

} // namespace bitlathe::text
