// SPDX-License-Identifier: Apache-2.0
// Loop templates over packed weights: few rows straight from the codes, and panels for many.
#pragma once

#include "kernels/cpu/packedops.h"

#include <cstdint>

namespace bitlathe::kernels::cpu
{

namespace
{

/// Scale, zero and offset of the segments of one output, as f32; zero and offset may be null.
struct SegmentRow
{
    const float* scale = nullptr;
    const float* zero = nullptr;
    const float* offset = nullptr;
};

template <class S>
void widenNumbers(const SegmentNumbers& numbers, std::int64_t first, std::int64_t count, float* out)
{
    const auto* halves = reinterpret_cast<const std::uint16_t*>(numbers.values) + first;
    const auto* floats = reinterpret_cast<const float*>(numbers.values) + first;
    for (std::int64_t i = 0; i < count; i += S::kLanes) {
        switch (numbers.type) {
        case ScalarType::F32: S::store(out + i, S::load(floats + i)); break;
        case ScalarType::F16: S::store(out + i, S::loadHalf(halves + i)); break;
        case ScalarType::Bf16: S::store(out + i, S::loadBf16(halves + i)); break;
        }
    }
}

/// scratch: packedScratchRow floats.
template <class S>
SegmentRow segmentsOf(const PackedCodes& w, std::int64_t output, float* scratch)
{
    const std::int64_t count = w.segments;
    const std::int64_t first = output * count;
    const std::int64_t stride = packedScratchRow(count) / 3;
    SegmentRow row{.scale = scratch};
    widenNumbers<S>(w.scales, first, count, scratch);
    if (w.zeros != nullptr) {
        float* const zeros = scratch + stride;
        for (std::int64_t i = 0; i < count; i += S::kLanes) {
            S::store(zeros + i, S::widenBytes(w.zeros + first + i));
        }
        row.zero = zeros;
    }
    if (w.offsets.values != nullptr) {
        widenNumbers<S>(w.offsets, first, count, scratch + 2 * stride);
        row.offset = scratch + 2 * stride;
    }
    return row;
}

/// The weights of a segment's 16 codes.
template <class S>
struct Table
{
    typename S::V part[S::kTableParts];

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        for (int i = 0; i < S::kTableParts; ++i) {
            part[i] = S::load(w.book + i * S::kLanes);
            if (row.zero != nullptr) {
                part[i] = S::sub(part[i], S::set(row.zero[index]));
            }
            part[i] = S::mul(part[i], S::set(row.scale[index]));
            if (row.offset != nullptr) {
                part[i] = S::sub(part[i], S::set(row.offset[index]));
            }
        }
    }
};

/// Even and odd elements of a unit.
template <class S>
struct EvenOdd
{
    typename S::V even;
    typename S::V odd;
};

/// Sums of one row of x; units take turns, so that enough multiply-adds are in flight.
template <class S>
inline constexpr int kSumsRow = S::kLanes / 4;

/// A segment of codes of up to 4 bits for f32 products: looks up the even and the odd elements of a unit.
template <class S, int kBits>
struct FloatSegment
{
    using V = typename S::V;
    using Weights = EvenOdd<S>;
    Table<S> table;

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        table.read(w, row, index);
        if (w.roundsBf16) {
            for (V& part : table.part) {
                part = S::roundBf16(part);
            }
        }
    }
    template <int kUnit>
    inline __attribute__((always_inline)) Weights weights(const std::byte* block) const
    {
        const auto words = S::loadInts(block);
        return {S::lookUp(table.part, S::template shifted<kUnit * kBits>(words)),
                S::lookUp(table.part, S::template shifted<kUnit * kBits + 16>(words))};
    }
    template <int kUnit>
    static inline __attribute__((always_inline)) void add(V (&sums)[kSumsRow<S>], const Weights& w, const float* x)
    {
        V& even = sums[2 * kUnit % kSumsRow<S>];
        V& odd = sums[(2 * kUnit + 1) % kSumsRow<S>];
        even = S::fma(w.even, S::load(x), even);
        odd = S::fma(w.odd, S::load(x + S::kLanes), odd);
    }
};

