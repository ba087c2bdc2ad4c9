// SPDX-License-Identifier: Apache-2.0
// Checks a JSON document against the part of JSON Schema that our own schemas use.
#pragma once

#include "core/base/json.h"

#include <algorithm>
#include <string>

namespace bitlathe::tests
{

namespace schema
{

inline bool isOfType(const Json& value, const std::string& type)
{
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
           (type == "null" && value.is_null()) || (type == "number" && value.is_number()) ||
           (type == "integer" && value.is_number_integer());
}

inline std::string typeViolation(const Json& value, const Json& type, const std::string& at)
{
    const bool fits =
        type.is_string()
            ? isOfType(value, type.get<std::string>())
            : std::ranges::any_of(type, [&](const Json& one) { return isOfType(value, one.get<std::string>()); });
    return fits ? std::string() : at + ": is of type " + value.type_name() + ", not " + type.dump();
}

/// Where and how value breaks rules; empty: it does not. root holds $defs.
inline std::string violation(const Json& value, const Json& rules, const Json& root, const std::string& at);

inline std::string partsViolation(const Json& value, const Json& rules, const Json& root, const std::string& at)
{
    if (value.is_object()) {
        for (const Json& key : rules.value("required", Json::array())) {
            if (!value.contains(key.get<std::string>())) {
                return at + ": lacks " + key.dump();
            }
        }
        const Json properties = rules.value("properties", Json::object());
        for (const auto& [key, part] : value.items()) {
            if (!properties.contains(key)) {
                if (rules.value("additionalProperties", Json(true)) == Json(false)) {
                    return at + ": has the unknown key " + key;
                }
                continue;
            }
            if (std::string wrong = violation(part, properties[key], root, at + '/' + key); !wrong.empty()) {
                return wrong;
            }
        }
    }
    if (value.is_array() && rules.contains("items")) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (std::string wrong = violation(value[i], rules["items"], root, at + '/' + std::to_string(i));
                !wrong.empty()) {
                return wrong;
            }
        }
    }
    return {};
}

inline std::string violation(const Json& value, const Json& rules, const Json& root, const std::string& at)
{
    if (rules.contains("$ref")) {
        const std::string name = rules["$ref"].get<std::string>().substr(std::string("#/$defs/").size());
        return violation(value, root["$defs"].at(name), root, at);
    }
    if (rules.contains("anyOf")) {
        std::string all;
        for (const Json& choice : rules["anyOf"]) {
            const std::string wrong = violation(value, choice, root, at);
            if (wrong.empty()) {
                return {};
            }
            all += wrong + "; ";
        }
        return all;
    }
    if (rules.contains("type")) {
        if (std::string wrong = typeViolation(value, rules["type"], at); !wrong.empty()) {
            return wrong;
        }
    }
    if (rules.contains("const") && value != rules["const"]) {
        return at + ": is not " + rules["const"].dump();
    }
    if (rules.contains("enum") && std::ranges::find(rules["enum"], value) == rules["enum"].end()) {
        return at + ": is none of " + rules["enum"].dump();
    }
    if (rules.contains("minimum") && value.is_number() && value.get<double>() < rules["minimum"].get<double>()) {
        return at + ": is below " + rules["minimum"].dump();
    }
    return partsViolation(value, rules, root, at);
}

} // namespace schema

/// Where and how a document breaks a schema; empty: it does not.
inline std::string schemaViolation(const Json& document, const Json& schemaDocument)
{
    return schema::violation(document, schemaDocument, schemaDocument, {});
}

} // namespace bitlathe::tests
