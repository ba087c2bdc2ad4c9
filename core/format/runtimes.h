// SPDX-License-Identifier: Apache-2.0
// RuntimeTable: the programs that run models, what each loads, and which machine it needs for that.
#pragma once

#include "core/format/consumers.h"
#include "core/quant/kvscheme.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::format
{

/// A kind of KV cache that a program offers.
struct RuntimeCache
{
    quant::KvScheme scheme;
    double gpu = 0; ///< Least compute capability of an NVIDIA GPU; 0: that of the program.
};

struct Runtime
{
    std::string name; ///< "vLLM"
    std::string version;
    std::string date;              ///< When it was looked at.
    std::string source;            ///< Where what is said here can be read.
    double gpu = 0;                ///< Least compute capability of an NVIDIA GPU; 0: not on GPUs.
    bool cpu = false;              ///< Whether it runs on processors.
    bool fullPrecision = false;    ///< Runs models that are not quantized.
    bool serves = false;           ///< Made for many sequences at once.
    bool loadsAll = false;         ///< Every format; loads is empty then.
    std::string foreignFormat;     ///< What it loads where that is none of ours; loads is empty then.
    double usable = 1;             ///< Share of a device's memory that it may fill.
    std::uint64_t bytesBeside = 0; ///< Taken beside weights, keys and values, activations.
    std::string besideSource;
    std::vector<RuntimeCache> caches;
    std::vector<ConsumerRule> loads; ///< One for each format.

    /// What it needs of a format; null where it does not load it, or where it loads everything.
    const ConsumerRule* ruleFor(std::string_view format) const;
};

struct RuntimeTable
{
    static constexpr int kVersion = 1;
    std::vector<Runtime> runtimes;

    const Runtime* find(std::string_view name) const; ///< Null: unknown.
};

/// From JSON as in resources/advice/runtimes.json. Errors: FileInvalid naming subject and place; unknown keys too.
Result<RuntimeTable> parseRuntimeTable(std::string_view text, const std::string& subject);
Result<RuntimeTable> readRuntimeTable(const std::filesystem::path& file);
/// The one that is built in.
const RuntimeTable& runtimeTable();

/// Text of resources/advice/runtimes.json.
std::string_view runtimeData();

} // namespace bitlathe::format
