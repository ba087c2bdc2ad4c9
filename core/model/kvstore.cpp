// SPDX-License-Identifier: Apache-2.0
// The plain key and value stores: f32 rows, one pair of buffers per block.
#include "core/model/kvstore.h"

#include "core/model/values.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bitlathe::model
{

namespace
{

class PlainKvStore final : public KvStore
{
public:
    PlainKvStore(const ModelSpec& spec, std::int64_t capacity)
        : m_width(static_cast<std::size_t>(spec.kvHeads * spec.headDim)), m_blocks(spec.blocks.size())
    {
        const std::size_t size = static_cast<std::size_t>(std::max<std::int64_t>(capacity, 0)) * m_width;
        for (Rows& rows : m_blocks) {
            rows.keys.reserve(size);
            rows.values.reserve(size);
        }
    }

    std::int64_t length() const override { return m_length; }

    void append(std::int64_t block, std::span<const float> keys, std::span<const float> values) override
    {
        if (keys.size() != values.size() || keys.size() % m_width != 0) {
            throw std::invalid_argument("KvStore::append: keys and values are not whole rows");
        }
        Rows& rows = at(block);
        rows.keys.insert(rows.keys.end(), keys.begin(), keys.end());
        rows.values.insert(rows.values.end(), values.begin(), values.end());
    }

    std::span<const float> keys(std::int64_t block) override { return at(block).keys; }
    std::span<const float> values(std::int64_t block) override { return at(block).values; }
    void advance(std::int64_t tokens) override { m_length += tokens; }

    void truncate(std::int64_t length) override
    {
        m_length = std::min(m_length, std::max<std::int64_t>(length, 0));
        const std::size_t size = static_cast<std::size_t>(m_length) * m_width;
        for (Rows& rows : m_blocks) {
            rows.keys.resize(std::min(rows.keys.size(), size));
            rows.values.resize(std::min(rows.values.size(), size));
        }
    }

    std::uint64_t bytes() const override
    {
        std::uint64_t bytes = 0;
        for (const Rows& rows : m_blocks) {
            bytes += (rows.keys.capacity() + rows.values.capacity()) * sizeof(float);
        }
        return bytes;
    }

private:
    struct Rows
    {
        std::vector<float> keys;
        std::vector<float> values;
    };

    Rows& at(std::int64_t block) { return m_blocks.at(static_cast<std::size_t>(block)); }

    std::size_t m_width;
    std::int64_t m_length = 0;
    std::vector<Rows> m_blocks;
};

/// The same on a device: rows stand behind each other in buffers that are as large as the capacity.
class DeviceKvStore final : public KvStore
{
public:
    DeviceKvStore(const ModelSpec& spec, std::int64_t capacity, const kernels::Memory& memory)
        : m_memory(memory), m_width(static_cast<std::size_t>(spec.kvHeads * spec.headDim))
    {
        const auto size = static_cast<std::size_t>(std::max<std::int64_t>(capacity, 1)) * m_width;
        for (std::size_t block = 0; block < spec.blocks.size(); ++block) {
            Rows& rows = m_blocks.emplace_back(Rows{Values(memory), Values(memory), 0});
            rows.keys.resize(size);
            rows.values.resize(size);
        }
    }

    const kernels::Memory& memory() const override { return m_memory; }
    std::int64_t length() const override { return m_length; }

    void append(std::int64_t block, std::span<const float> keys, std::span<const float> values) override
    {
        if (keys.size() != values.size() || keys.size() % m_width != 0) {
            throw std::invalid_argument("KvStore::append: keys and values are not whole rows");
        }
        const KvRoom room = *appendLater(block, static_cast<std::int64_t>(keys.size() / m_width));
        copyWithin(m_memory, keys, room.keys);
        copyWithin(m_memory, values, room.values);
    }

    std::optional<KvRoom> appendLater(std::int64_t block, std::int64_t tokens) override
    {
        Rows& rows = at(block);
        const std::size_t more = static_cast<std::size_t>(tokens) * m_width;
        makeRoom(rows.keys, rows.used, more);
        makeRoom(rows.values, rows.used, more);
        const std::size_t from = std::exchange(rows.used, rows.used + more);
        return KvRoom{rows.keys.span().subspan(from, more), rows.values.span().subspan(from, more)};
    }

    std::span<const float> keys(std::int64_t block) override { return at(block).keys.span().first(at(block).used); }
    std::span<const float> values(std::int64_t block) override { return at(block).values.span().first(at(block).used); }
    void advance(std::int64_t tokens) override { m_length += tokens; }

    void truncate(std::int64_t length) override
    {
        m_length = std::min(m_length, std::max<std::int64_t>(length, 0));
        for (Rows& rows : m_blocks) {
            rows.used = std::min(rows.used, static_cast<std::size_t>(m_length) * m_width);
        }
    }

    std::uint64_t bytes() const override
    {
        std::uint64_t bytes = 0;
        for (const Rows& rows : m_blocks) {
            bytes += (rows.keys.size() + rows.values.size()) * sizeof(float);
        }
        return bytes;
    }

private:
    struct Rows
    {
        Values keys;
        Values values;
        std::size_t used = 0; ///< Of keys, and of values.
    };

    void makeRoom(Values& values, std::size_t used, std::size_t more) const
    {
        if (used + more <= values.size()) {
            return;
        }
        Values grown(m_memory);
        grown.resize(std::max(used + more, 2 * values.size()));
        copyWithin(m_memory, values.span().first(used), grown.span().first(used));
        values = std::move(grown);
    }
    Rows& at(std::int64_t block) { return m_blocks.at(static_cast<std::size_t>(block)); }

    const kernels::Memory& m_memory;
    std::size_t m_width;
    std::int64_t m_length = 0;
    std::vector<Rows> m_blocks;
};

} // namespace

std::unique_ptr<KvStore> makeKvStore(const ModelSpec& spec, std::int64_t capacity, const kernels::Memory& memory)
{
    if (!memory.isHost()) {
        return std::make_unique<DeviceKvStore>(spec, capacity, memory);
    }
    return std::make_unique<PlainKvStore>(spec, capacity);
}

} // namespace bitlathe::model
