// SPDX-License-Identifier: Apache-2.0
// ExportPlan: which tensors an export has, in which order, and where each comes from.
#include "core/format/exportplan.h"

#include "core/format/exporter.h"
#include "core/format/floatbytes.h"

namespace bitlathe::format
{

using checkpoint::TensorEntry;
using checkpoint::TensorPlan;

namespace
{

std::vector<TensorPlan> planLayer(const OpenedModel& model, const Format& format, const LinearSchemes& schemes,
                                  const model::LinearSpec& linear)
{
    if (const auto& scheme = schemes[linear.id.index()]) {
        return format.plan(linear, *scheme, model.dtype);
    }
    // In full precision: as it is in the source, or dequantized to the type of the rest of the model.
    const TensorEntry* dense = model.checkpoint->find(linear.weightName());
    if (model.schemes[linear.id.index()] || dense == nullptr) {
        return {{linear.weightName(), writableDType(model.dtype), linear.fileShape()}};
    }
    return {{dense->name, dense->dtype, dense->shape}};
}

/// A head that is the embedding under a second name.
bool isTiedHead(const OpenedModel& model, const TensorEntry& entry)
{
    const TensorEntry* embedding = model.checkpoint->find(model.spec.embeddingName);
    return model.spec.tiedHead && entry.name == "lm_head.weight" && embedding != nullptr &&
           embedding->shape == entry.shape && embedding != &entry;
}

} // namespace

Result<ExportPlan> planExport(const OpenedModel& model, const Format& format, const LinearSchemes& schemes,
                              const std::vector<EncodedTensor>& kv)
{
    if (schemes.size() != model.spec.linears.size()) {
        return fail(ErrorCode::Internal, model.name(), Text(BITLATHE_TEXT("%1 schemes"), model.spec.linears.size()),
                    Text(BITLATHE_TEXT("%1"), schemes.size()));
    }
    ExportPlan plan;
    plan.dtype = format.storedDType(model.dtype, schemes);
    plan.layers.resize(schemes.size());
    for (const model::LinearSpec& linear : model.spec.linears) {
        if (const auto& scheme = schemes[linear.id.index()]) {
            BITLATHE_CHECK(format.check(*scheme, linear));
        }
    }
    // Known before anything is computed: a configuration that can't tell these schemes.
    BITLATHE_CHECK(format.quantizationConfig(model.spec, schemes));
    const auto add = [&](TensorPlan tensor, std::vector<TensorPlan>& to) {
        if (format.storesAsNamed()) {
            to.push_back(std::move(tensor));
            return;
        }
        const std::vector<TensorPlan> parts = format.stored(model.spec, tensor, plan.dtype);
        to.insert(to.end(), parts.begin(), parts.end());
    };
    const auto& entries = model.checkpoint->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const LayerId owner = model.owners[i];
        if (!owner.isValid()) {
            if (!isTiedHead(model, entries[i]) && !quant::isKvScale(entries[i].name)) {
                add({entries[i].name, entries[i].dtype, entries[i].shape}, plan.tensors);
                plan.others.push_back(i);
            }
            continue;
        }
        std::vector<TensorPlan>& layer = plan.layers[owner.index()];
        if (layer.empty()) { // The first of a layer's tensors in the source stands for all of them.
            for (TensorPlan& tensor : planLayer(model, format, schemes, model.spec.linear(owner))) {
                add(std::move(tensor), layer);
            }
            plan.tensors.insert(plan.tensors.end(), layer.begin(), layer.end());
        }
    }
    for (const EncodedTensor& scale : kv) {
        plan.tensors.push_back(scale.plan);
    }
    return plan;
}

Result<std::uint64_t> exportedBytes(const OpenedModel& model, const Format& format, const LinearSchemes& schemes,
                                    const std::optional<quant::KvParams>& kv)
{
    StoredKv stored;
    if (kv) {
        BITLATHE_TRY(stored, format.storeKv(model.spec, *kv, {.tensorParallel = kv->parts()}));
    }
    BITLATHE_TRY(const ExportPlan plan, planExport(model, format, schemes, stored.tensors));
    return format.fileBytes(model, schemes, plan.tensors);
}

} // namespace bitlathe::format
