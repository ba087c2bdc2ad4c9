// SPDX-License-Identifier: Apache-2.0
// Journal: one line a step.
#include "core/run/journal.h"

#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/run/resultjson.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

constexpr int kVersion = 1;
constexpr std::uint64_t kBytesMax = 1ULL << 30;

Json headerJson(const JournalHeader& header)
{
    return {{"version", kVersion},
            {"program", header.program},
            {"recipe", header.recipe},
            {"model_fingerprint", header.modelFingerprint},
            {"history", header.history.value()}};
}

Json blockJson(const JournalBlock& block)
{
    Json layers = Json::array();
    for (const LayerRecord& layer : block.layers) {
        layers.push_back(toJson(layer));
    }
    Json findings = Json::array();
    for (const Finding& finding : block.findings) {
        findings.push_back(toJson(finding));
    }
    return {{"block", block.block},
            {"layers", std::move(layers)},
            {"tensors", block.tensors},
            {"scales", toJson(block.scales)},
            {"findings", std::move(findings)},
            {"seconds", block.seconds},
            {"peak_rss_bytes", block.bytesPeakRss},
            {"device", block.device},
            {"peak_vram_bytes", block.bytesPeakVram}};
}

Result<JournalHeader> readHeader(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    BITLATHE_TRY(const std::int64_t version, object.integer("version"));
    if (version != kVersion) {
        return fail(ErrorCode::RunInvalid, subject, Text(BITLATHE_TEXT("a journal of version %1"), kVersion),
                    Text("%1", version),
                    Text(BITLATHE_TEXT("Go on with the version of the program that began the run")));
    }
    JournalHeader header;
    BITLATHE_TRY(header.program, object.string("program"));
    BITLATHE_TRY(header.recipe, object.string("recipe"));
    BITLATHE_TRY(header.modelFingerprint, object.string("model_fingerprint"));
    BITLATHE_TRY(const std::int64_t history, object.integer("history", -1));
    header.history = RunId(history);
    return header;
}

Result<JournalBlock> readBlock(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    JournalBlock block;
    BITLATHE_TRY(block.block, object.integer("block"));
    BITLATHE_TRY(block.seconds, object.number("seconds", 0));
    BITLATHE_TRY(const std::int64_t peak, object.integer("peak_rss_bytes", 0));
    block.bytesPeakRss = static_cast<std::uint64_t>(std::max<std::int64_t>(peak, 0));
    BITLATHE_TRY(block.device, object.string("device", block.device));
    BITLATHE_TRY(const std::int64_t vram, object.integer("peak_vram_bytes", 0));
    block.bytesPeakVram = static_cast<std::uint64_t>(std::max<std::int64_t>(vram, 0));
    if (const auto layers = json.find("layers"); layers != json.end() && layers->is_array()) {
        for (const Json& element : *layers) {
            BITLATHE_TRY(LayerRecord layer, layerFromJson(element, subject));
            block.layers.push_back(std::move(layer));
        }
    }
    if (const auto tensors = json.find("tensors"); tensors != json.end()) {
        for (const Json& name : *tensors) {
            if (!name.is_string()) {
                return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("names of tensors")),
                            Text(BITLATHE_TEXT("another value")));
            }
            block.tensors.push_back(name.get<std::string>());
        }
    }
    if (const auto scales = json.find("scales"); scales != json.end()) {
        BITLATHE_TRY(block.scales, scalesFromJson(*scales, subject));
    }
    if (const auto findings = json.find("findings"); findings != json.end()) {
        BITLATHE_TRY(block.findings, findingsFromJson(*findings, subject));
    }
    return block;
}

Failure damaged(const fs::path& file, const Error& error)
{
    return fail(ErrorCode::RunInvalid, file.string(), Text(BITLATHE_TEXT("the journal of an interrupted run")),
                Text(BITLATHE_TEXT("a damaged one (%1)"), error.sentence()), Text(BITLATHE_TEXT("Start the run anew")));
}

