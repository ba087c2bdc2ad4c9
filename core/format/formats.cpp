// SPDX-License-Identifier: Apache-2.0
// The list of formats: a new one is its file pair and one line here.
#include "core/checkpoint/checkpointwriter.h"
#include "core/checkpoint/shardlayout.h"
#include "core/format/awq.h"
#include "core/format/awqgemv.h"
#include "core/format/bitsandbytes.h"
#include "core/format/compressedtensors.h"
#include "core/format/consumers.h"
#include "core/format/dense.h"
#include "core/format/format.h"
#include "core/format/gptq.h"
#include "core/format/lmdeployint8.h"
#include "core/format/marlin.h"
#include "core/format/turbomind.h"

#include <fmt/format.h>

namespace bitlathe::format
{

Findings Format::findings(const checkpoint::Checkpoint&, const model::ModelSpec&, const LinearSchemes&) const
{
    return {};
}

Findings Format::risks(const model::ModelSpec& spec, const LinearSchemes& schemes) const
{
    Findings findings = consumerFindings(*this, spec, schemes);
    for (Finding& finding : findings) {
        finding.severity = Severity::Note; // Others load it, and nobody said yet for whom it is.
    }
    return findings;
}

Result<StoredKv> Format::storeKv(const model::ModelSpec&, const quant::KvParams&, const WorkspaceOptions&) const
{
    return fail(ErrorCode::NotSupported, "kv_params",
                Text(BITLATHE_TEXT("a format that holds grids of keys and values: turbomind or compressed-tensors")),
                Text(BITLATHE_TEXT("\"%1\""), name()),
                Text(BITLATHE_TEXT("Choose one of these formats, or leave the grids out")));
}

std::vector<checkpoint::TensorPlan> Format::stored(const model::ModelSpec&, const checkpoint::TensorPlan& tensor,
                                                   checkpoint::DType) const
{
    return {tensor};
}

std::vector<EncodedTensor> Format::store(const model::ModelSpec&, const checkpoint::TensorView& tensor,
                                         checkpoint::DType) const
{
    return {{{tensor.name, tensor.dtype, tensor.shape}, {tensor.bytes.begin(), tensor.bytes.end()}}};
}

Result<std::uint64_t> Format::fileBytes(const OpenedModel&, const LinearSchemes&,
                                        const std::vector<checkpoint::TensorPlan>& plan) const
{
    BITLATHE_TRY(const auto shards, checkpoint::layOut(plan, ExportOptions().bytesShardMax));
    std::uint64_t bytes = 0;
    for (const checkpoint::ShardLayout& shard : shards) {
        bytes += shard.bytes;
    }
    return bytes;
}

Result<std::unique_ptr<checkpoint::FolderWriter>> Format::createWriter(const OpenedModel&, const LinearSchemes&,
                                                                       std::vector<checkpoint::TensorPlan> plan,
                                                                       const ExportOptions& options) const
{
    BITLATHE_TRY(auto writer, checkpoint::CheckpointWriter::create(options.out, std::move(plan),
                                                                   {.bytesShardMax = options.bytesShardMax,
                                                                    .resume = options.resume,
                                                                    .overwrite = options.overwrite}));
    return std::unique_ptr<checkpoint::FolderWriter>(std::move(writer));
}

std::vector<std::string> Format::consumers() const
{
    return consumersOf(name());
}

const std::vector<const Format*>& formats()
{
    static const std::vector<const Format*> all{
        &compressedTensorsFormat(),
        &compressedTensorsInt8Format(),
        &gptqFormat(),
        &gptqV2Format(),
        &awqFormat(),
        &awqGemvFormat(),
        &awqGemvFastFormat(),
        &bitsAndBytesFormat(),
        &turbomindFormat(),
        &denseFormat(),
    };
    return all;
}

const std::vector<const Format*>& readableFormats()
{
    static const std::vector<const Format*> all = [] {
        std::vector<const Format*> list = formats();
        list.insert(list.end(), {&gptqMarlinFormat(), &awqMarlinFormat(), &lmdeployInt8Format()});
        return list;
    }();
    return all;
}

Result<const Format*> findFormat(std::string_view name)
{
    std::vector<std::string_view> known;
    for (const Format* format : formats()) {
        if (format->name() == name) {
            return format;
        }
        known.push_back(format->name());
    }
    return fail(ErrorCode::UnknownName, "format",
                Text(BITLATHE_TEXT("one of %1"), fmt::format("{}", fmt::join(known, ", "))),
                Text(BITLATHE_TEXT("%1"), name), Text(BITLATHE_TEXT("Check the spelling")));
}

} // namespace bitlathe::format
