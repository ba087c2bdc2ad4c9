// SPDX-License-Identifier: Apache-2.0
// Functions that every template can call.
#include "core/text/jinja/functions.h"

#include "core/text/jinja/valuetext.h"

#include <array>

namespace bitlathe::text::jinja
{

namespace
{

Failure badArguments(Interpreter& self, std::string_view wanted)
{
    return self.budget().refuse(Text(BITLATHE_TEXT("%1"), wanted), Text(BITLATHE_TEXT("other arguments")));
}

Result<Value> range(Interpreter& self, const Arguments& arguments)
{
    constexpr std::int64_t kMostEntries = 100'000; // As the sandbox has it.
    constexpr std::size_t kMostArguments = 3;
    std::array<std::int64_t, kMostArguments> given{0, 0, 1};
    if (arguments.positional.empty() || arguments.positional.size() > kMostArguments || !arguments.named.empty()) {
        return badArguments(self, "range(start, stop, step)");
    }
    for (std::size_t i = 0; i < arguments.positional.size(); ++i) {
        const std::optional<std::int64_t> number = arguments.positional[i].integer();
        if (!number) {
            return badArguments(self, "integers in range()");
        }
        given[i] = *number;
    }
    if (arguments.positional.size() == 1) {
        std::swap(given[0], given[1]);
    }
    const auto [start, stop, step] = given;
    if (step == 0) {
        return badArguments(self, "a step of range() other than 0");
    }
    std::vector<Value> items;
    for (std::int64_t at = start; step > 0 ? at < stop : at > stop;) {
        if (static_cast<std::int64_t>(items.size()) == kMostEntries) {
            return self.budget().unknown(Text(BITLATHE_TEXT("a range of at most %1 numbers"), kMostEntries),
                                         Text(BITLATHE_TEXT("more")));
        }
        items.emplace_back(at);
        if (__builtin_add_overflow(at, step, &at)) {
            break;
        }
    }
    return makeList(std::move(items), Sequence::List, self.budget());
}

/// Entries of dict(...) and namespace(...): a mapping or pairs, then names.
Result<std::vector<std::pair<Value, Value>>> namedEntries(Interpreter& self, Arguments& arguments)
{
    Dict collected;
    if (arguments.positional.size() > 1) {
        return badArguments(self, "one mapping or list of pairs");
    }
    for (const Value& given : arguments.positional) {
        if (const Dict* mapping = given.dict()) {
            collected.entries = mapping->entries;
            continue;
        }
        BITLATHE_TRY(const std::vector<Value> pairs, self.entries(given));
        for (const Value& pair : pairs) {
            BITLATHE_TRY(std::vector<Value> parts, self.entries(pair));
            if (parts.size() != 2) {
                return badArguments(self, "pairs of key and value");
            }
            BITLATHE_CHECK(self.budget().charge(collected.entries.size()));
            collected.set(parts[0], std::move(parts[1]));
        }
    }
    for (auto& [name, value] : arguments.named) {
        collected.set(Value(name), std::move(value));
    }
    return std::move(collected.entries);
}

Result<Value> makeMapping(Interpreter& self, Arguments arguments)
{
    BITLATHE_TRY(auto entries, namedEntries(self, arguments));
    return makeDict(std::move(entries), self.budget());
}

Result<Value> makeNamespace(Interpreter& self, Arguments arguments)
{
    BITLATHE_TRY(auto entries, namedEntries(self, arguments));
    for (const auto& [key, value] : entries) {
        if (key.string() != nullptr && key.string()->starts_with('_')) {
            return badArguments(self, "names in a namespace that do not begin with _");
        }
    }
    BITLATHE_CHECK(self.budget().charge(entries.size() + 1));
    return self.makeNamespace(std::move(entries));
}

Result<Value> raiseException(Interpreter& self, const Arguments& arguments)
{
    std::string message;
    if (!arguments.positional.empty()) {
        BITLATHE_TRY(message, toText(arguments.positional.front(), self.budget()));
    }
    return self.budget().refuse(Text(BITLATHE_TEXT("messages that the template takes")),
                                Text(BITLATHE_TEXT("its refusal: %1"), message));
}

Result<Value> strftimeNow(Interpreter& self, const Arguments& arguments)
{
    const std::string* format = arguments.positional.size() == 1 ? arguments.positional.front().string() : nullptr;
    constexpr std::size_t kLongest = 200;
    if (format == nullptr || format->size() > kLongest) {
        return badArguments(self, "strftime_now(format)");
    }
    std::array<char, 64 * kLongest> text{};
    const std::tm now = self.now();
    const std::size_t length = std::strftime(text.data(), text.size(), format->c_str(), &now);
    return makeText(std::string(text.data(), length), self.budget());
}

} // namespace

void addFunctions(Scope& scope)
{
    const std::pair<const char*, Result<Value> (*)(Interpreter&, Arguments)> functions[] = {
        {"range", [](Interpreter& self, Arguments arguments) { return range(self, arguments); }},
        {"dict", makeMapping},
        {"namespace", makeNamespace},
        {"raise_exception", [](Interpreter& self, Arguments arguments) { return raiseException(self, arguments); }},
        {"strftime_now", [](Interpreter& self, Arguments arguments) { return strftimeNow(self, arguments); }},
    };
    for (const auto& [name, function] : functions) {
        scope.variables[name] = makeFunction(name, function);
    }
}

} // namespace bitlathe::text::jinja