/// Writes bytes behind the first `kept` ones of a file, in place of what follows there, and makes them durable.
Result<void> appendDurably(const fs::path& file, std::uint64_t kept, std::string_view bytes)
{
    const Descriptor fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd.isOpen() || ::ftruncate(fd.get(), static_cast<off_t>(kept)) != 0) {
        return Failure(writeError(file, errno));
    }
    auto place = static_cast<off_t>(kept);
    while (!bytes.empty()) {
        const ssize_t put = ::pwrite(fd.get(), bytes.data(), bytes.size(), place);
        if (put < 0 && errno != EINTR) {
            return Failure(writeError(file, errno));
        }
        const auto count = std::max<ssize_t>(put, 0);
        bytes.remove_prefix(static_cast<std::size_t>(count));
        place += count;
    }
    if (::fdatasync(fd.get()) != 0) {
        return Failure(writeError(file, errno));
    }
    return {};
}

} // namespace

fs::path Journal::fileIn(const fs::path& partialFolder)
{
    return partialFolder / ".bitlathe-journal.jsonl";
}

Result<Journal> Journal::start(const fs::path& partialFolder, JournalHeader header)
{
    Journal journal(fileIn(partialFolder));
    const std::string line = jsonText(headerJson(header), -1);
    BITLATHE_CHECK(writeFileAtomically(journal.m_file, line));
    journal.m_bytes = line.size();
    journal.m_header = std::move(header);
    return journal;
}

Result<Journal> Journal::open(const fs::path& partialFolder)
{
    Journal journal(fileIn(partialFolder));
    std::error_code error;
    if (!fs::exists(journal.m_file, error)) {
        return fail(ErrorCode::RunInvalid, partialFolder.string(), Text(BITLATHE_TEXT("an interrupted run")),
                    Text(BITLATHE_TEXT("none")), Text(BITLATHE_TEXT("Check the folder's name, or start the run anew")));
    }
    BITLATHE_TRY(std::string content, readFile(journal.m_file, kBytesMax));
    // A rest without an end is what a crash left of a line, or a line that another process is writing just now: it is
    // not looked at, and only replaced when this journal is gone on with.
    content.resize(content.rfind('\n') + 1);
    journal.m_bytes = content.size();
    if (auto read = journal.readLines(content); !read) {
        return read.error().code == ErrorCode::RunInvalid ? Failure(read.error())
                                                          : damaged(journal.m_file, read.error());
    }
    return journal;
}

Result<void> Journal::readLines(const std::string& content)
{
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < content.size();) {
        const std::size_t end = content.find('\n', begin);
        const std::string subject = m_file.string() + ':' + std::to_string(++number);
        BITLATHE_TRY(const Json json, parseJson(std::string_view(content).substr(begin, end - begin), subject));
        if (!json.is_object()) {
            return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("an object")),
                        Text(BITLATHE_TEXT("another value")));
        }
        if (number == 1) {
            BITLATHE_TRY(m_header, readHeader(json, subject));
        } else {
            BITLATHE_TRY(JournalBlock block, readBlock(json, subject));
            m_blocks.push_back(std::move(block));
        }
        begin = end + 1;
    }
    if (number == 0) {
        return fail(ErrorCode::FileInvalid, m_file.string(), Text(BITLATHE_TEXT("a header line")),
                    Text(BITLATHE_TEXT("none")));
    }
    return {};
}

bool Journal::hasBlock(std::int64_t block) const
{
    return std::any_of(m_blocks.begin(), m_blocks.end(), [&](const JournalBlock& each) { return each.block == block; });
}

Result<void> Journal::add(JournalBlock block)
{
    const std::string line = jsonText(blockJson(block), -1);
    BITLATHE_CHECK(appendDurably(m_file, m_bytes, line));
    m_bytes += line.size();
    m_blocks.push_back(std::move(block));
    return {};
}

} // namespace bitlathe::run
