// SPDX-License-Identifier: Apache-2.0
// Golden folders made whole: some were stored without the embedding, which is the demo model's.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/checkpointwriter.h"
#include "core/format/floatbytes.h"
#include "support/tempfolder.h"

namespace bitlathe::tests
{

/// Writes golden/NAME with its embedding, as its tool wrote it, and the demo model's tokenizer.
inline void wholeGolden(const std::string& name, const std::filesystem::path& out)
{
    const std::filesystem::path source = sharedFolder() / "golden" / name;
    const std::filesystem::path demo = sharedFolder() / "models/demo-llama";
    constexpr const char* kEmbedding = "model.embed_tokens.weight";
    const auto golden = checkpoint::Checkpoint::open(source);
    BITLATHE_VERIFY_OK(golden);
    const auto base = checkpoint::Checkpoint::open(demo);
    BITLATHE_VERIFY_OK(base);
    std::vector<checkpoint::TensorPlan> plan;
    for (const checkpoint::TensorEntry& entry : (*golden)->entries()) {
        plan.push_back({entry.name, entry.dtype, entry.shape});
    }
    const checkpoint::TensorView embedding = (*base)->view(*(*base)->find(kEmbedding));
    const bool isStripped = (*golden)->find(kEmbedding) == nullptr;
    const checkpoint::DType dtype = (*golden)->find("model.norm.weight")->dtype;
    if (isStripped) {
        plan.push_back({kEmbedding, dtype, embedding.shape});
    }
    auto writer = checkpoint::CheckpointWriter::create(out, std::move(plan), {});
    BITLATHE_VERIFY_OK(writer);
    for (const checkpoint::TensorEntry& entry : (*golden)->entries()) {
        BITLATHE_VERIFY_OK((*writer)->write(entry.name, (*golden)->view(entry).bytes));
    }
    if (isStripped) {
        std::vector<std::byte> bytes(static_cast<std::size_t>(embedding.elements()) * checkpoint::dtypeBytes(dtype));
        format::storeFloats(dtype, checkpoint::toF32(embedding), bytes);
        BITLATHE_VERIFY_OK((*writer)->write(kEmbedding, bytes));
    }
    for (const char* file : {"config.json", "quantize_config.json", "generation_config.json"}) {
        if (std::filesystem::exists(source / file)) {
            BITLATHE_VERIFY_OK((*writer)->copyFile(source / file));
        }
    }
    for (const char* file : {"tokenizer.model", "tokenizer_config.json"}) {
        BITLATHE_VERIFY_OK((*writer)->copyFile(demo / file));
    }
    BITLATHE_VERIFY_OK((*writer)->seal());
    BITLATHE_VERIFY_OK((*writer)->finish());
}

} // namespace bitlathe::tests
