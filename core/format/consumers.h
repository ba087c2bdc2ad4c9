// SPDX-License-Identifier: Apache-2.0
// Consumers: what programs that load a format need of it, and who refuses what.
#pragma once

#include "core/format/format.h"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::format
{

/// Small numbers as a set.
struct NumberSet
{
    std::uint32_t bits = 0;

    constexpr NumberSet() = default;
    constexpr NumberSet(std::initializer_list<int> numbers)
    {
        for (const int number : numbers) {
            bits |= 1U << number;
        }
    }
    constexpr bool has(int number) const { return (bits >> number & 1U) != 0; }
    constexpr bool empty() const { return bits == 0; }
};

/// What a program needs of a folder of a format to load it: of its layers, of its configuration and of the machine. A
/// member left out asks for nothing. All are in the table of runtimes.h.
struct ConsumerRule
{
    std::string consumer;                 ///< "vLLM"
    std::string format;                   ///< Format::name()
    NumberSet bits;                       ///< Widths of codes.
    bool symmetricOnly = false;           ///< No zero points but the middle.
    std::vector<std::int64_t> groupSizes; ///< Empty: any. kPerChannel: a whole row.
    bool groupsTogether = false;          ///< The columns of a group stand together: act-order only with static groups.
    bool wholeGroups = false;             ///< The group size divides the inputs.
    bool wholeWords = false;              ///< Packed sides fill 32-bit words: inputs, and outputs of zero points.
    std::int64_t inMultiple = 1;          ///< Of the inputs.
    std::int64_t outMultiple = 1;         ///< Of the outputs.
    bool oneScheme = false;               ///< All layers alike.
    bool fullByNameEnd = false;           ///< Layers in full precision are so in all blocks.
    bool joinsLayers = false;             ///< Layers that share their input become one matrix, so must be alike.
    std::string keys;                     ///< In quantization_config of config.json: words, "a|b" for either.
    std::string configFile;               ///< A file that must be there.
    double gpu = 0;                       ///< Least compute capability of an NVIDIA GPU; 0: not on GPUs.
    bool cpu = false;                     ///< Whether it runs on processors.
    NumberSet cpuBits;                    ///< Widths of codes there; none: all.
};

std::span<const ConsumerRule> consumerRules();

/// The programs that load a format.
std::vector<std::string> consumersOf(std::string_view format);

/// What a program needs of a format; null where it does not load it.
const ConsumerRule* findConsumerRule(std::string_view consumer, std::string_view format);

/// Why a program does not load a layer of this scheme; empty where it does, as far as that layer goes.
Text whyRefused(const ConsumerRule& rule, const model::LinearSpec& linear, const quant::Scheme& scheme);

/// What programs that load the format refuse in these layers: for each program and kind of reason the first layer.
/// writer: the program that wrote the folder, where that is known; it reads what it wrote.
Findings consumerFindings(const Format& format, const model::ModelSpec& spec, const LinearSchemes& schemes,
                          std::string_view writer = {});

/// What programs that load the format miss in the configuration of a folder.
Findings configFindings(const Format& format, const checkpoint::Checkpoint& checkpoint);

} // namespace bitlathe::format
