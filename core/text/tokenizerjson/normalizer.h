// SPDX-License-Identifier: Apache-2.0
// Normalizer: how tokenizer.json rewrites a text before it is cut.
#pragma once

#include "core/base/json.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::text
{

/// Immutable; any thread.
class Normalizer
{
public:
    /// Reads the section "normalizer"; null does nothing. Errors: NotSupported, TokenizerInvalid, ConfigInvalid.
    static Result<Normalizer> parse(const Json& json, const std::string& subject);

    bool isEmpty() const { return m_steps.empty(); }
    /// A well-formed text in its normal form, well-formed.
    std::string normalize(std::string_view text) const;

private:
    using Step = std::function<std::string(std::string_view)>;

    Result<void> add(const Json& json, const std::string& subject);

    std::vector<Step> m_steps;
};

} // namespace bitlathe::text
