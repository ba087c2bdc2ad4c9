// SPDX-License-Identifier: Apache-2.0
// RecordReader: values of a run's record by name and kind.
#pragma once

#include "core/base/file.h"
#include "core/base/finding.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace bitlathe::run
{

/// Takes values out of a JSON object. The first wrong one is kept as the error of the whole; later ones are not looked
/// at.
class RecordReader
{
public:
    RecordReader(const Json& json, const std::string& subject, std::optional<Error>& error)
        : m_json(json), m_subject(subject), m_error(error)
    {
        if (!json.is_object() && !m_error) {
            wrong("", "an object");
        }
    }

    template <typename Number>
    void number(const char* key, Number& to) const
    {
        if (const Json* value = find(key)) {
            const bool fits = std::is_floating_point_v<Number> ? value->is_number() : value->is_number_integer();
            if (fits) {
                to = value->get<Number>();
            } else {
                wrong(key, "a number");
            }
        }
    }
    void flag(const char* key, bool& to) const
    {
        if (const Json* value = find(key)) {
            value->is_boolean() ? void(to = value->get<bool>()) : wrong(key, "true or false");
        }
    }
    void text(const char* key, std::string& to) const
    {
        if (const Json* value = find(key)) {
            value->is_string() ? void(to = value->get<std::string>()) : wrong(key, "a text");
        }
    }
    void path(const char* key, std::filesystem::path& to) const
    {
        std::string name = to.string();
        text(key, name);
        to = withHome(name);
    }
    /// Calls read with each element of a list.
    template <typename Read>
    void list(const char* key, const Read& read) const
    {
        if (const Json* value = find(key)) {
            if (!value->is_array()) {
                wrong(key, "a list");
                return;
            }
            for (const Json& element : *value) {
                read(element);
            }
        }
    }
    template <typename Number>
    void numbers(const char* key, std::vector<Number>& to) const
    {
        list(key, [&](const Json& element) {
            const bool fits = std::is_floating_point_v<Number> ? element.is_number() : element.is_number_integer();
            fits ? to.push_back(element.get<Number>()) : wrong(key, "numbers");
        });
    }
    /// The value of a key, or null where it is absent or null, or after an error.
    const Json* find(const char* key) const
    {
        if (m_error || !m_json.is_object()) {
            return nullptr;
        }
        const auto it = m_json.find(key);
        return it == m_json.end() || it->is_null() ? nullptr : &*it;
    }
    RecordReader of(const Json& json) const { return {json, m_subject, m_error}; }
    void wrong(const std::string& key, const char* kind) const
    {
        if (!m_error) {
            m_error = Error{ErrorCode::FileInvalid, m_subject, Text(BITLATHE_TEXT("%1 for \"%2\""), kind, key),
                            Text(BITLATHE_TEXT("another value")),
                            Text(BITLATHE_TEXT("Run again: the record of this run is damaged"))};
        }
    }

private:
    const Json& m_json;
    const std::string& m_subject;
    std::optional<Error>& m_error;
};

/// A finding that toJson() wrote.
Findings readFindings(const RecordReader& parent, const char* key);

} // namespace bitlathe::run
