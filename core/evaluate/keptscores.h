// SPDX-License-Identifier: Apache-2.0
// KeptScores: what a model gave for the windows of a comparison, kept on disk so that it is not computed again.
#pragma once

#include "core/base/cache.h"
#include "core/evaluate/packedstates.h"
#include "core/evaluate/windowscores.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace bitlathe::evaluate
{

/// What was measured of a model besides its scores.
struct KeptMemory
{
    std::uint64_t bytesWeights = 0;
    std::uint64_t bytesPeakRss = 0; ///< 0: not measured.
    bool streamed = false;          ///< It was read from disk block by block, which its time tells of.
};

/// A folder with a file for each window, by its tokens, written one by one, each atomically, so that a comparison that
/// was interrupted goes on at the next window; another process may write the same ones. Scores are kept to the last
/// bit. What is damaged or absent counts as not kept. One thread at a time.
class KeptScores
{
public:
    /// Creates the folder, below or at that of a cache's entry, where it is missing. Errors: WriteFailed.
    static Result<KeptScores> open(const std::filesystem::path& folder, std::shared_ptr<const CacheEntry> entry);

    std::optional<WindowScores> scores(const ScoredWindow& window) const;
    /// Errors: WriteFailed, DiskFull.
    Result<void> keep(const ScoredWindow& window, const WindowScores& scores) const;

    /// Packed hidden states of the rows whose logits were scored. A damaged file is removed.
    std::optional<PackedStates> states(const ScoredWindow& window, std::int64_t hidden) const;
    bool hasStates(const ScoredWindow& window) const;
    /// Errors: WriteFailed, DiskFull.
    Result<void> keepStates(const ScoredWindow& window, const PackedStates& states) const;

    std::optional<KeptMemory> memory() const;
    /// Errors: WriteFailed, DiskFull.
    Result<void> keepMemory(const KeptMemory& memory) const;

    const std::filesystem::path& folder() const { return m_folder; }

private:
    KeptScores(std::filesystem::path folder, std::shared_ptr<const CacheEntry> entry)
        : m_folder(std::move(folder)), m_entry(std::move(entry)) {}

    std::filesystem::path m_folder;
    std::shared_ptr<const CacheEntry> m_entry; ///< So that nobody removes it meanwhile.
};

/// The content of a file of scores or states, with its checksum.
std::string scoresContent(const WindowScores& scores);
std::string statesContent(const PackedStates& states);
/// Nothing where bytes are no whole, undamaged file of so many tokens.
std::optional<WindowScores> scoresFrom(std::string_view bytes, std::int64_t tokens);
std::optional<PackedStates> statesFrom(std::string_view bytes, std::int64_t tokens, std::int64_t hidden);

} // namespace bitlathe::evaluate
