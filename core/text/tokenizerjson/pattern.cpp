// SPDX-License-Identifier: Apache-2.0
// Pattern: what is searched for in a text, a string or a regular expression.
#include "core/text/tokenizerjson/pattern.h"

#include "core/text/tokenizerjson/characters.h"
#include "core/text/tokenizerjson/patterndialect.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kMaxPatternBytes = 65'536;
constexpr std::size_t kStackBytes = 32'768;
constexpr std::size_t kMaxStackBytes = 1'048'576;
constexpr std::uint32_t kMaxSteps = 2'000'000;
constexpr std::uint32_t kMaxHeapKibibytes = 65'536;

PCRE2_SPTR bytesOf(std::string_view text)
{
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

/// What a thread needs for matching, with any pattern.
class Matcher
{
public:
    Matcher()
        : m_data(pcre2_match_data_create(1, nullptr)),
          m_context(pcre2_match_context_create(nullptr)),
          m_stack(pcre2_jit_stack_create(kStackBytes, kMaxStackBytes, nullptr))
    {
        pcre2_set_match_limit(m_context, kMaxSteps);
        pcre2_set_heap_limit(m_context, kMaxHeapKibibytes);
        pcre2_jit_stack_assign(m_context, nullptr, m_stack);
    }
    ~Matcher()
    {
        pcre2_match_data_free(m_data);
        pcre2_match_context_free(m_context);
        pcre2_jit_stack_free(m_stack);
    }
    Matcher(const Matcher&) = delete;
    Matcher& operator=(const Matcher&) = delete;

    std::optional<Match> match(const pcre2_code* code, bool isCompiled, std::string_view text, std::size_t from)
    {
        int found = isCompiled ? pcre2_jit_match(code, bytesOf(text), text.size(), from, 0, m_data, m_context)
                               : PCRE2_ERROR_JIT_STACKLIMIT;
        if (found == PCRE2_ERROR_JIT_STACKLIMIT) { // The interpreter keeps its stack on the heap.
            found = pcre2_match(code, bytesOf(text), text.size(), from, PCRE2_NO_JIT | PCRE2_NO_UTF_CHECK, m_data,
                                m_context);
        }
        if (found < 0) {
            return std::nullopt;
        }
        const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(m_data);
        // \K can move the beginning to where it makes no sense.
        const std::size_t begin = std::max(ends[0], from);
        return Match{begin, std::max(begin, ends[1])};
    }

private:
    pcre2_match_data* m_data;
    pcre2_match_context* m_context;
    pcre2_jit_stack* m_stack;
};

Matcher& matcherOfThread()
{
    thread_local Matcher matcher;
    return matcher;
}

} // namespace

struct Pattern::Code
{
    explicit Code(pcre2_code* compiled)
        : code(compiled), isCompiled(pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE) == 0)
    {}
    ~Code() { pcre2_code_free(code); }
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;

    pcre2_code* code;
    bool isCompiled; ///< To machine code.
};

Pattern Pattern::literal(std::string text)
{
    Pattern pattern;
    pattern.m_literal = std::move(text);
    return pattern;
}

Result<Pattern> Pattern::regex(std::string_view source, const std::string& subject)
{
    if (source.size() > kMaxPatternBytes) {
        return fail(ErrorCode::TokenizerInvalid, subject,
                    Text(BITLATHE_TEXT("a pattern of at most %1 bytes"), kMaxPatternBytes),
                    Text(BITLATHE_TEXT("one of %1"), source.size()));
    }
    BITLATHE_TRY(const std::string translated, patternForPcre(source, subject));
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    constexpr std::uint32_t kOptions = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code* code = pcre2_compile(bytesOf(translated), translated.size(), kOptions, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (code == nullptr) {
        std::array<PCRE2_UCHAR, 256> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        return fail(ErrorCode::TokenizerInvalid, subject,
                    Text(BITLATHE_TEXT("a regular expression instead of %1"), source),
                    Text(BITLATHE_TEXT("an error (%1)"), reinterpret_cast<const char*>(message.data())),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    Pattern pattern;
    pattern.m_code = std::make_shared<const Code>(code);
    return pattern;
}

Result<Pattern> Pattern::parse(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    if (object.has("String")) {
        BITLATHE_TRY(std::string text, object.string("String"));
        if (!text.empty()) {
            return literal(std::move(text));
        }
    } else if (object.has("Regex")) {
        BITLATHE_TRY(const std::string source, object.string("Regex"));
        return regex(source, subject);
    }
    return fail(ErrorCode::TokenizerInvalid, subject,
                Text(BITLATHE_TEXT("a pattern: {\"String\": text} or {\"Regex\": expression}")),
                Text(BITLATHE_TEXT("another kind of value")),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

std::optional<Match> Pattern::find(std::string_view text, std::size_t from) const
{
    if (from > text.size()) {
        return std::nullopt;
    }
    if (m_code) {
        return matcherOfThread().match(m_code->code, m_code->isCompiled, text, from);
    }
    const std::size_t at = text.find(m_literal, from);
    return at == std::string_view::npos ? std::nullopt : std::optional(Match{at, at + m_literal.size()});
}

std::string Pattern::replaceAll(std::string_view text, std::string_view content) const
{
    std::string replaced;
    replaced.reserve(text.size() + text.size() / 2);
    std::size_t done = 0;
    for (std::optional<Match> match = find(text, 0); match; match = find(text, searchFrom(text, *match))) {
        replaced += text.substr(done, match->begin - done);
        replaced += content;
        done = match->end;
    }
    replaced += text.substr(done);
    return replaced;
}

std::size_t searchFrom(std::string_view text, const Match& match)
{
    if (match.end > match.begin) {
        return match.end;
    }
    return match.end < text.size() ? match.end + characterAt(text, match.end).length : text.size() + 1;
}

} // namespace bitlathe::text
