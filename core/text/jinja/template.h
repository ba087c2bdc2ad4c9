// SPDX-License-Identifier: Apache-2.0
// Template: a text with blocks and expressions of the Jinja language, in the dialect of chat templates.
#pragma once

#include "core/text/jinja/interpreter.h"

namespace bitlathe::text::jinja
{

struct RenderOptions
{
    Limits limits;
    Clock clock; ///< Empty: the local time.
};

/// Immutable; any thread. Renders as the sandbox does in which transformers 5 renders chat templates: what is undefined
/// is empty, to look into it is an error, lists and mappings can't be changed.
class Template
{
public:
    /// name: a file, for errors. Errors: FileInvalid, NotSupported, naming construct and line.
    static Result<Template> parse(std::string_view source, std::string name, const Limits& limits = {});

    /// variables: an object. Errors: TextInvalid (the template refuses what it is given), NotSupported (a filter or
    /// test that is not known here, limits), naming the line.
    Result<std::string> render(const Json& variables, const RenderOptions& options = {}) const;

private:
    std::string m_name;
    std::shared_ptr<const Body> m_body;
};

} // namespace bitlathe::text::jinja
