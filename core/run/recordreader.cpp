// SPDX-License-Identifier: Apache-2.0
// RecordReader: sentences and findings, which every record has.
#include "core/run/recordreader.h"

namespace bitlathe::run
{

namespace
{

Text readText(const RecordReader& parent, const char* key)
{
    const Json* json = parent.find(key);
    if (json == nullptr) {
        return {};
    }
    const RecordReader reader = parent.of(*json);
    std::string sentence;
    std::vector<std::string> arguments;
    reader.text("sentence", sentence);
    reader.list("arguments", [&](const Json& element) {
        element.is_string() ? arguments.push_back(element.get<std::string>()) : reader.wrong("arguments", "texts");
    });
    return Text::fromParts(std::move(sentence), std::move(arguments));
}

Finding readFinding(const RecordReader& reader)
{
    Finding finding;
    std::string severity;
    reader.text("severity", severity);
    for (const Severity known : {Severity::Note, Severity::Warning, Severity::Problem}) {
        if (severity == severityName(known)) {
            finding.severity = known;
        }
    }
    reader.text("code", finding.code);
    reader.text("subject", finding.subject);
    finding.message = readText(reader, "message");
    finding.advice = readText(reader, "advice");
    return finding;
}

} // namespace

Findings readFindings(const RecordReader& parent, const char* key)
{
    Findings findings;
    parent.list(key, [&](const Json& element) { findings.push_back(readFinding(parent.of(element))); });
    return findings;
}

} // namespace bitlathe::run
