// SPDX-License-Identifier: Apache-2.0
// The store that keeps keys and values as codes.
#include "core/quant/quantizedkvstore.h"

#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <algorithm>
#include <stdexcept>

namespace bitlathe::quant
{

namespace
{

using kernels::F16;

constexpr std::int64_t kElementsOfTask = 16384;

class QuantizedKvStore final : public model::KvStore
{
public:
    QuantizedKvStore(const model::ModelSpec& spec, KvCache cache, std::int64_t capacity)
        : m_cache(std::move(cache)),
          m_heads(spec.kvHeads),
          m_headDim(static_cast<std::size_t>(spec.headDim)),
          m_bytesHead(kernels::kvTokenBytes(m_headDim, m_cache.scheme.bits)),
          m_isToken(m_cache.scheme.granularity == KvGranularity::Token),
          m_blocks(spec.blocks.size())
    {
        for (Block& block : m_blocks) {
            block.keys.reserve(*this, std::max<std::int64_t>(capacity, 0));
            block.values.reserve(*this, std::max<std::int64_t>(capacity, 0));
        }
    }

    std::int64_t length() const override { return m_length; }

    void append(std::int64_t block, std::span<const float> keys, std::span<const float> values) override
    {
        if (keys.size() != values.size() || keys.size() % width() != 0) {
            throw std::invalid_argument("KvStore::append: keys and values are not whole rows");
        }
        Block& to = at(block);
        const KvLayerGrids* grids = gridsOf(block);
        encode(to.keys, keys, grids != nullptr ? &grids->keys : nullptr);
        encode(to.values, values, grids != nullptr ? &grids->values : nullptr);
    }

    std::span<const float> keys(std::int64_t block) override
    {
        const KvLayerGrids* grids = gridsOf(block);
        return decode(at(block).keys, grids != nullptr ? &grids->keys : nullptr, m_keys);
    }
    std::span<const float> values(std::int64_t block) override
    {
        const KvLayerGrids* grids = gridsOf(block);
        return decode(at(block).values, grids != nullptr ? &grids->values : nullptr, m_values);
    }

    void advance(std::int64_t tokens) override { m_length += tokens; }

    void truncate(std::int64_t length) override
    {
        m_length = std::min(m_length, std::max<std::int64_t>(length, 0));
        for (Block& block : m_blocks) {
            block.keys.shrink(*this, m_length);
            block.values.shrink(*this, m_length);
        }
    }

    std::uint64_t bytes() const override
    {
        std::uint64_t bytes = (m_keys.capacity() + m_values.capacity()) * sizeof(float);
        for (const Block& block : m_blocks) {
            bytes += block.keys.bytes() + block.values.bytes();
        }
        return bytes;
    }

private:
    /// Rows of keys, or of values, of a layer.
    struct Rows
    {
        std::vector<std::uint8_t> codes; ///< [tokens, heads, bytesHead]
        std::vector<F16> grids;          ///< [tokens, heads, 2]: scale, zero; empty: they are known before.

        void reserve(const QuantizedKvStore& store, std::int64_t tokens)
        {
            codes.reserve(static_cast<std::size_t>(tokens * store.m_heads) * store.m_bytesHead);
            grids.reserve(store.m_isToken ? static_cast<std::size_t>(tokens * store.m_heads * 2) : 0);
        }
        void shrink(const QuantizedKvStore& store, std::int64_t tokens)
        {
            const auto heads = static_cast<std::size_t>(tokens * store.m_heads);
            codes.resize(std::min(codes.size(), heads * store.m_bytesHead));
            grids.resize(std::min(grids.size(), heads * 2));
        }
        std::uint64_t bytes() const { return codes.capacity() + grids.capacity() * sizeof(F16); }
    };
    struct Block
    {
        Rows keys;
        Rows values;
    };
    using Grids = std::vector<KvGrid>;

    Block& at(std::int64_t block) { return m_blocks.at(static_cast<std::size_t>(block)); }
    std::size_t width() const { return static_cast<std::size_t>(m_heads) * m_headDim; }
    const KvLayerGrids* gridsOf(std::int64_t block) const
    {
        return m_isToken ? nullptr : &m_cache.params->layers.at(static_cast<std::size_t>(block));
    }
    const KvGrid& gridOf(const Grids& grids, std::size_t head) const
    {
        return grids[head * grids.size() / static_cast<std::size_t>(m_heads)];
    }
    /// Calls f with the number of each head of each token: token * heads + head.
    template <typename F>
    void forHeads(std::size_t count, F&& f) const
    {
        const auto grain = std::max<std::int64_t>(1, kElementsOfTask / static_cast<std::int64_t>(m_headDim));
        kernels::parallelFor(static_cast<std::int64_t>(count), grain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t head = begin; head < end; ++head) {
                f(static_cast<std::size_t>(head));
            }
        });
    }