/// The same for bf16 dot products: one look-up gives a unit's pairs.
template <class S, int kBits>
struct DotSegment
{
    using V = typename S::V;
    using Weights = typename S::Pairs;
    Weights table;

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        Table<S> wide;
        wide.read(w, row, index);
        table = S::dotTable(wide.part[0]);
    }
    template <int kUnit>
    inline __attribute__((always_inline)) Weights weights(const std::byte* block) const
    {
        return S::lookUpDot(table, S::template shifted<kUnit * kBits>(S::loadInts(block)));
    }
    template <int kUnit>
    static inline __attribute__((always_inline)) void add(V (&sums)[kSumsRow<S>], Weights w, const float* x)
    {
        V& sum = sums[kUnit % kSumsRow<S>];
        sum = S::dot(sum, w, S::loadDot(reinterpret_cast<const std::uint32_t*>(x)));
    }
};

/// A segment of 8-bit codes, which are widened, or looked up in a book of 256 values.
template <class S>
struct ByteSegment
{
    using V = typename S::V;
    using Weights = EvenOdd<S>;
    V zero;
    V scale;
    V offset;
    const float* book;
    bool roundsBf16;

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        zero = S::set(row.zero != nullptr ? row.zero[index] : w.zero);
        scale = S::set(row.scale[index]);
        offset = S::set(row.offset != nullptr ? row.offset[index] : 0.0F);
        book = w.book;
        roundsBf16 = w.roundsBf16;
    }
    inline __attribute__((always_inline)) V valuesOf(const std::byte* codes) const
    {
        const V value = book != nullptr ? S::lookUpBytes(book, codes) : S::widenBytes(codes);
        const V weight = S::sub(S::mul(S::sub(value, zero), scale), offset);
        return roundsBf16 ? S::roundBf16(weight) : weight;
    }
    template <int kUnit>
    inline __attribute__((always_inline)) Weights weights(const std::byte* block) const
    {
        const std::byte* const codes = block + kUnit * 2 * S::kLanes;
        return {valuesOf(codes), valuesOf(codes + S::kLanes)};
    }
    template <int kUnit>
    static inline __attribute__((always_inline)) void add(V (&sums)[kSumsRow<S>], const Weights& w, const float* x)
    {
        FloatSegment<S, 8>::template add<kUnit>(sums, w, x);
    }
};

/// The same for bf16 dot products; codes lie in order.
template <class S>
struct DotByteSegment
{
    using V = typename S::V;
    using Weights = typename S::Pairs;
    ByteSegment<S> wide;

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        wide.read(w, row, index);
        wide.roundsBf16 = false; // pairsOfHalves() does
    }
    template <int kUnit>
    inline __attribute__((always_inline)) Weights weights(const std::byte* block) const
    {
        const auto halves = wide.template weights<kUnit>(block);
        return S::pairsOfHalves(halves.even, halves.odd);
    }
    template <int kUnit>
    static inline __attribute__((always_inline)) void add(V (&sums)[kSumsRow<S>], Weights w, const float* x)
    {
        DotSegment<S, 8>::template add<kUnit>(sums, w, x);
    }
};

/// Where a row of codes is being read.
template <class Segment>
struct RowReader
{
    const PackedCodes* weights = nullptr;
    SegmentRow row;
    Segment segment;
    std::int64_t next = 0; ///< The segment to be read next.
    std::int64_t left = 0; ///< Units of this one.

    /// Before every unit.
    inline __attribute__((always_inline)) void step()
    {
        if (left == 0) {
            segment.read(*weights, row, next++);
            left = weights->unitsSegment;
        }
        --left;
    }
};

/// Units kUnit ... of a block times rows of x, whose unit 0 of the block is at x.
template <class S, class Segment, int kUnits, int kRows, int kUnit = 0>
inline __attribute__((always_inline)) void
multiplyBlock(RowReader<Segment>& reader, const std::byte* block, const std::byte* x, std::int64_t bytesRowX,
              std::int64_t bytesUnitX, typename S::V (&sums)[kRows][kSumsRow<S>])
{
    reader.step();
    const auto weights = reader.segment.template weights<kUnit>(block);
#pragma GCC unroll 4
    for (int row = 0; row < kRows; ++row) {
        const auto* at = reinterpret_cast<const float*>(x + row * bytesRowX + kUnit * bytesUnitX);
        Segment::template add<kUnit>(sums[row], weights, at);
    }
    if constexpr (kUnit + 1 < kUnits) {
        multiplyBlock<S, Segment, kUnits, kRows, kUnit + 1>(reader, block, x, bytesRowX, bytesUnitX, sums);
    }
}

