// SPDX-License-Identifier: Apache-2.0
// Loop templates over packed weights: few rows straight from the codes, and panels for many.
#pragma once

#include "kernels/cpu/packedfixed.h"
#include "kernels/cpu/packedops.h"
#include "kernels/cpu/packedshared.h"

#include <cstdint>

namespace bitlathe::kernels::cpu
{

namespace
{

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

/// Sums of one output and row of x, which take turns, so that enough multiply-adds are in flight.
inline constexpr int kSums = 2;

/// A segment of codes of up to 4 bits for f32 products: looks up the even and the odd elements of a unit.
template <class S, int kCodeBits>
struct FloatSegment
{
    static constexpr int kBits = kCodeBits;
    using V = typename S::V;
    using Vectors = EvenOdd<S>;
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
    inline __attribute__((always_inline)) Vectors weights(const std::byte* block) const
    {
        const auto words = S::loadInts(block);
        return {S::lookUp(table.part, S::template shifted<kUnit * kBits>(words)),
                S::lookUp(table.part, S::template shifted<kUnit * kBits + 16>(words))};
    }
    static inline __attribute__((always_inline)) Vectors inputs(const float* x)
    {
        return {S::load(x), S::load(x + S::kLanes)};
    }
    template <int kUnit>
    static inline __attribute__((always_inline)) void add(V (&sums)[kSums], const Vectors& w, const Vectors& x)
    {
        sums[0] = S::fma(w.even, x.even, sums[0]);
        sums[1] = S::fma(w.odd, x.odd, sums[1]);
    }
};

/// The same for bf16 dot products: one look-up gives a unit's pairs.
template <class S, int kCodeBits>
struct DotSegment
{
    static constexpr int kBits = kCodeBits;
    using V = typename S::V;
    using Vectors = typename S::Pairs;
    Vectors table;

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        Table<S> wide;
        wide.read(w, row, index);
        table = S::dotTable(wide.part[0]);
    }
    template <int kUnit>
    inline __attribute__((always_inline)) Vectors weights(const std::byte* block) const
    {
        return S::lookUpDot(table, S::template shifted<kUnit * kBits>(S::loadInts(block)));
    }
    static inline __attribute__((always_inline)) Vectors inputs(const float* x)
    {
        return S::loadDot(reinterpret_cast<const std::uint32_t*>(x));
    }
    template <int kUnit>
    static inline __attribute__((always_inline)) void add(V (&sums)[kSums], Vectors w, Vectors x)
    {
        sums[kUnit % kSums] = S::dot(sums[kUnit % kSums], w, x);
    }
};

/// A segment of 8-bit codes: widened, or looked up in a book of 256 values.
template <class S, bool kHasBook, bool kRoundsBf16>
struct ByteSegment : FloatSegment<S, 8>
{
    using V = typename S::V;
    using Vectors = EvenOdd<S>;
    V zero; ///< Above kBytesFrom.
    V scale;
    const float* book;

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        zero = S::set(S::kBytesFrom + (row.zero != nullptr ? row.zero[index] : w.zero));
        scale = S::set(row.scale[index]);
        book = w.book;
    }
    inline __attribute__((always_inline)) V weightsOf(const std::byte* codes) const
    {
        const V value = kHasBook ? S::lookUpBytes(book, codes) : S::sub(S::bytesAbove(codes), zero);
        const V weight = S::mul(value, scale);
        return kRoundsBf16 ? S::roundBf16(weight) : weight;
    }
    template <int kUnit>
    inline __attribute__((always_inline)) Vectors weights(const std::byte* block) const
    {
        const std::byte* const codes = block + kUnit * 2 * S::kLanes;
        return {weightsOf(codes), weightsOf(codes + S::kLanes)};
    }
};

/// The same for bf16 dot products; codes lie in order.
template <class S, bool kHasBook>
struct DotByteSegment : DotSegment<S, 8>
{
    using Vectors = typename S::Pairs;
    ByteSegment<S, kHasBook, false> wide; ///< pairsOfHalves() rounds.

    inline __attribute__((always_inline)) void read(const PackedCodes& w, const SegmentRow& row, std::int64_t index)
    {
        wide.read(w, row, index);
    }
    template <int kUnit>
    inline __attribute__((always_inline)) Vectors weights(const std::byte* block) const
    {
        const auto halves = wide.template weights<kUnit>(block);
        return S::pairsOfHalves(halves.even, halves.odd);
    }
};

