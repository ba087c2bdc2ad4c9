// SPDX-License-Identifier: Apache-2.0
// Template: a text with blocks and expressions of the Jinja language, in the dialect of chat templates.
#include "core/text/jinja/template.h"

#include "core/text/jinja/parser.h"
#include "core/text/utf8.h"

namespace bitlathe::text::jinja
{

namespace
{

constexpr std::size_t kMaxSourceBytes = 4'000'000;

std::tm localNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    return local;
}

} // namespace

Result<Template> Template::parse(std::string_view source, std::string name, const Limits& limits)
{
    if (source.size() > kMaxSourceBytes) {
        return fail(ErrorCode::FileInvalid, name,
                    Text(BITLATHE_TEXT("a template of at most %1 bytes"), kMaxSourceBytes),
                    Text(BITLATHE_TEXT("%1 bytes"), source.size()));
    }
    if (const std::optional<std::size_t> at = firstInvalidByte(source)) {
        return fail(
            ErrorCode::FileInvalid, fmt::format("{}:{}", name, lineOfByte(source, *at)),
            Text(BITLATHE_TEXT("UTF-8 text")),
            Text(BITLATHE_TEXT("the byte 0x%1"), fmt::format("{:02X}", static_cast<unsigned char>(source[*at]))));
    }
    Template made;
    made.m_name = std::move(name);
    BITLATHE_TRY(Body body, parseTemplate(source, made.m_name, limits));
    made.m_body = std::make_shared<const Body>(std::move(body));
    return made;
}

Result<std::string> Template::render(const Json& variables, const RenderOptions& options) const
{
    Interpreter interpreter(m_name, options.limits, options.clock ? options.clock : Clock(localNow));
    return interpreter.run(*m_body, variables);
}

} // namespace bitlathe::text::jinja
