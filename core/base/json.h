// SPDX-License-Identifier: Apache-2.0
// JSON of untrusted files: parsing and typed look-ups that name file, key, expectation and finding.
#pragma once

#include "core/base/orderedmap.h"
#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe
{

/// Objects keep the order of their keys.
using Json = nlohmann::basic_json<OrderedMap>;

/// Parses text; subject names it in the error. Refuses nesting deeper than 64.
Result<Json> parseJson(std::string_view text, const std::string& subject);

/// Reads and parses a file of at most maxBytes.
Result<Json> readJson(const std::filesystem::path& file, std::uint64_t maxBytes = 100'000'000);

/// Typed look-ups in one JSON object. Values of a wrong type are errors that name subject and key, never coerced.
class JsonObject
{
public:
    /// object must outlive this. subject is shown in errors, such as "config.json".
    JsonObject(const Json& object, std::string subject) : m_object(&object), m_subject(std::move(subject)) {}

    const Json& json() const { return *m_object; }
    bool has(std::string_view key) const; ///< True where the key is there and not null.

    Result<std::int64_t> integer(std::string_view key) const;
    Result<std::int64_t> integer(std::string_view key, std::int64_t otherwise) const; ///< otherwise: absent or null.
    Result<double> number(std::string_view key) const;
    Result<double> number(std::string_view key, double otherwise) const;
    Result<bool> boolean(std::string_view key, bool otherwise) const;
    Result<std::string> string(std::string_view key) const;
    Result<std::string> string(std::string_view key, std::string_view otherwise) const;
    /// An integer that must be in [low, high].
    Result<std::int64_t> integerIn(std::string_view key, std::int64_t low, std::int64_t high) const;

private:
    const Json* find(std::string_view key) const;
    Failure missing(std::string_view key, std::string_view kind) const;
    Failure wrongType(std::string_view key, std::string_view kind, const Json& value) const;

    const Json* m_object;
    std::string m_subject;
};

} // namespace bitlathe

// Compiled once, in json.cpp; without this every source that touches a value would compile the reader and the writer again.
extern template class nlohmann::basic_json<bitlathe::OrderedMap>;
extern template class nlohmann::detail::serializer<bitlathe::Json>;
extern template class nlohmann::detail::json_sax_dom_parser<bitlathe::Json>;
extern template class nlohmann::detail::json_sax_dom_callback_parser<bitlathe::Json>;