template <class S, class Segment, int kBits, int kRows>
void multiplyRows(const PackedRowArgs& r)
{
    const PackedCodes& w = *r.weights;
    constexpr int kUnits = unitsOfBlock(kBits);
    constexpr std::int64_t kBytesBlock = bytesOfBlock(kBits, S::kLanes);
    const std::int64_t bytesUnitX = 2 * S::kLanes * (w.pairs ? 2 : 4);
    for (std::int64_t output = r.first; output < r.last; ++output) {
        typename S::V sums[kRows][kSumsRow<S>];
        for (auto& row : sums) {
            for (auto& sum : row) {
                sum = S::zero();
            }
        }
        RowReader<Segment> reader;
        reader.weights = &w;
        reader.row = segmentsOf<S>(w, output, r.scratch);
        const std::byte* block = w.codes + output * w.bytesRow;
        const std::byte* x = r.x;
        for (std::int64_t unit = 0; unit < w.units; unit += kUnits) {
            multiplyBlock<S, Segment, kUnits, kRows>(reader, block, x, r.bytesRowX, bytesUnitX, sums);
            block += kBytesBlock;
            x += kUnits * bytesUnitX;
        }
        for (int row = 0; row < kRows; ++row) {
            auto total = S::add(sums[row][0], sums[row][1]);
            if constexpr (kSumsRow<S> == 4) {
                total = S::add(total, S::add(sums[row][2], sums[row][3]));
            }
            const float sum = S::sum(total);
            r.y[row * r.strideY + output] = r.bias != nullptr ? sum + r.bias[output] : sum;
        }
    }
}

/// Puts a unit of as many outputs as there are lanes, one in each vector, into a panel, whose columns begin at `to`.
template <class S>
void putUnit(const EvenOdd<S> (&rows)[S::kLanes], std::int64_t unit, std::int64_t depth, float* to)
{
    constexpr std::int64_t kWidth = 2 * S::kLanes;
    typename S::V even[S::kLanes];
    typename S::V odd[S::kLanes];
    for (int row = 0; row < S::kLanes; ++row) {
        even[row] = rows[row].even;
        odd[row] = rows[row].odd;
    }
    S::transpose(even);
    S::transpose(odd);
    for (int i = 0; i < S::kLanes; ++i) {
        const std::int64_t k = unit * kWidth + 2 * i;
        if (k < depth) {
            S::store(to + k * kWidth, even[i]);
        }
        if (k + 1 < depth) {
            S::store(to + (k + 1) * kWidth, odd[i]);
        }
    }
}

/// The same of pairs.
template <class S>
void putUnit(const typename S::Pairs (&rows)[S::kLanes], std::int64_t unit, std::int64_t depth, float* to)
{
    constexpr std::int64_t kWidth = 2 * S::kLanes;
    typename S::V pairs[S::kLanes];
    for (int row = 0; row < S::kLanes; ++row) {
        pairs[row] = S::asFloats(rows[row]);
    }
    S::transpose(pairs);
    for (int i = 0; i < S::kLanes; ++i) {
        const std::int64_t pair = unit * S::kLanes + i;
        if (2 * pair < depth) {
            S::store(to + pair * kWidth, pairs[i]);
        }
    }
}

template <class S, class Segment, int kUnits, int kUnit = 0>
inline __attribute__((always_inline)) void unpackBlock(RowReader<Segment>* readers, int count, const std::byte* block,
                                                       std::int64_t bytesRow, std::int64_t unit, std::int64_t depth,
                                                       float* to)
{
    typename Segment::Weights rows[S::kLanes] = {};
    for (int row = 0; row < count; ++row) {
        readers[row].step();
        rows[row] = readers[row].segment.template weights<kUnit>(block + row * bytesRow);
    }
    putUnit<S>(rows, unit + kUnit, depth, to);
    if constexpr (kUnit + 1 < kUnits) {
        unpackBlock<S, Segment, kUnits, kUnit + 1>(readers, count, block, bytesRow, unit, depth, to);
    }
}

