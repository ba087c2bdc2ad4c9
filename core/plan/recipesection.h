// SPDX-License-Identifier: Apache-2.0
// Section: a mapping of a recipe's file, whose values are taken by name and kind.
#pragma once

#include "core/base/file.h"
#include "core/base/result.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace bitlathe::plan
{

/// A mapping of the file: its known keys, with values taken by name and kind.
class Section
{
public:
    /// path: the keys above, with a dot at the end: "scheme."; empty at the top.
    Section(YAML::Node node, std::string subject, std::string path)
        : m_node(std::move(node)), m_subject(std::move(subject)), m_path(std::move(path))
    {}

    Failure wrong(const YAML::Node& at, Text expected, Text found, Text advice = {}) const
    {
        const int line = at.Mark().line + 1;
        return fail(ErrorCode::SettingInvalid, line > 0 ? fmt::format("{}:{}", m_subject, line) : m_subject,
                    std::move(expected), std::move(found), std::move(advice));
    }

    /// An error unless this is a mapping whose keys are all among known, each once.
    Result<void> check(std::initializer_list<std::string_view> known) const
    {
        if (!m_node.IsMap()) {
            return wrong(m_node, Text(BITLATHE_TEXT("keys and values under %1"), name()), Text("%1", kind(m_node)));
        }
        std::set<std::string> seen;
        for (const auto& entry : m_node) {
            if (!entry.first.IsScalar()) {
                return wrong(entry.first, Text(BITLATHE_TEXT("a name as key")), Text("%1", kind(entry.first)));
            }
            const std::string& key = entry.first.Scalar();
            if (std::find(known.begin(), known.end(), key) == known.end()) {
                return wrong(entry.first, Text(BITLATHE_TEXT("one of the keys %1"), fmt::join(known, ", ")),
                             Text(BITLATHE_TEXT("\"%1\""), m_path + key),
                             Text(BITLATHE_TEXT("Correct or remove that key")));
            }
            if (!seen.insert(key).second) {
                return wrong(entry.first, Text(BITLATHE_TEXT("each key once")),
                             Text(BITLATHE_TEXT("%1 again"), m_path + key));
            }
        }
        return {};
    }

    /// The value of a key; an undefined node where it is absent or null.
    YAML::Node find(std::string_view key) const
    {
        for (const auto& entry : m_node) {
            if (entry.first.IsScalar() && entry.first.Scalar() == key && !entry.second.IsNull()) {
                return entry.second;
            }
        }
        return YAML::Node(YAML::NodeType::Undefined);
    }

    Result<std::string> text(std::string_view key, const std::string& otherwise) const
    {
        const YAML::Node value = find(key);
        if (!value.IsDefined()) {
            return otherwise;
        }
        if (!value.IsScalar()) {
            return wrong(value, Text(BITLATHE_TEXT("a text for %1"), full(key)), Text("%1", kind(value)));
        }
        return value.Scalar();
    }

    /// A text that names a file or folder, with "~" for the home folder.
    Result<std::string> path(std::string_view key) const { return text(key, "").map(withHome); }

    template <typename Integer>
    Result<Integer> integer(std::string_view key, Integer otherwise) const
    {
        const YAML::Node value = find(key);
        if (!value.IsDefined()) {
            return otherwise;
        }
        Integer number = 0;
        // yaml-cpp tags quoted scalars with "!": "4" is a text, as in any YAML reader.
        if (value.IsScalar() && value.Tag() != "!") {
            const std::string& digits = value.Scalar();
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
            if (error == std::errc() && end == digits.data() + digits.size()) {
                return number;
            }
        }
        return wrong(value, Text(BITLATHE_TEXT("a whole number for %1"), full(key)), Text("%1", kind(value)));
    }

    Result<double> number(std::string_view key, double otherwise) const
    {
        const YAML::Node value = find(key);
        if (!value.IsDefined()) {
            return otherwise;
        }
        double result = 0;
        if (value.IsScalar() && value.Tag() != "!") {
            const std::string& digits = value.Scalar();
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
            if (error == std::errc() && end == digits.data() + digits.size() && std::isfinite(result)) {
                return result;
            }
        }
        return wrong(value, Text(BITLATHE_TEXT("a number for %1"), full(key)), Text("%1", kind(value)));
    }

    Result<bool> boolean(std::string_view key, bool otherwise) const
    {
        const YAML::Node value = find(key);
        if (!value.IsDefined()) {
            return otherwise;
        }
        if (value.IsScalar() && value.Tag() != "!" && (value.Scalar() == "true" || value.Scalar() == "false")) {
            return value.Scalar() == "true";
        }
        return wrong(value, Text(BITLATHE_TEXT("true or false for %1"), full(key)), Text("%1", kind(value)));
    }

    /// The place of a value in a list of names.
    Result<std::size_t> choice(std::string_view key, std::span<const std::string_view> names,
                               std::size_t otherwise) const
    {
        BITLATHE_TRY(const std::string given, text(key, std::string(names[otherwise])));
        const auto found = std::find(names.begin(), names.end(), given);
        if (found == names.end()) {
            return wrong(find(key), Text(BITLATHE_TEXT("%1 to be one of %2"), full(key), fmt::join(names, ", ")),
                         Text(BITLATHE_TEXT("\"%1\""), given));
        }
        return static_cast<std::size_t>(found - names.begin());
    }

    /// The mapping under a key; an empty one where it is absent.
    Section section(std::string_view key) const
    {
        YAML::Node value = find(key);
        return {value.IsDefined() ? value : YAML::Node(YAML::NodeType::Map), m_subject, full(key) + '.'};
    }

    std::string full(std::string_view key) const { return m_path + std::string(key); }

    /// A node in a few words, for messages.
    static std::string kind(const YAML::Node& node)
    {
        if (node.IsScalar()) {
            return fmt::format("\"{:.60}\"", node.Scalar());
        }
        return node.IsMap() ? "a mapping" : node.IsSequence() ? "a list" : "nothing";
    }

    const std::string& subject() const { return m_subject; }

private:
    std::string name() const { return m_path.empty() ? "the top" : m_path.substr(0, m_path.size() - 1); }

    YAML::Node m_node;
    std::string m_subject;
    std::string m_path;
};

} // namespace bitlathe::plan
