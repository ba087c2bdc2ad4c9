// SPDX-License-Identifier: Apache-2.0
// HiddenStates: memory of a device or the processor, or an unlinked file.
#include "core/calibrate/hiddenstates.h"

#include "core/base/file.h"
#include "core/base/hash.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace bitlathe::calibrate
{

namespace fs = std::filesystem;

namespace
{

/// Moves all bytes through move(pointer, count, offset) -> bytes moved; false leaves the reason in errno.
template <typename Byte, typename Move>
bool moveAll(std::span<Byte> bytes, std::uint64_t offset, const Move& move)
{
    while (!bytes.empty()) {
        const ssize_t count = move(bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            errno = count == 0 ? EIO : errno;
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return true;
}

/// use(i, the values of sequence i), of sequences that stand behind each other.
template <class States, class Use>
void forEachSample(States& states, const Use& use)
{
    const std::size_t size = states.size() / static_cast<std::size_t>(states.sequences);
    for (std::size_t i = 0; i < static_cast<std::size_t>(states.sequences); ++i) {
        use(i, states.span().subspan(i * size, size));
    }
}

} // namespace

Result<HiddenStates> HiddenStates::create(std::vector<std::int64_t> tokens, std::int64_t hidden,
                                          std::uint64_t bytesMemoryMax, const fs::path& folder)
{
    HiddenStates states;
    states.m_tokens = std::move(tokens);
    states.m_hidden = hidden;
    states.m_folder = folder;
    std::uint64_t& bytes = states.m_bytes;
    for (const std::int64_t count : states.m_tokens) {
        states.m_offsets.push_back(bytes);
        bytes += static_cast<std::uint64_t>(count * hidden) * sizeof(float);
    }
    if (bytes <= bytesMemoryMax) {
        states.m_memory.resize(states.m_tokens.size());
        return states;
    }
    std::string name = (folder / ".hidden-states.XXXXXX").string();
    states.m_file = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!states.inFile()) {
        return Failure(writeError(folder, errno));
    }
    ::unlink(name.c_str());
    // Claims the room now, so that a full disk shows before hours of work; a file system that cannot do so says
    // EOPNOTSUPP.
    const int reason = ::posix_fallocate(states.m_file.get(), 0, static_cast<off_t>(bytes));
    if (reason != 0 && reason != EOPNOTSUPP && reason != EINVAL) {
        return Failure(writeError(folder, reason));
    }
    return states;
}

void HiddenStates::claimDevice()
{
    m_device = model::Values(*m_computing);
    m_device.resize(m_bytes / sizeof(float));
}

Result<void> HiddenStates::leaveDevice()
{
    const model::Values held = std::exchange(m_device, {});
    for (std::size_t sample = 0; sample < samples(); ++sample) {
        model::Activations states(m_tokens[sample], m_hidden);
        model::downloadFrom(*m_computing, held.span().subspan(m_offsets[sample] / sizeof(float), states.size()),
                            states.span());
        BITLATHE_CHECK(storeHere(sample, states));
    }
    return {};
}

std::size_t HiddenStates::together(std::size_t sample, std::int64_t tokensMost) const
{
    const std::int64_t tokens = m_tokens[sample];
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(1, tokensMost / tokens));
    std::size_t count = 1;
    while (count < most && sample + count < samples() && m_tokens[sample + count] == tokens) {
        ++count;
    }
    return count;
}

Result<model::Activations> HiddenStates::load(std::size_t sample, std::size_t count) const
{
    if (!onDevice() && (m_computing->isHost() || inFile())) {
        BITLATHE_TRY(model::Activations here, loadHere(sample, count));
        return std::move(here).movedTo(*m_computing);
    }
    model::Activations states(m_tokens[sample] * static_cast<std::int64_t>(count), m_hidden, *m_computing);
    states.sequences = static_cast<std::int64_t>(count);
    if (!onDevice()) {
        forEachSample(states, [&](std::size_t i, std::span<float> part) {
            model::uploadTo(*m_computing, m_memory[sample + i], part);
        });
        return states;
    }
    model::copyWithin(*m_computing, m_device.span().subspan(m_offsets[sample] / sizeof(float), states.size()),
                      states.span());
    return states;
}

Result<void> HiddenStates::store(std::size_t sample, const model::Activations& states)
{
    if (!onDevice()) {
        if (states.memory().isHost()) {
            return storeHere(sample, states);
        }
        if (!inFile()) {
            forEachSample(states, [&](std::size_t i, std::span<const float> part) {
                m_memory[sample + i].resize(part.size());
                model::downloadFrom(states.memory(), part, m_memory[sample + i]);
            });
            return {};
        }
        model::Activations here(states.rows, states.cols);
        here.sequences = states.sequences;
        model::downloadFrom(states.memory(), states.span(), here.span());
        return storeHere(sample, here);
    }
    const std::span<float> to = m_device.span().subspan(m_offsets[sample] / sizeof(float), states.size());
    if (states.memory().isHost()) {
        model::uploadTo(*m_computing, states.span(), to);
    } else {
        model::copyWithin(*m_computing, states.span(), to);
    }
    return {};
}

Result<model::Activations> HiddenStates::loadHere(std::size_t sample, std::size_t count) const
{
    model::Activations states;
    states.sequences = static_cast<std::int64_t>(count);
    states.rows = m_tokens[sample] * states.sequences;
    states.cols = m_hidden;
    if (!inFile()) {
        states.values.reserve(static_cast<std::size_t>(states.rows * states.cols));
        for (const std::vector<float>& each : std::span(m_memory).subspan(sample, count)) {
            states.values.insert(states.values.end(), each.begin(), each.end());
        }
        return states;
    }
    states.values.resize(static_cast<std::size_t>(states.rows * states.cols));
    const auto read = [this](void* to, std::size_t bytes, off_t offset) {
        return ::pread(m_file.get(), to, bytes, offset);
    };
    if (!moveAll(std::as_writable_bytes(std::span(states.values)), m_offsets[sample], read)) {
        return Failure(readError(m_folder, errno));
    }
    return states;
}

Result<void> HiddenStates::storeHere(std::size_t sample, const model::Activations& states)
{
    if (!inFile()) {
        const std::ptrdiff_t size = std::ssize(states.values) / states.sequences;
        for (std::ptrdiff_t i = 0; i < states.sequences; ++i) {
            const auto begin = states.values.begin() + i * size;
            m_memory[sample + static_cast<std::size_t>(i)].assign(begin, begin + size);
        }
        return {};
    }
    const auto write = [this](const void* from, std::size_t bytes, off_t offset) {
        return ::pwrite(m_file.get(), from, bytes, offset);
    };
    if (!moveAll(std::as_bytes(std::span(states.values)), m_offsets[sample], write)) {
        return Failure(writeError(m_folder, errno));
    }
    return {};
}

namespace
{

using Digest = std::array<char, 32>;

bool writeAt(const Descriptor& file, std::span<const std::byte> bytes, std::uint64_t offset)
{
    return moveAll(bytes, offset, [&](const void* from, std::size_t count, off_t at) {
        return ::pwrite(file.get(), from, count, at);
    });
}

bool readAt(const Descriptor& file, std::span<std::byte> bytes, std::uint64_t offset)
{
    return moveAll(bytes, offset,
                   [&](void* to, std::size_t count, off_t at) { return ::pread(file.get(), to, count, at); });
}

Digest digestOf(const FastHash& hash)
{
    Digest digest{};
    std::ranges::copy(hash.digest().substr(0, digest.size()), digest.begin());
    return digest;
}

Failure damaged(const fs::path& file)
{
    return fail(ErrorCode::FileInvalid, file.string(), Text(BITLATHE_TEXT("hidden states of these samples")),
                Text(BITLATHE_TEXT("others, or damaged ones")), Text(BITLATHE_TEXT("Start the run anew")));
}

} // namespace

Result<void> HiddenStates::save(const fs::path& file) const
{
    const fs::path draft = file.string() + ".new";
    const Descriptor out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!out.isOpen()) {
        return Failure(writeError(draft, errno));
    }
    FastHash hash;
    std::uint64_t end = 0;
    for (std::size_t sample = 0; sample < samples(); ++sample) {
        BITLATHE_TRY(model::Activations loaded, load(sample));
        const model::Activations states = std::move(loaded).movedTo(kernels::hostMemory());
        const auto bytes = std::as_bytes(std::span(states.values));
        hash.add(bytes);
        if (!writeAt(out, bytes, m_offsets[sample])) {
            return Failure(writeError(draft, errno));
        }
        end = m_offsets[sample] + bytes.size();
    }
    const Digest digest = digestOf(hash);
    if (!writeAt(out, std::as_bytes(std::span(digest)), end) || ::fsync(out.get()) != 0 ||
        ::rename(draft.c_str(), file.c_str()) != 0) {
        return Failure(writeError(file, errno));
    }
    return syncFolder(file.parent_path());
}

Result<void> HiddenStates::restore(const fs::path& file)
{
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in.isOpen()) {
        return Failure(readError(file, errno));
    }
    FastHash hash;
    std::uint64_t end = 0;
    for (std::size_t sample = 0; sample < samples(); ++sample) {
        model::Activations states(m_tokens[sample], m_hidden);
        if (!readAt(in, std::as_writable_bytes(std::span(states.values)), m_offsets[sample])) {
            return damaged(file);
        }
        const auto bytes = std::as_bytes(std::span(states.values));
        hash.add(bytes);
        end = m_offsets[sample] + bytes.size();
        BITLATHE_CHECK(store(sample, states));
    }
    Digest stored{};
    std::byte more{};
    if (!readAt(in, std::as_writable_bytes(std::span(stored)), end) || stored != digestOf(hash) ||
        ::pread(in.get(), &more, 1, static_cast<off_t>(end + stored.size())) != 0) {
        return damaged(file);
    }
    return {};
}

} // namespace bitlathe::calibrate