/// Where the codes of some outputs are being read.
template <class Segment, int kOutputs>
struct Reader
{
    const PackedCodes& weights;
    SegmentRow rows[kOutputs];
    Segment segments[kOutputs];
    std::int64_t next; ///< The segment to be read next.
    std::int64_t left; ///< Units of this one.

    explicit Reader(const PackedCodes& codes) : weights(codes), next(0), left(0) {}

    /// Before every unit.
    inline __attribute__((always_inline)) void step(int count = kOutputs)
    {
        if (left == 0) {
            for (int output = 0; output < count; ++output) {
                segments[output].read(weights, rows[output], next);
            }
            ++next;
            left = weights.unitsSegment;
        }
        --left;
    }
};

/// Units kUnit ... of a block of outputs times rows of x, whose unit 0 of the block is at x.
template <class S, class Segment, int kOutputs, int kRows, int kUnit = 0>
inline __attribute__((always_inline)) void
multiplyBlock(Reader<Segment, kOutputs>& reader, const std::byte* block, const std::byte* x, std::int64_t bytesRowX,
              std::int64_t bytesUnitX, typename S::V (&sums)[kRows][kOutputs][kSums])
{
    reader.step();
    typename Segment::Vectors weights[kOutputs];
#pragma GCC unroll 2
    for (int output = 0; output < kOutputs; ++output) {
        weights[output] =
            reader.segments[output].template weights<kUnit>(block + output * bytesOfBlock(Segment::kBits, S::kLanes));
    }
#pragma GCC unroll 4
    for (int row = 0; row < kRows; ++row) {
        const auto inputs = Segment::inputs(reinterpret_cast<const float*>(x + row * bytesRowX + kUnit * bytesUnitX));
#pragma GCC unroll 2
        for (int output = 0; output < kOutputs; ++output) {
            Segment::template add<kUnit>(sums[row][output], weights[output], inputs);
        }
    }
    if constexpr (kUnit + 1 < unitsOfBlock(Segment::kBits)) {
        multiplyBlock<S, Segment, kOutputs, kRows, kUnit + 1>(reader, block, x, bytesRowX, bytesUnitX, sums);
    }
}

/// Products in floats, or in bf16 pairs.
template <class S, class Segment>
struct SegmentProduct
{
    static constexpr int kRowsOfFour = 0; ///< As in FixedProduct.

    template <int kOutputs, int kRows>
    static inline __attribute__((always_inline)) void multiply(const PackedRowArgs& r, const StepOutputs& outputs)
    {
        const PackedCodes& w = *r.weights;
        const std::int64_t first = outputs.first;
        constexpr int kUnits = unitsOfBlock(Segment::kBits);
        const std::int64_t bytesUnitX = 2 * S::kLanes * (w.pairs ? 2 : 4);
        typename S::V sums[kRows][kOutputs][kSums];
#pragma GCC unroll 8
        for (int i = 0; i < kRows * kOutputs; ++i) {
            sums[i / kOutputs][i % kOutputs][0] = S::zero();
            sums[i / kOutputs][i % kOutputs][1] = S::zero();
        }
        Reader<Segment, kOutputs> reader(w);
        for (int output = 0; output < kOutputs; ++output) {
            reader.rows[output] = segmentsOf<S>(w, first + output, r.scratch + output * packedScratchRow(w.segments));
        }
        constexpr std::int64_t kBytesBlock = bytesOfBlock(Segment::kBits, S::kLanes);
        const std::byte* block = w.codes + placeOfOutput(w, first, kBytesBlock);
        const std::byte* x = r.x;
        for (std::int64_t unit = 0; unit < w.units; unit += kUnits) {
            fetchAhead<kOutputs * kBytesBlock>(block);
            multiplyBlock<S, Segment, kOutputs, kRows>(reader, block, x, r.bytesRowX, bytesUnitX, sums);
            block += 2 * kBytesBlock;
            x += kUnits * bytesUnitX;
        }
        for (int row = 0; row < kRows; ++row) {
            for (int output = 0; output < kOutputs; ++output) {
                const float sum = S::sum(S::add(sums[row][output][0], sums[row][output][1]));
                r.y[row * r.strideY + first + output] = r.bias != nullptr ? sum + r.bias[first + output] : sum;
            }
        }
    }
};

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

