// SPDX-License-Identifier: Apache-2.0
// fitPrefix: names of a spec with the prefix that a file has.
#include "core/model/nameprefix.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace bitlathe::model
{

namespace
{

using checkpoint::Checkpoint;
using checkpoint::TensorEntry;

/// "model." of "model.embed_tokens.weight", nothing of "wte.weight".
std::string ownPrefix(const std::string& name)
{
    const std::size_t dot = name.find('.');
    const bool hasMore = dot != std::string::npos && name.find('.', dot + 1) != std::string::npos;
    return hasMore ? name.substr(0, dot + 1) : std::string();
}

/// What stands before rest in the one tensor that is named so; nothing where there is none or more than one.
std::optional<std::string> prefixOf(const Checkpoint& checkpoint, const std::string& rest, std::int64_t rows)
{
    std::optional<std::string> prefix;
    for (const TensorEntry& entry : checkpoint.entries()) {
        const bool isNamedSo = entry.name == rest || entry.name.ends_with('.' + rest);
        if (isNamedSo && entry.shape.size() == 2 && entry.shape[0] == rows) {
            if (prefix) {
                return std::nullopt;
            }
            prefix = entry.name.substr(0, entry.name.size() - rest.size());
        }
    }
    return prefix;
}

void forEachName(ModelSpec& spec, const std::function<void(std::string&)>& change)
{
    for (std::string* name : {&spec.embeddingName, &spec.positionsName, &spec.projectInName, &spec.projectOutName,
                              &spec.finalNormName, &spec.headName}) {
        change(*name);
    }
    for (BlockSpec& block : spec.blocks) {
        for (std::string* name : {&block.inputNorm, &block.postAttentionNorm, &block.attentionOutputNorm,
                                  &block.mlpOutputNorm, &block.queryNorm, &block.keyNorm, &block.router}) {
            change(*name);
        }
    }
    for (LinearSpec& linear : spec.linears) {
        change(linear.name);
    }
    for (ScaleGroup& group : spec.scaleGroups) {
        change(group.precedingName);
        std::ranges::for_each(group.otherReaders, change);
    }
}

} // namespace

Findings fitPrefix(const Checkpoint& checkpoint, ModelSpec& spec)
{
    const std::string expected = spec.embeddingName;
    if (expected.empty() || checkpoint.find(expected) != nullptr) {
        return {};
    }
    const std::string own = ownPrefix(expected);
    const auto prefix = prefixOf(checkpoint, expected.substr(own.size()), spec.vocabulary);
    if (!prefix) {
        return {};
    }
    forEachName(spec, [&](std::string& name) {
        if (!name.empty() && name.starts_with(own)) {
            name.replace(0, own.size(), *prefix);
        }
    });
    // Heads have no prefix of their own and get another one than the rest.
    if (checkpoint.find(spec.headName) == nullptr) {
        if (const auto head = prefixOf(checkpoint, spec.headName, spec.vocabulary)) {
            spec.headName.insert(0, *head);
        }
    }
    return {
        {Severity::Note,
         "other-prefix",
         checkpoint.folder().string(),
         Text(BITLATHE_TEXT("tensors are named as %1, where the model's family has %2"), spec.embeddingName, expected),
         {}}};
}

} // namespace bitlathe::model
