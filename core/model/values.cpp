// SPDX-License-Identifier: Apache-2.0
// Values: allocation and moves, with errors where a device has no more to give.
#include "core/model/values.h"

#include <algorithm>
#include <utility>

namespace bitlathe::model
{

DeviceError DeviceError::of(const kernels::Memory& memory, std::uint64_t bytes)
{
    if (std::string failure = memory.failure(); !failure.empty()) {
        return DeviceError(Error{ErrorCode::DeviceFailed,
                                 "GPU",
                                 {},
                                 Text("%1", std::move(failure)),
                                 Text(BITLATHE_TEXT("Compute on the processor: --device cpu"))});
    }
    const kernels::MemoryUse use = memory.use();
    return DeviceError(Error{ErrorCode::DeviceMemoryShort, "GPU",
                             Text(BITLATHE_TEXT("room for %1 bytes more in its memory"), bytes),
                             Text(BITLATHE_TEXT("%1 of %2 bytes in use"), use.bytesUsed, use.bytesBudget),
                             Text(BITLATHE_TEXT("Compute on the processor: --device cpu"))});
}

Values::Values(const kernels::Memory& memory, std::span<const float> from) : m_memory(&memory)
{
    assign(from);
}

Values::Values(const Values& other) : values(other.values), m_memory(other.m_memory)
{
    if (!m_memory->isHost()) {
        resize(other.m_size);
        copyWithin(*m_memory, other.span(), span());
    }
}

Values& Values::operator=(const Values& other)
{
    if (this != &other) {
        if (m_memory->isHost() && other.m_memory->isHost()) {
            values = other.values;
        } else {
            *this = Values(other);
        }
    }
    return *this;
}

void Values::resize(std::size_t count)
{
    if (m_memory->isHost()) {
        values.resize(count);
        return;
    }
    if (count > m_buffer.span().size()) {
        m_buffer = {}; // The old one goes first: both together need not fit.
        m_size = 0;
        auto grown = kernels::Buffer<float>::allocated(*m_memory, count);
        if (!grown) {
            throw DeviceError::of(*m_memory, count * sizeof(float));
        }
        m_buffer = *std::move(grown);
    }
    m_size = count;
}

void Values::assign(std::span<const float> from)
{
    if (m_memory->isHost()) {
        values.assign(from.begin(), from.end());
        return;
    }
    resize(from.size());
    uploadTo(*m_memory, from, span());
}

namespace
{

void mustSucceed(bool moved, const kernels::Memory& memory)
{
    if (!moved) {
        throw DeviceError::of(memory, 0);
    }
}

} // namespace

void uploadTo(const kernels::Memory& memory, std::span<const float> host, std::span<float> to)
{
    mustSucceed(host.empty() || memory.upload(std::as_bytes(host), std::as_writable_bytes(to)), memory);
}

void downloadFrom(const kernels::Memory& memory, std::span<const float> from, std::span<float> host)
{
    mustSucceed(from.empty() || memory.download(std::as_bytes(from), std::as_writable_bytes(host)), memory);
}

void copyWithin(const kernels::Memory& memory, std::span<const float> from, std::span<float> to)
{
    mustSucceed(from.empty() || memory.copy(std::as_bytes(from), std::as_writable_bytes(to)), memory);
}

void clear(const kernels::Memory& memory, std::span<float> values)
{
    if (memory.isHost()) {
        std::ranges::fill(values, 0.0F);
        return;
    }
    // The first zeros travel, the others are copies of those before them.
    constexpr std::size_t kFirst = std::size_t{1} << 18;
    const std::vector<float> zeros(std::min(kFirst, values.size()));
    uploadTo(memory, zeros, values.first(zeros.size()));
    for (std::size_t done = zeros.size(); done < values.size();) {
        const std::size_t count = std::min(done, values.size() - done);
        copyWithin(memory, values.first(count), values.subspan(done, count));
        done += count;
    }
}

OnProcessor::OnProcessor(const kernels::Memory& memory, std::span<const float> values) : m_values(values)
{
    if (!memory.isHost()) {
        m_copy = std::make_unique_for_overwrite<float[]>(values.size());
        downloadFrom(memory, values, {m_copy.get(), values.size()});
    }
}

ChangedOnProcessor::ChangedOnProcessor(const kernels::Memory& memory, std::span<float> values, Before before)
    : m_memory(memory), m_values(values)
{
    if (!memory.isHost()) {
        m_copy = std::make_unique_for_overwrite<float[]>(values.size());
        if (before == Before::Read) {
            downloadFrom(memory, values, span());
        }
    }
}

void ChangedOnProcessor::store()
{
    if (m_copy) {
        uploadTo(m_memory, span(), m_values);
    }
}

} // namespace bitlathe::model
