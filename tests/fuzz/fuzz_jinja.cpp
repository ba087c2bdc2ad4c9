// SPDX-License-Identifier: Apache-2.0
// Fuzz target: chat templates, parsed and rendered.
#include "core/text/jinja/template.h"
#include "core/text/utf8.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe;
    text::jinja::Limits limits;
    limits.steps = 20'000;
    limits.outputBytes = 100'000;
    const Json variables = {
        {"messages", {{{"role", "user"}, {"content", "a b"}}, {{"role", "assistant"}, {"content", "c"}}}},
        {"tools", {{{"name", "f"}}}},
        {"add_generation_prompt", true},
        {"bos_token", "<s>"}};
    const auto parsed = text::jinja::Template::parse({reinterpret_cast<const char*>(data), size}, "input", limits);
    const auto text = parsed ? parsed->render(variables, {limits, {}}) : Result<std::string>(Failure(parsed.error()));
    // Whatever a template holds, it ends with UTF-8 or with an error that names its line and what was found.
    if (text ? text::firstInvalidByte(*text).has_value()
             : !text.error().subject.starts_with("input") || text.error().found.empty()) {
        std::abort();
    }
    return 0;
}
