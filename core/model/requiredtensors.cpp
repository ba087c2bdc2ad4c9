// SPDX-License-Identifier: Apache-2.0
// The list of required tensors.
#include "core/model/requiredtensors.h"

namespace bitlathe::model
{

namespace
{

class List
{
public:
    explicit List(const ModelSpec& spec) : m_spec(spec) {}

    /// Nothing where name is empty.
    void add(const std::string& name, checkpoint::Shape shape)
    {
        if (!name.empty()) {
            m_tensors.push_back({name, std::move(shape)});
        }
    }
    /// stem: the name without ".weight".
    void addNorm(const std::string& stem, std::int64_t width)
    {
        if (stem.empty()) {
            return;
        }
        add(stem + ".weight", {width});
        if (m_spec.norm == NormKind::Layer) {
            add(stem + ".bias", {width});
        }
    }
    std::vector<RequiredTensor> take() { return std::move(m_tensors); }

private:
    const ModelSpec& m_spec;
    std::vector<RequiredTensor> m_tensors;
};

} // namespace

std::int64_t positionRows(const ModelSpec& spec)
{
    return spec.maxPositions + spec.positionsOffset;
}

std::vector<RequiredTensor> requiredTensors(const ModelSpec& spec)
{
    constexpr std::string_view kWeight = ".weight";
    List list(spec);
    const std::int64_t width = spec.vocabularyWidth();
    list.add(spec.embeddingName, {spec.vocabulary, width});
    list.add(spec.positionsName, {positionRows(spec), spec.hidden});
    list.add(spec.projectInName, {spec.hidden, width});
    for (const BlockSpec& block : spec.blocks) {
        for (const auto& norm :
             {block.inputNorm, block.postAttentionNorm, block.attentionOutputNorm, block.mlpOutputNorm}) {
            list.addNorm(norm, spec.hidden);
        }
        list.addNorm(block.queryNorm, spec.headDim);
        list.addNorm(block.keyNorm, spec.headDim);
        if (!block.router.empty()) {
            list.add(block.router + ".weight", {spec.experts, spec.hidden});
        }
    }
    if (spec.finalNormName.ends_with(kWeight)) {
        list.addNorm(spec.finalNormName.substr(0, spec.finalNormName.size() - kWeight.size()), spec.hidden);
    }
    list.add(spec.projectOutName, {width, spec.hidden});
    if (spec.headName != spec.embeddingName) {
        list.add(spec.headName, {spec.vocabulary, width});
    }
    return list.take();
}

} // namespace bitlathe::model
