// SPDX-License-Identifier: Apache-2.0
// Fuzz target: a folder of one quantized layer. The first line is its quantization_config, the second the header of its
// tensors, the rest their bytes, zeros where those end early.
#include "core/format/format.h"
#include "tests/fuzz/scratchfolder.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace
{

namespace fs = std::filesystem;
using namespace bitlathe;

constexpr std::size_t kDataMax = 1 << 16;

const fs::path& folder()
{
    return fuzz::scratchFolder("layer");
}

/// Bytes that a header's tensors need; 0 where it is none.
std::size_t dataBytes(const Json& header)
{
    std::size_t end = 0;
    for (const auto& [name, tensor] : header.items()) {
        const auto offsets = tensor.is_object() ? tensor.find("data_offsets") : tensor.end();
        if (tensor.is_object() && offsets != tensor.end() && offsets->is_array() && offsets->size() == 2 &&
            (*offsets)[1].is_number_unsigned()) {
            end = std::max(end, std::min((*offsets)[1].get<std::size_t>(), kDataMax));
        }
    }
    return end;
}

void writeFolder(const Json& config, std::string_view header, std::string data)
{
    std::ofstream(folder() / "config.json") << Json{{"quantization_config", config}}.dump();
    std::ofstream file(folder() / "model.safetensors", std::ios::binary);
    const std::uint64_t length = header.size();
    file.write(reinterpret_cast<const char*>(&length), sizeof length);
    file << header << data;
}

model::ModelSpec oneLayer()
{
    model::ModelSpec spec;
    model::LinearSpec linear;
    linear.id = LayerId(0);
    linear.name = "l";
    linear.inFeatures = linear.outFeatures = 64;
    spec.linears.push_back(linear);
    return spec;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t first = std::min(input.find('\n'), size);
    const std::size_t second = first < size ? std::min(input.find('\n', first + 1), size) : size;
    if (second >= size) {
        return 0;
    }
    const std::string_view headerText = input.substr(first + 1, second - first - 1);
    const auto config = parseJson(input.substr(0, first), "fuzz");
    const auto header = parseJson(headerText, "fuzz");
    if (!config || !header || !header->is_object()) {
        return 0;
    }
    std::string bytes(input.substr(second + 1));
    bytes.resize(dataBytes(*header), '\0');
    try {
        writeFolder(*config, headerText, std::move(bytes));
    } catch (const nlohmann::json::exception&) {
        return 0; // Text that is not UTF-8 can't be written back.
    }
    const auto opened = checkpoint::Checkpoint::open(folder());
    if (!opened) {
        return 0;
    }
    const model::ModelSpec spec = oneLayer();
    for (const format::Format* format : format::readableFormats()) {
        if (!format->recognizes(**opened)) {
            continue;
        }
        const auto schemes = format->schemes(**opened, spec);
        if (schemes && schemes->front()) {
            (void)format->findings(**opened, spec, *schemes);
            if (const auto tensor = format->decode(**opened, spec.linears[0], *schemes->front())) {
                (void)tensor->dequantize();
            }
        }
    }
    return 0;
}
