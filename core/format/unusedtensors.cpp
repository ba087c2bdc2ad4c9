// SPDX-License-Identifier: Apache-2.0
// unusedTensors: tensors of a folder that the model does not read.
#include "core/format/unusedtensors.h"

#include "core/model/requiredtensors.h"
#include "core/model/tiedhead.h"

#include <map>
#include <unordered_set>

namespace bitlathe::format
{

namespace
{

/// "vision_tower" of a model with several parts; else nothing.
std::string partOf(const std::string& name, bool hasParts)
{
    constexpr std::string_view kAround = "model.";
    const std::string_view rest =
        name.starts_with(kAround) ? std::string_view(name).substr(kAround.size()) : std::string_view(name);
    return hasParts ? std::string(rest.substr(0, rest.find('.'))) : std::string();
}

} // namespace

Findings unusedTensors(const OpenedModel& opened)
{
    if (!opened.spec.canRun) {
        return {};
    }
    std::unordered_set<std::string> used;
    for (const model::RequiredTensor& required : model::requiredTensors(opened.spec)) {
        used.insert(required.name);
    }
    for (const model::LinearSpec& linear : opened.spec.linears) {
        used.insert(linear.biasName());
    }
    if (const auto* head = model::storedHead(*opened.checkpoint, opened.spec)) {
        used.insert(head->name); // Of which fitToFile has its own to say.
    }
    const bool hasParts = opened.checkpoint->config().contains("text_config");
    std::map<std::string, std::vector<std::string>> parts;
    const auto& entries = opened.checkpoint->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const bool isKvScale = opened.isQuantized() && quant::isKvScale(entries[i].name);
        if (!opened.owners[i].isValid() && !used.contains(entries[i].name) && !isKvScale) {
            parts[partOf(entries[i].name, hasParts)].push_back(entries[i].name);
        }
    }
    Findings findings;
    for (const auto& [part, names] : parts) {
        findings.push_back(
            {Severity::Note,
             part.empty() ? "tensors-not-used" : "other-part",
             part.empty() ? names.front() : part,
             names.size() == 1
                 ? Text(BITLATHE_TEXT("the model does not read this tensor; it travels along as it is"))
                 : Text(BITLATHE_TEXT(
                            "the model does not read %1 tensors, from %2 to %3; they travel along as they are"),
                        names.size(), names.front(), names.back()),
             {}});
    }
    return findings;
}

} // namespace bitlathe::format