    void encode(Rows& rows, std::span<const float> x, const Grids* grids) const
    {
        const std::size_t before = rows.codes.size() / m_bytesHead;
        const std::size_t count = x.size() / m_headDim;
        rows.codes.resize((before + count) * m_bytesHead);
        rows.grids.resize(m_isToken ? (before + count) * 2 : 0);
        forHeads(count, [&](std::size_t head) {
            const auto values = x.subspan(head * m_headDim, m_headDim);
            const auto codes = std::span(rows.codes).subspan((before + head) * m_bytesHead, m_bytesHead);
            if (m_isToken) {
                const auto encodeToken = m_cache.scheme.fitted ? kernels::encodeKvTokenFitted : kernels::encodeKvToken;
                const KvGrid grid = encodeToken(values, m_cache.scheme.bits, codes);
                rows.grids[2 * (before + head)] = static_cast<F16>(grid.scale);
                rows.grids[2 * (before + head) + 1] = static_cast<F16>(grid.zero);
                return;
            }
            const KvGrid& grid = gridOf(*grids, head % static_cast<std::size_t>(m_heads));
            if (m_cache.scheme.kind == KvKind::Fp8) {
                kernels::encodeKvE4m3(values, grid.scale, codes);
            } else {
                kernels::encodeKvGrid(values, grid, codes);
            }
        });
    }

    std::span<const float> decode(const Rows& rows, const Grids* grids, std::vector<float>& out) const
    {
        const std::size_t count = rows.codes.size() / m_bytesHead;
        out.resize(count * m_headDim);
        forHeads(count, [&](std::size_t head) {
            const auto codes = std::span(rows.codes).subspan(head * m_bytesHead, m_bytesHead);
            const auto values = std::span(out).subspan(head * m_headDim, m_headDim);
            if (m_isToken) {
                const KvGrid grid{static_cast<float>(rows.grids[2 * head]),
                                  static_cast<float>(rows.grids[2 * head + 1])};
                kernels::decodeKvToken(codes, m_cache.scheme.bits, grid, values);
                return;
            }
            const KvGrid& grid = gridOf(*grids, head % static_cast<std::size_t>(m_heads));
            if (m_cache.scheme.kind == KvKind::Fp8) {
                kernels::decodeKvE4m3(codes, grid.scale, values);
            } else {
                kernels::decodeKvGrid(codes, grid, values);
            }
        });
        return out;
    }

    KvCache m_cache;
    std::int64_t m_heads;
    std::size_t m_headDim;
    std::size_t m_bytesHead;
    bool m_isToken;
    std::int64_t m_length = 0;
    std::vector<Block> m_blocks;
    std::vector<float> m_keys; ///< Of the layer that was read last, as m_values.
    std::vector<float> m_values;
};

} // namespace

std::unique_ptr<model::KvStore> KvCache::makeStore(const model::ModelSpec& spec, std::int64_t capacity) const
{
    if (!scheme.isQuantized()) {
        return model::makeKvStore(spec, capacity);
    }
    return std::make_unique<QuantizedKvStore>(spec, *this, capacity);
}

model::KvStoreMaker KvCache::maker() const
{
    if (!scheme.isQuantized()) {
        return {};
    }
    return [cache = *this](const model::ModelSpec& spec, std::int64_t capacity) {
        return cache.makeStore(spec, capacity);
    };
}

Result<KvCache> kvCacheOf(const KvScheme& scheme, const calibrate::KeyValueRanges& ranges, const model::ModelSpec& spec,
                          const std::string& subject)
{
    if (!scheme.needsRanges()) {
        return KvCache{scheme, nullptr};
    }
    BITLATHE_TRY(KvParams params, kvParamsOf(ranges, scheme));
    BITLATHE_CHECK(checkKvParams(params, spec, subject));
    return KvCache{scheme, std::make_shared<const KvParams>(std::move(params))};
}

} // namespace bitlathe::quant
