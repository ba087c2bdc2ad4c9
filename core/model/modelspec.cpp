// SPDX-License-Identifier: Apache-2.0
// ModelSpec: the look-up of families, and what all of them share.
#include "core/model/modelspec.h"

#include "core/model/families/readers.h"

#include <algorithm>

namespace bitlathe::model
{

namespace
{

/// Token ids are an integer, a list of integers, or null.
Result<void> readIds(const Json& object, std::string_view key, const std::string& subject,
                     std::vector<std::int64_t>& ids)
{
    const auto found = object.is_object() ? object.find(std::string(key)) : object.end();
    if (!object.is_object() || found == object.end() || found->is_null()) {
        return {};
    }
    const auto add = [&](const Json& value) {
        if (!value.is_number_integer()) {
            return false;
        }
        const auto id = value.get<std::int64_t>();
        if (std::ranges::find(ids, id) == ids.end()) {
            ids.push_back(id);
        }
        return true;
    };
    const bool good = found->is_array() ? std::ranges::all_of(*found, add) : add(*found);
    if (!good) {
        return fail(ErrorCode::ConfigInvalid, subject,
                    Text(BITLATHE_TEXT("%1 to be an integer or a list of them"), key),
                    Text(BITLATHE_TEXT("%1"), found->type_name()),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    return {};
}

Result<void> readTokenIds(const Json& config, const Json& generationConfig, const std::string& subject, ModelSpec& spec)
{
    BITLATHE_CHECK(readIds(config, "eos_token_id", subject, spec.eosIds));
    BITLATHE_CHECK(readIds(generationConfig, "eos_token_id", subject + ": generation_config.json", spec.eosIds));
    std::vector<std::int64_t> bos;
    BITLATHE_CHECK(readIds(config, "bos_token_id", subject, bos));
    if (!bos.empty()) {
        spec.bosId = bos.front();
    }
    return {};
}

/// What most families call the same, for a look at a model that can't be run.
void readUnknown(const Json& config, ModelSpec& spec)
{
    const auto get = [&](const char* key) {
        const auto found = config.find(key);
        return found != config.end() && found->is_number_integer()
                   ? std::max<std::int64_t>(0, found->get<std::int64_t>())
                   : 0;
    };
    spec.vocabulary = get("vocab_size");
    spec.hidden = get("hidden_size");
    spec.intermediate = get("intermediate_size");
    spec.heads = get("num_attention_heads");
    spec.kvHeads = config.contains("num_key_value_heads") ? get("num_key_value_heads") : spec.heads;
    spec.maxPositions = get("max_position_embeddings");
}

} // namespace

std::string_view linearRoleName(LinearRole role)
{
    switch (role) {
    case LinearRole::Query: return "query";
    case LinearRole::Key: return "key";
    case LinearRole::Value: return "value";
    case LinearRole::Output: return "output";
    case LinearRole::Gate: return "gate";
    case LinearRole::Up: return "up";
    case LinearRole::Down: return "down";
    case LinearRole::QueryKeyValue: return "query_key_value";
    case LinearRole::GateUp: return "gate_up";
    case LinearRole::Other: return "other";
    }
    return "";
}

const LinearSpec* ModelSpec::findLinear(std::string_view name) const
{
    const auto found = std::ranges::find(linears, name, &LinearSpec::name);
    return found != linears.end() ? &*found : nullptr;
}

std::optional<std::int64_t> ModelSpec::positionLimit() const
{
    return positionsName.empty() ? std::nullopt : std::optional(maxPositions);
}

std::optional<std::int64_t> ModelSpec::trainedLength() const
{
    const bool grows = rope.scaling == RopeScaling::Dynamic || rope.scaling == RopeScaling::Doubling;
    if (maxPositions < 2 || (positionsName.empty() && grows)) {
        return std::nullopt;
    }
    // Linear scaling leaves the setting as it was in training; the others have it raised.
    const bool isStretched = positionsName.empty() && rope.scaling == RopeScaling::Linear;
    return isStretched ? static_cast<std::int64_t>(static_cast<double>(maxPositions) * rope.factor) : maxPositions;
}

Result<ModelSpec> readModelSpec(const Json& config, const Json& generationConfig, const std::string& subject)
{
    if (!config.is_object() || config.empty()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object with the model's settings")),
                    config.is_object() ? Text(BITLATHE_TEXT("an empty one or no config.json"))
                                       : Text(BITLATHE_TEXT("%1"), config.type_name()),
                    Text(BITLATHE_TEXT("Put the model's config.json beside its weights")));
    }
    const JsonObject object(config, subject);
    ModelSpec spec;
    BITLATHE_TRY(spec.modelType, object.string("model_type", ""));
    const auto architectures = config.find("architectures");
    if (architectures != config.end() && architectures->is_array() && !architectures->empty() &&
        architectures->front().is_string()) {
        spec.architecture = architectures->front().get<std::string>();
    }
    BITLATHE_CHECK(readTokenIds(config, generationConfig, subject, spec));
    const auto known = families();
    const auto family = std::ranges::find(known, spec.modelType, &Family::modelType);
    if (family == known.end()) {
        markNotRunnable(spec, Text(BITLATHE_TEXT("the model type %1"), spec.modelType.empty() ? "-" : spec.modelType));
        readUnknown(config, spec);
        return spec;
    }
    BITLATHE_CHECK(family->read(object, spec));
    return spec;
}

std::vector<std::string> knownModelTypes()
{
    std::vector<std::string> names;
    for (const Family& family : families()) {
        names.emplace_back(family.modelType);
    }
    return names;
}

} // namespace bitlathe::model
