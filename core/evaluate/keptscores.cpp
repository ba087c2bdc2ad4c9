// SPDX-License-Identifier: Apache-2.0
// KeptScores: files of plain little-endian arrays behind a short header, with a checksum at the end.
#include "core/evaluate/keptscores.h"

#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/base/json.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace bitlathe::evaluate
{

namespace fs = std::filesystem;

namespace
{

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kScoresMagic = "BLscore1";
constexpr std::string_view kStatesMagic = "BLstate1";
constexpr std::size_t kDigestSize = 32;

std::string digestOf(std::string_view bytes)
{
    return FastHash().add(bytes).digest();
}

template <typename Value>
void put(std::string& to, const Value& value)
{
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename Value>
void putAll(std::string& to, const std::vector<Value>& values)
{
    to.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value));
}

/// Takes values from the front of bytes; after one that is not there, none.
class Taker
{
public:
    /// bytes: a whole file; nothing is taken where its magic or its checksum is another.
    Taker(std::string_view bytes, std::string_view magic)
    {
        if (bytes.size() < magic.size() + kDigestSize || !bytes.starts_with(magic)) {
            return;
        }
        const std::string_view content = bytes.substr(0, bytes.size() - kDigestSize);
        m_isWhole = bytes.substr(content.size()) == digestOf(content);
        m_rest = content.substr(magic.size());
    }

    template <typename Value>
    Value take()
    {
        Value value{};
        takeBytes(&value, sizeof(value));
        return value;
    }
    /// count: not below 0.
    template <typename Value>
    std::vector<Value> takeAll(std::int64_t count)
    {
        const auto size = static_cast<std::size_t>(count);
        if (size > m_rest.size() / sizeof(Value)) {
            m_isWhole = false;
            return {};
        }
        std::vector<Value> values(size);
        takeBytes(values.data(), size * sizeof(Value));
        return values;
    }
    /// Whether all there was has been taken, and nothing was missing.
    bool isDone() const { return m_isWhole && m_rest.empty(); }

private:
    void takeBytes(void* to, std::size_t count)
    {
        m_isWhole = m_isWhole && count <= m_rest.size();
        if (m_isWhole && count > 0) {
            std::memcpy(to, m_rest.data(), count);
            m_rest.remove_prefix(count);
        }
    }

    std::string_view m_rest;
    bool m_isWhole = false;
};

std::int64_t tokensScored(const ScoredWindow& window)
{
    return static_cast<std::int64_t>(window.ids.size()) - window.firstScored;
}

fs::path fileOf(const fs::path& folder, const ScoredWindow& window, std::string_view kind)
{
    FastHash hash;
    hash.add(window.firstScored).add(std::as_bytes(std::span(window.ids)));
    return folder / fmt::format("{}.{}", hash.digest(), kind);
}

/// Whole or not at all, as far as processes go. It does not wait for the disk: what a crash of the machine leaves
/// damaged, the checksum tells.
Result<void> replaceFile(const fs::path& file, std::string_view content)
{
    std::string draft = (file.parent_path() / ".bitlathe-new-XXXXXX").string();
    Descriptor out(::mkostemp(draft.data(), O_CLOEXEC));
    bool isWritten = out.isOpen();
    while (isWritten && !content.empty()) {
        const ssize_t count = ::write(out.get(), content.data(), content.size());
        isWritten = count > 0 || (count < 0 && errno == EINTR);
        content.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    if (!isWritten || ::fchmod(out.get(), 0644) != 0 || ::rename(draft.c_str(), file.c_str()) != 0) {
        const int reason = errno;
        if (out.isOpen()) {
            ::unlink(draft.c_str());
        }
        return Failure(writeError(file, reason));
    }
    return {};
}

} // namespace

std::string scoresContent(const WindowScores& scores)
{
    std::string content(kScoresMagic);
    put(content, static_cast<std::int64_t>(scores.nll.size()));
    put(content, static_cast<std::int64_t>(scores.kl.size()));
    put(content, scores.seconds);
    putAll(content, scores.nll);
    putAll(content, scores.kl);
    putAll(content, scores.top);
    return content + digestOf(content);
}

std::optional<WindowScores> scoresFrom(std::string_view bytes, std::int64_t tokens)
{
    Taker taker(bytes, kScoresMagic);
    const auto count = taker.take<std::int64_t>();
    const auto klCount = taker.take<std::int64_t>();
    if (count != tokens || (klCount != 0 && klCount != tokens)) {
        return std::nullopt;
    }
    WindowScores scores;
    scores.seconds = taker.take<double>();
    scores.nll = taker.takeAll<double>(count);
    scores.kl = taker.takeAll<double>(klCount);
    scores.top = taker.takeAll<model::TokenId>(count);
    return taker.isDone() ? std::optional(std::move(scores)) : std::nullopt;
}

std::string statesContent(const PackedStates& states)
{
    std::string content(kStatesMagic);
    put(content, states.first);
    put(content, states.rows());
    put(content, states.cols);
    putAll(content, states.scales);
    putAll(content, states.codes);
    return content + digestOf(content);
}

std::optional<PackedStates> statesFrom(std::string_view bytes, std::int64_t tokens, std::int64_t hidden)
{
    Taker taker(bytes, kStatesMagic);
    PackedStates states;
    states.first = taker.take<std::int64_t>();
    const auto rows = taker.take<std::int64_t>();
    states.cols = taker.take<std::int64_t>();
    if (states.first < 0 || rows != tokens || states.cols != hidden) {
        return std::nullopt;
    }
    states.scales = taker.takeAll<float>(rows);
    states.codes = taker.takeAll<std::uint8_t>(rows * hidden * PackedStates::kBytesCode);
    return taker.isDone() ? std::optional(std::move(states)) : std::nullopt;
}

Result<KeptScores> KeptScores::open(const fs::path& folder, std::shared_ptr<const CacheEntry> entry)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return Failure(writeError(folder, error.value()));
    }
    return KeptScores(folder, std::move(entry));
}