template <class S, class Segment, int kUnit = 0>
inline __attribute__((always_inline)) void unpackBlock(Reader<Segment, S::kLanes>& reader, int count,
                                                       const std::byte* block, std::int64_t unit, std::int64_t depth,
                                                       float* to)
{
    constexpr std::int64_t kBytesBlock = bytesOfBlock(Segment::kBits, S::kLanes);
    reader.step(count);
    typename Segment::Vectors rows[S::kLanes] = {};
    for (int row = 0; row < count; ++row) {
        rows[row] =
            reader.segments[row].template weights<kUnit>(block + placeOfOutput(reader.weights, row, kBytesBlock));
    }
    putUnit<S>(rows, unit + kUnit, depth, to);
    if constexpr (kUnit + 1 < unitsOfBlock(Segment::kBits)) {
        unpackBlock<S, Segment, kUnit + 1>(reader, count, block, unit, depth, to);
    }
}

template <class S, class Segment>
void unpackPanel(const PackedPanelArgs& p)
{
    const PackedCodes& w = *p.weights;
    constexpr int kUnits = unitsOfBlock(Segment::kBits);
    for (std::int64_t col = 0; col < 2 * S::kLanes; col += S::kLanes) {
        const auto count = static_cast<int>(p.cols - col < S::kLanes ? p.cols - col : S::kLanes);
        Reader<Segment, S::kLanes> reader(w);
        for (int row = 0; row < count; ++row) {
            reader.rows[row] = segmentsOf<S>(w, p.first + col + row, p.scratch + row * packedScratchRow(w.segments));
        }
        const std::byte* block = w.codes + (p.first + col) * w.bytesRow; // A pair's.
        for (std::int64_t unit = 0; unit * 2 * S::kLanes < p.depth; unit += kUnits) {
            unpackBlock<S, Segment>(reader, count, block, unit, p.depth, static_cast<float*>(p.panel) + col);
            block += 2 * bytesOfBlock(Segment::kBits, S::kLanes);
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
    if (w.fixed) {
        arrangeFixed<S>(w, slots, static_cast<std::byte*>(out));
        return;
    }
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

/// A type as an argument.
template <class T>
struct Type
{
    using Of = T;
};

/// Calls body with the type of the weights' segments.
template <class S, class Body>
void forSegments(const PackedCodes& w, const Body& body)
{
    const bool hasBook = w.book != nullptr;
    const bool rounds = w.roundsBf16;
    if constexpr (S::kHasDot) {
        if (w.pairs) {
            switch (w.bits) {
            case 2: return body(Type<DotSegment<S, 2>>());
            case 3: return body(Type<DotSegment<S, 3>>());
            case 4: return body(Type<DotSegment<S, 4>>());
            default: return hasBook ? body(Type<DotByteSegment<S, true>>()) : body(Type<DotByteSegment<S, false>>());
            }
        }
    }
    switch (w.bits) {
    case 2: return body(Type<FloatSegment<S, 2>>());
    case 3: return body(Type<FloatSegment<S, 3>>());
    case 4: return body(Type<FloatSegment<S, 4>>());
    default:
        if (hasBook) {
            return rounds ? body(Type<ByteSegment<S, true, true>>()) : body(Type<ByteSegment<S, true, false>>());
        }
        return rounds ? body(Type<ByteSegment<S, false, true>>()) : body(Type<ByteSegment<S, false, false>>());
    }
}

template <class S>
void packedRow(const PackedRowArgs& args)
{
    if (args.weights->fixed) {
        return fixedRow<S>(args);
    }
    forSegments<S>(*args.weights, [&args]<class T>(T) { multiplyTask<S, SegmentProduct<S, typename T::Of>>(args); });
}

template <class S>
void packedPanel(const PackedPanelArgs& args)
{
    forSegments<S>(*args.weights, [&args]<class T>(T) { unpackPanel<S, typename T::Of>(args); });
}

template <class S>
constexpr PackedOps makePackedOps()
{
    return {.arrange = arrange<S>, .row = packedRow<S>, .panel = packedPanel<S>};
}

} // namespace

} // namespace bitlathe::kernels::cpu
