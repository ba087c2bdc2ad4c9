// SPDX-License-Identifier: Apache-2.0
// Decoder: how tokenizer.json turns the pieces of tokens back into text.
#pragma once

#include "core/base/json.h"

#include <functional>
#include <string>
#include <vector>

namespace bitlathe::text
{

/// Immutable; any thread.
class Decoder
{
public:
    /// Reads the section "decoder"; null puts a space between pieces. Errors: NotSupported, TokenizerInvalid,
    /// ConfigInvalid.
    static Result<Decoder> parse(const Json& json, const std::string& subject);

    /// The text of pieces, well-formed where the pieces are.
    std::string decode(std::vector<std::string> pieces) const;

private:
    using Step = std::function<void(std::vector<std::string>& pieces)>;

    Result<void> add(const Json& json, const std::string& subject);

    bool m_isThere = false;
    std::vector<Step> m_steps;
};

} // namespace bitlathe::text
