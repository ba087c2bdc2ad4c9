// SPDX-License-Identifier: Apache-2.0
// fitTiedHead: what a file holds where embedding and head share their weights.
#include "core/model/tiedhead.h"

#include <algorithm>
#include <array>

namespace bitlathe::model
{

namespace
{

using checkpoint::Checkpoint;
using checkpoint::TensorEntry;

bool isSame(const Checkpoint& checkpoint, const TensorEntry& one, const TensorEntry& other)
{
    const bool isEqual =
        one.dtype == other.dtype && std::ranges::equal(checkpoint.view(one).bytes, checkpoint.view(other).bytes);
    checkpoint.release(one);
    checkpoint.release(other);
    return isEqual;
}

} // namespace

const TensorEntry* storedHead(const Checkpoint& checkpoint, const ModelSpec& spec)
{
    constexpr std::array<std::string_view, 5> kHeads{"lm_head.weight", "embed_out.weight", "output.weight",
                                                     "language_model.lm_head.weight", "model.lm_head.weight"};
    for (const std::string_view name : kHeads) {
        const TensorEntry* entry = checkpoint.find(name);
        if (entry != nullptr && entry->shape == checkpoint::Shape{spec.vocabulary, spec.vocabularyWidth()}) {
            return entry;
        }
    }
    return nullptr;
}

Findings fitTiedHead(const Checkpoint& checkpoint, ModelSpec& spec)
{
    const TensorEntry* head = spec.tiedHead ? storedHead(checkpoint, spec) : nullptr;
    if (head == nullptr || head->name == spec.embeddingName) {
        return {};
    }
    const TensorEntry* embedding = checkpoint.find(spec.embeddingName);
    if (embedding == nullptr) {
        spec.embeddingName = head->name;
        spec.headName = head->name;
        return {{Severity::Note,
                 "only-head-stored",
                 head->name,
                 Text(BITLATHE_TEXT("is the embedding, too: config.json ties both and the file holds no other")),
                 {}}};
    }
    if (embedding->shape == head->shape && isSame(checkpoint, *embedding, *head)) {
        return {
            {Severity::Note,
             "tied-stored-twice",
             head->name,
             Text(BITLATHE_TEXT("holds the same as %1, to which config.json ties it; it is left out"), embedding->name),
             {}}};
    }
    spec.tiedHead = false;
    spec.headName = head->name;
    return {
        {Severity::Warning, "tied-but-different", head->name,
         Text(BITLATHE_TEXT("differs from %1, to which config.json ties it; the head is %2"), embedding->name,
              head->name),
         Text(BITLATHE_TEXT("Set tie_word_embeddings to false in config.json, or to take the embedding, remove this "
                            "tensor"))}};
}

} // namespace bitlathe::model