std::optional<WindowScores> KeptScores::scores(const ScoredWindow& window) const
{
    const auto bytes = readFile(fileOf(m_folder, window, "scores"));
    return bytes ? scoresFrom(*bytes, tokensScored(window)) : std::nullopt;
}

Result<void> KeptScores::keep(const ScoredWindow& window, const WindowScores& scores) const
{
    return replaceFile(fileOf(m_folder, window, "scores"), scoresContent(scores));
}

std::optional<PackedStates> KeptScores::states(const ScoredWindow& window, std::int64_t hidden) const
{
    const fs::path file = fileOf(m_folder, window, "states");
    const auto bytes = readFile(file);
    auto states = bytes ? statesFrom(*bytes, tokensScored(window), hidden) : std::nullopt;
    if (states && states->first == window.firstScored - 1) {
        return states;
    }
    std::error_code ignored;
    fs::remove(file, ignored);
    return std::nullopt;
}

bool KeptScores::hasStates(const ScoredWindow& window) const
{
    std::error_code ignored;
    return fs::exists(fileOf(m_folder, window, "states"), ignored);
}

Result<void> KeptScores::keepStates(const ScoredWindow& window, const PackedStates& states) const
{
    return replaceFile(fileOf(m_folder, window, "states"), statesContent(states));
}

std::optional<KeptMemory> KeptScores::memory() const
{
    const auto json = readJson(m_folder / "memory.json", 1 << 16);
    if (!json || !json->is_object()) {
        return std::nullopt;
    }
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const JsonObject object(*json, "memory.json");
    const auto weights = object.integerIn("bytes_weights", 0, kMost);
    const auto peak = object.integerIn("peak_rss_bytes", 0, kMost);
    const auto streamed = object.boolean("streamed", false);
    if (!weights || !peak || !streamed) {
        return std::nullopt;
    }
    return KeptMemory{static_cast<std::uint64_t>(*weights), static_cast<std::uint64_t>(*peak), *streamed};
}

Result<void> KeptScores::keepMemory(const KeptMemory& memory) const
{
    const Json json = {
        {"bytes_weights", memory.bytesWeights}, {"peak_rss_bytes", memory.bytesPeakRss}, {"streamed", memory.streamed}};
    return replaceFile(m_folder / "memory.json", json.dump(2) + '\n');
}

} // namespace bitlathe::evaluate
