// SPDX-License-Identifier: Apache-2.0
// The list of formats: a new one is its file pair and one line here.
#include "core/format/awq.h"
#include "core/format/awqgemv.h"
#include "core/format/bitsandbytes.h"
#include "core/format/compressedtensors.h"
#include "core/format/consumers.h"
#include "core/format/dense.h"
#include "core/format/format.h"
#include "core/format/gptq.h"
#include "core/format/marlin.h"

#include <fmt/format.h>

namespace bitlathe::format
{

Findings Format::findings(const checkpoint::Checkpoint&, const model::ModelSpec&, const LinearSchemes&) const
{
    return {};
}

Findings Format::risks(const model::ModelSpec& spec, const LinearSchemes& schemes) const
{
    Findings findings = consumerFindings(*this, spec, schemes);
    for (Finding& finding : findings) {
        finding.severity = Severity::Note; // Others load it, and nobody said yet for whom it is.
    }
    return findings;
}

std::vector<std::string> Format::consumers() const
{
    return consumersOf(name());
}

const std::vector<const Format*>& formats()
{
    static const std::vector<const Format*> all{
        &compressedTensorsFormat(), &compressedTensorsInt8Format(), &gptqFormat(),  &gptqV2Format(), &awqFormat(),
        &awqGemvFormat(),           &awqGemvFastFormat(),           &bitsAndBytesFormat(),        &denseFormat(),
    };
    return all;
}

const std::vector<const Format*>& readableFormats()
{
    static const std::vector<const Format*> all = [] {
        std::vector<const Format*> list = formats();
        list.insert(list.end(), {&gptqMarlinFormat(), &awqMarlinFormat()});
        return list;
    }();
    return all;
}

Result<const Format*> findFormat(std::string_view name)
{
    std::vector<std::string_view> known;
    for (const Format* format : formats()) {
        if (format->name() == name) {
            return format;
        }
        known.push_back(format->name());
    }
    return fail(ErrorCode::UnknownName, "format",
                Text(BITLATHE_TEXT("one of %1"), fmt::format("{}", fmt::join(known, ", "))),
                Text(BITLATHE_TEXT("%1"), name), Text(BITLATHE_TEXT("Check the spelling")));
}

} // namespace bitlathe::format