template <class S, class Segment, int kBits>
void unpackPanel(const PackedPanelArgs& p)
{
    const PackedCodes& w = *p.weights;
    constexpr int kUnits = unitsOfBlock(kBits);
    const std::int64_t stride = packedScratchRow(w.segments);
    for (std::int64_t col = 0; col < 2 * S::kLanes; col += S::kLanes) {
        const auto count = static_cast<int>(p.cols - col < S::kLanes ? p.cols - col : S::kLanes);
        RowReader<Segment> readers[S::kLanes];
        for (int row = 0; row < count; ++row) {
            readers[row].weights = &w;
            readers[row].row = segmentsOf<S>(w, p.first + col + row, p.scratch + row * stride);
        }
        const std::byte* block = w.codes + (p.first + col) * w.bytesRow;
        for (std::int64_t unit = 0; unit * 2 * S::kLanes < p.depth; unit += kUnits) {
            unpackBlock<S, Segment, kUnits>(readers, count, block, w.bytesRow, unit, p.depth,
                                            static_cast<float*>(p.panel) + col);
            block += bytesOfBlock(kBits, S::kLanes);
        }
    }
}

template <class S>
void arrangeFloats(const PackedCodes& w, const float* slots, float* out)
{
    for (std::int64_t unit = 0; unit < w.units; ++unit) {
        typename S::V even;
        typename S::V odd;
        S::loadEvenOdd(slots, even, odd);
        S::store(out, w.roundsBf16 ? S::roundBf16(even) : even);
        S::store(out + S::kLanes, w.roundsBf16 ? S::roundBf16(odd) : odd);
        slots += 2 * S::kLanes;
        out += 2 * S::kLanes;
    }
}

template <class S>
void arrange(const PackedCodes& w, const float* slots, void* out)
{
    auto* to = static_cast<float*>(out);
    if constexpr (S::kHasDot) {
        if (w.pairs) {
            for (std::int64_t unit = 0; unit < w.units; ++unit) {
                S::store(to + unit * S::kLanes, S::loadAsPairs(slots + unit * 2 * S::kLanes));
            }
            return;
        }
    }
    arrangeFloats<S>(w, slots, to);
}

/// The kind of segments that weights have, as types.
template <class SegmentType, int kCodeBits>
struct Kind
{
    using Segment = SegmentType;
    static constexpr int kBits = kCodeBits;
};

template <class S, class Body>
void forKind(const PackedCodes& w, const Body& body)
{
    if constexpr (S::kHasDot) {
        if (w.pairs) {
            switch (w.bits) {
            case 2: return body(Kind<DotSegment<S, 2>, 2>());
            case 3: return body(Kind<DotSegment<S, 3>, 3>());
            case 4: return body(Kind<DotSegment<S, 4>, 4>());
            default: return body(Kind<DotByteSegment<S>, 8>());
            }
        }
    }
    switch (w.bits) {
    case 2: return body(Kind<FloatSegment<S, 2>, 2>());
    case 3: return body(Kind<FloatSegment<S, 3>, 3>());
    case 4: return body(Kind<FloatSegment<S, 4>, 4>());
    default: return body(Kind<ByteSegment<S>, 8>());
    }
}

template <class S>
void packedRow(const PackedRowArgs& args)
{
    forKind<S>(*args.weights, [&args]<class K>(K) {
        switch (args.rows) {
        case 1: return multiplyRows<S, typename K::Segment, K::kBits, 1>(args);
        case 2: return multiplyRows<S, typename K::Segment, K::kBits, 2>(args);
        case 3: return multiplyRows<S, typename K::Segment, K::kBits, 3>(args);
        default: return multiplyRows<S, typename K::Segment, K::kBits, kRowsFromCodes>(args);
        }
    });
}

template <class S>
void packedPanel(const PackedPanelArgs& args)
{
    forKind<S>(*args.weights, [&args]<class K>(K) { unpackPanel<S, typename K::Segment, K::kBits>(args); });
}

template <class S>
constexpr PackedOps makePackedOps()
{
    return {.arrange = arrange<S>, .row = packedRow<S>, .panel = packedPanel<S>};
}

} // namespace

} // namespace bitlathe::kernels::cpu
