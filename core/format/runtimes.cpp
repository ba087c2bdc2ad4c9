// SPDX-License-Identifier: Apache-2.0
// RuntimeTable: reading it.
#include "core/format/runtimes.h"

#include "core/base/datatable.h"
#include "core/base/file.h"

#include <algorithm>

namespace bitlathe::format
{

namespace
{

/// Compute capability of a GPU; 0 where none is named.
Result<double> capabilityOf(const Json& object, const std::string& place)
{
    constexpr double kLeast = 1;
    constexpr double kMost = 100;
    return numberIn(object, "gpu", kLeast, kMost, 0, place);
}

/// A list of widths; empty where there is none.
Result<NumberSet> bitsOf(const Json& object, const std::string& key, const std::string& place)
{
    BITLATHE_TRY(const Json list, listIn(object, key, place));
    NumberSet set;
    for (const Json& entry : list) {
        const bool isWidth =
            entry.is_number_integer() && entry.get<std::int64_t>() >= 1 && entry.get<std::int64_t>() <= 8;
        if (!isWidth) {
            return badTable(place + "." + key, Text(BITLATHE_TEXT("whole numbers from 1 to 8")),
                            Text("%1", entry.dump()));
        }
        set.bits |= 1U << entry.get<unsigned>();
    }
    return set;
}

Result<std::vector<std::int64_t>> groupsOf(const Json& object, const std::string& place)
{
    BITLATHE_TRY(const Json list, listIn(object, "groups", place));
    std::vector<std::int64_t> sizes;
    for (const Json& entry : list) {
        const auto size = quant::groupSizeFromText(entry.is_string() ? entry.get<std::string>() : entry.dump());
        if (!size) {
            return badTable(place + ".groups", size.error().expected, Text("%1", entry.dump()));
        }
        sizes.push_back(*size);
    }
    return sizes;
}

/// What rows and columns must be multiples of; 1 where nothing is said.
Result<std::int64_t> multipleOf(const Json& object, std::string_view key, const std::string& place)
{
    constexpr double kMost = 1 << 20;
    BITLATHE_TRY(const double multiple, numberIn(object, key, 1, kMost, 1, place));
    return static_cast<std::int64_t>(multiple);
}

Result<ConsumerRule> ruleFrom(const Json& value, const std::string& consumer, const std::string& place)
{
    BITLATHE_CHECK(checkKeys(value,
                             {"format", "bits", "symmetric_only", "groups", "groups_together", "whole_groups",
                              "whole_words", "in_multiple", "out_multiple", "one_scheme", "full_by_name_end",
                              "joins_layers", "keys", "config_file", "gpu", "cpu", "cpu_bits"},
                             place));
    ConsumerRule rule;
    rule.consumer = consumer;
    BITLATHE_TRY(rule.format, wordIn(value, "format", place));
    const auto isNamed = [&rule](const Format* format) { return format->name() == rule.format; };
    if (std::ranges::none_of(readableFormats(), isNamed)) {
        return badTable(place + ".format", Text(BITLATHE_TEXT("the name of a format")),
                        Text(BITLATHE_TEXT("\"%1\""), rule.format));
    }
    BITLATHE_TRY(rule.bits, bitsOf(value, "bits", place));
    if (rule.bits.empty()) {
        return badTable(place + ".bits", Text(BITLATHE_TEXT("whole numbers from 1 to 8")), Text(BITLATHE_TEXT("none")));
    }
    BITLATHE_TRY(rule.symmetricOnly, flagIn(value, "symmetric_only", place));
    BITLATHE_TRY(rule.groupSizes, groupsOf(value, place));
    BITLATHE_TRY(rule.groupsTogether, flagIn(value, "groups_together", place));
    BITLATHE_TRY(rule.wholeGroups, flagIn(value, "whole_groups", place));
    BITLATHE_TRY(rule.wholeWords, flagIn(value, "whole_words", place));
    BITLATHE_TRY(rule.inMultiple, multipleOf(value, "in_multiple", place));
    BITLATHE_TRY(rule.outMultiple, multipleOf(value, "out_multiple", place));
    BITLATHE_TRY(rule.oneScheme, flagIn(value, "one_scheme", place));
    BITLATHE_TRY(rule.fullByNameEnd, flagIn(value, "full_by_name_end", place));
    BITLATHE_TRY(rule.joinsLayers, flagIn(value, "joins_layers", place));
    BITLATHE_TRY(rule.keys, wordIn(value, "keys", "", place));
    BITLATHE_TRY(rule.configFile, wordIn(value, "config_file", "", place));
    BITLATHE_TRY(rule.gpu, capabilityOf(value, place));
    BITLATHE_TRY(rule.cpu, flagIn(value, "cpu", place));
    BITLATHE_TRY(rule.cpuBits, bitsOf(value, "cpu_bits", place));
    return rule;
}

Result<RuntimeCache> cacheFrom(const Json& value, const std::string& place)
{
    BITLATHE_CHECK(checkKeys(value, {"scheme", "gpu"}, place));
    RuntimeCache cache;
    BITLATHE_TRY(const std::string name, wordIn(value, "scheme", place));
    const auto scheme = quant::findKvScheme(name);
    if (!scheme) {
        return badTable(place + ".scheme", scheme.error().expected, scheme.error().found);
    }
    cache.scheme = *scheme;
    BITLATHE_TRY(cache.gpu, capabilityOf(value, place));
    return cache;
}

/// What holds for all that it loads.
Result<void> readMachine(const Json& value, Runtime& runtime, const std::string& place)
{
    constexpr double kLeastUsable = 0.01;
    constexpr double kBytesMost = 1e12;
    BITLATHE_TRY(runtime.gpu, capabilityOf(value, place));
    BITLATHE_TRY(runtime.cpu, flagIn(value, "cpu", place));
    BITLATHE_TRY(runtime.fullPrecision, flagIn(value, "full_precision", place));
    BITLATHE_TRY(runtime.serves, flagIn(value, "serves", place));
    BITLATHE_TRY(runtime.loadsAll, flagIn(value, "loads_all", place));
    BITLATHE_TRY(runtime.usable, numberIn(value, "usable", kLeastUsable, 1, 1, place));
    BITLATHE_TRY(const double beside, numberIn(value, "beside_bytes", 0, kBytesMost, 0, place));
    runtime.bytesBeside = static_cast<std::uint64_t>(beside);
    BITLATHE_TRY(runtime.besideSource, wordIn(value, "beside_source", "", place));
    if (runtime.gpu == 0 && !runtime.cpu) {
        return badTable(place, Text(BITLATHE_TEXT("the key gpu, or cpu with the value true")),
                        Text(BITLATHE_TEXT("neither")));
    }
    return {};
}

Result<Runtime> runtimeFrom(const Json& value, const std::string& place)
{
    BITLATHE_CHECK(checkKeys(value,
                             {"name", "version", "date", "source", "gpu", "cpu", "full_precision", "serves", "usable",
                              "beside_bytes", "beside_source", "loads_all", "foreign_format", "kv", "loads"},
                             place));
    Runtime runtime;
    BITLATHE_TRY(runtime.name, wordIn(value, "name", place));
    BITLATHE_TRY(runtime.version, wordIn(value, "version", place));
    BITLATHE_TRY(runtime.date, wordIn(value, "date", place));
    BITLATHE_TRY(runtime.source, wordIn(value, "source", place));
    BITLATHE_TRY(runtime.foreignFormat, wordIn(value, "foreign_format", "", place));
    BITLATHE_CHECK(readMachine(value, runtime, place));
    BITLATHE_TRY(const Json caches, listIn(value, "kv", place));
    for (std::size_t i = 0; i < caches.size(); ++i) {
        BITLATHE_TRY(runtime.caches.emplace_back(), cacheFrom(caches[i], placeIn(place, "kv", i)));
    }
    BITLATHE_TRY(const Json loads, listIn(value, "loads", place));
    for (std::size_t i = 0; i < loads.size(); ++i) {
        const std::string at = placeIn(place, "loads", i);
        BITLATHE_TRY(ConsumerRule rule, ruleFrom(loads[i], runtime.name, at));
        if (runtime.ruleFor(rule.format) != nullptr) {
            return badTable(at, Text(BITLATHE_TEXT("each format once")), Text(BITLATHE_TEXT("\"%1\""), rule.format));
        }
        runtime.loads.push_back(std::move(rule));
    }
    return runtime;
}

} // namespace

const ConsumerRule* Runtime::ruleFor(std::string_view format) const
{
    const auto found = std::ranges::find(loads, format, &ConsumerRule::format);
    return found != loads.end() ? &*found : nullptr;
}

const Runtime* RuntimeTable::find(std::string_view name) const
{
    const auto found = std::ranges::find(runtimes, name, &Runtime::name);
    return found != runtimes.end() ? &*found : nullptr;
}

Result<RuntimeTable> parseRuntimeTable(std::string_view text, const std::string& subject)
{
    BITLATHE_TRY(const Json value, parseTable(text, subject, RuntimeTable::kVersion));
    BITLATHE_CHECK(checkKeys(value, {"version", "runtimes"}, subject));
    BITLATHE_TRY(const Json list, listIn(value, "runtimes", subject));
    RuntimeTable table;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string place = placeIn(subject, "runtimes", i);
        BITLATHE_TRY(Runtime runtime, runtimeFrom(list[i], place));
        if (table.find(runtime.name) != nullptr) {
            return badTable(place, Text(BITLATHE_TEXT("each program once")),
                            Text(BITLATHE_TEXT("\"%1\""), runtime.name));
        }
        table.runtimes.push_back(std::move(runtime));
    }
    return table;
}

Result<RuntimeTable> readRuntimeTable(const std::filesystem::path& file)
{
    constexpr std::uint64_t kMost = 4'000'000;
    BITLATHE_TRY(const std::string text, readFile(file, kMost));
    return parseRuntimeTable(text, file.string());
}

const RuntimeTable& runtimeTable()
{
    static const RuntimeTable table = parseRuntimeTable(runtimeData(), "runtimes.json").value();
    return table;
}

} // namespace bitlathe::format
