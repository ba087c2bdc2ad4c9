// SPDX-License-Identifier: Apache-2.0
// Journal: what a run needs to go on in another process, one line a step, in OUT.partial.
#pragma once

#include "core/run/runner.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace bitlathe::run
{

/// What a run is. Another one must not go on with its files.
struct JournalHeader
{
    std::string program; ///< Version.
    std::string recipe;  ///< YAML, with absolute paths.
    std::string modelFingerprint;
    RunId history; ///< Its entry in the history; not valid: none.
};

/// What a finished block left.
struct JournalBlock
{
    std::int64_t block = 0;
    std::vector<LayerRecord> layers;
    std::vector<std::string> tensors; ///< Names of norms and biases that were written with scales folded in.
    std::vector<ScaleRecord> scales;
    Findings findings;
    double seconds = 0;
    std::uint64_t bytesPeakRss = 0;
    std::string device = "cpu"; ///< What computed.
    std::uint64_t bytesPeakVram = 0;
};

/// A file of lines, each a JSON object: first the header, then a line for each finished block, made durable when it is
/// added. A line that a crash cut off is dropped.
class Journal
{
public:
    static std::filesystem::path fileIn(const std::filesystem::path& partialFolder);

    /// Begins a new journal in a folder.
    static Result<Journal> start(const std::filesystem::path& partialFolder, JournalHeader header);
    /// Reads the journal of a folder. RunInvalid where there is none or it is damaged.
    static Result<Journal> open(const std::filesystem::path& partialFolder);

    const JournalHeader& header() const { return m_header; }
    const std::vector<JournalBlock>& blocks() const { return m_blocks; }
    bool hasBlock(std::int64_t block) const;
    Result<void> add(JournalBlock block);

private:
    explicit Journal(std::filesystem::path file) : m_file(std::move(file)) {}
    Result<void> readLines(const std::string& content);

    std::filesystem::path m_file;
    std::uint64_t m_bytes = 0; ///< Of whole lines.
    JournalHeader m_header;
    std::vector<JournalBlock> m_blocks;
};

} // namespace bitlathe::run
