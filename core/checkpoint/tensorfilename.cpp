// SPDX-License-Identifier: Apache-2.0
// TensorFileName: what the name of a file says about the tensors in it.
#include "core/checkpoint/tensorfilename.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bitlathe::checkpoint
{

namespace
{

/// Takes an ending off; false: the name has another one.
bool takeEnding(std::string_view& name, std::string_view ending)
{
    if (!name.ends_with(ending)) {
        return false;
    }
    name.remove_suffix(ending.size());
    return true;
}

/// Takes the precision off "model.fp16".
std::string takePrecision(std::string_view& name)
{
    constexpr std::array<std::string_view, 9> kPrecisions{"fp32", "f32", "float32", "bf16", "bfloat16",
                                                          "fp16", "f16", "float16", "fp8"};
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || std::ranges::find(kPrecisions, name.substr(dot + 1)) == kPrecisions.end()) {
        return {};
    }
    std::string precision(name.substr(dot + 1));
    name = name.substr(0, dot);
    return precision;
}

/// Takes "-00002-of-00005" off, and gives the 5.
std::optional<unsigned> takeShard(std::string_view& name)
{
    constexpr std::string_view kOf = "-of-";
    const std::size_t of = name.rfind(kOf);
    if (of == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view digits = name.substr(of + kOf.size());
    unsigned total = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), total);
    if (error != std::errc() || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    name = name.substr(0, of);
    const std::size_t dash = name.rfind('-');
    name = name.substr(0, std::min(dash, name.size()));
    return total;
}

/// What training programs save beside a model.
bool isOfTraining(std::string_view stem)
{
    constexpr std::array<std::string_view, 6> kBeginnings{"training_args", "optimizer", "scheduler",
                                                          "rng_state",     "scaler",    "trainer_state"};
    return std::ranges::any_of(kBeginnings, [stem](std::string_view word) { return stem.starts_with(word); });
}

} // namespace

std::optional<TensorFileName> parseTensorFileName(std::string_view name)
{
    TensorFileName parsed;
    std::string_view rest = name;
    if (takeEnding(rest, ".json")) {
        // Either order is in use: model.safetensors.index.fp16.json, model.fp16.safetensors.index.json.
        parsed.precision = takePrecision(rest);
        if (!takeEnding(rest, ".index")) {
            return std::nullopt;
        }
        parsed.isIndex = true;
    }
    constexpr std::array<std::string_view, 5> kEndings{".safetensors", ".bin", ".pt", ".pth", ".ckpt"};
    const auto ending = std::ranges::find_if(kEndings, [&rest](std::string_view e) { return takeEnding(rest, e); });
    if (ending == kEndings.end() || rest.empty()) {
        return std::nullopt;
    }
    parsed.ending = *ending;
    parsed.container = *ending == ".safetensors" ? Container::Safetensors : Container::Torch;
    if (parsed.container == Container::Torch && isOfTraining(rest)) {
        return std::nullopt;
    }
    parsed.shards = takeShard(rest);
    if (parsed.precision.empty()) {
        parsed.precision = takePrecision(rest);
    }
    if (!parsed.shards) {
        parsed.shards = takeShard(rest);
    }
    parsed.stem = rest;
    return parsed;
}

} // namespace bitlathe::checkpoint
