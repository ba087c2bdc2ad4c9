// SPDX-License-Identifier: Apache-2.0
// Backend: the table of numeric operations that every device implements.
#pragma once

#include "kernels/activation.h"
#include "kernels/columns.h"
#include "kernels/groups.h"
#include "kernels/memory.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace bitlathe::kernels
{

/// Element types of weights that a product takes.
enum class ScalarType { F32, F16, Bf16 };

/// Arithmetic of a product: F32 as is; Bf16 rounds both factors to bf16 and sums in f32.
enum class Precision { F32, Bf16 };

/// Weights [outputs, inputs] row-major, little-endian, any alignment.
struct WeightsView
{
    ScalarType type = ScalarType::F32;
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
    std::span<const std::byte> bytes;

    std::int64_t bytesRow() const { return inputs * (type == ScalarType::F32 ? 4 : 2); }
};

/// Weights [outputs, inputs] as codes in groups of inputs that share a scale: the weight of a code is
/// (value - zero) * scale - offset, in f32 and in this order, where value is book[code], or the code itself.
struct PackedWeightsView
{
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
    int bits = 4; ///< 1 ... 8.
    /// Row after row, each a bit stream, least significant bit first, padded to whole bytes.
    std::span<const std::uint8_t> codes;
    std::span<const float> book;              ///< 2^bits values, or empty.
    std::int64_t groupSize = 0;               ///< Input i is of group i / groupSize where groupIndex is empty.
    std::span<const std::int32_t> groupIndex; ///< [inputs] the group of each, below groups; or empty.
    std::int64_t groups = 0;
    std::span<const float> scales;       ///< [outputs, groups].
    std::span<const std::uint8_t> zeros; ///< As scales; empty: zero everywhere.
    int zero = 0;
    std::span<const float> offsets; ///< As scales; empty: none. For codes of up to 4 bits.
};

/// Weights in the form that a backend multiplies with. Made by Backend::prepare, used by the same backend. Immutable.
class PreparedWeights
{
public:
    virtual ~PreparedWeights() = default;
    virtual std::int64_t outputs() const = 0;
    virtual std::int64_t inputs() const = 0;
    virtual std::uint64_t bytes() const = 0; ///< Held in memory.
};

/// What several products read: rows of x, or what a norm or an activation makes of them.
struct GemmInput
{
    std::span<const float> x; ///< [rows, inputs].
    std::int64_t rows = 0;
    std::span<const float> normWeight = {};    ///< [inputs] products read rmsNorm(x); or empty.
    double epsilon = 0;                        ///< Of the norm.
    std::optional<Activation> activation = {}; ///< Products read activation(x), times factor where that is not empty.
    std::span<const float> factor = {};        ///< As x.
    /// With norm or activation: as x, room for what products read, undefined afterwards; may be x.
    std::span<float> made = {};
};

/// One of these products: y = x W' + bias; or, where addTo is not empty, addTo += x W' + bias, and y is undefined
/// afterwards. bias: [outputs] or empty; y, addTo: [rows, outputs].
struct GemmPart
{
    const PreparedWeights* weights = nullptr;
    std::span<const float> bias = {};
    std::span<float> y = {};
    std::span<float> addTo = {};
};

/// Queries and keys of some positions, which are turned in place as by rope(), and where keys and values are kept.
struct TurnedRows
{
    std::int64_t rows = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::span<float> queries;      ///< [rows, heads * headDim].
    std::span<float> keys;         ///< [rows, kvHeads * headDim].
    std::span<const float> values; ///< As keys.
    std::span<const float> cosine; ///< [rows, headDim / 2].
    std::span<const float> sine;
    std::span<float> keptKeys; ///< As keys: become those that were turned. Empty: nothing is kept.
    std::span<float> keptValues;
};

/// Causal attention of the last `queries` tokens over `keys` tokens: query row i stands at position keys - queries + i.
struct AttentionShape
{
    std::int64_t queries = 0;
    std::int64_t keys = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0; ///< Divides heads; query head h reads key head h / (heads / kvHeads).
    std::int64_t headDim = 0;
    std::int64_t window = 0; ///< Only the last so many positions, the query's own included; 0: all.
    float scale = 1.0F;      ///< Of scores, before softmax.
    float softCap = 0.0F;    ///< c: scaled scores s become c tanh(s / c); 0: they stay.
};

/// Per column, over rows seen so far.
struct ChannelStats
{
    std::span<float> minimum;
    std::span<float> maximum;
    std::span<float> absMaximum;
    std::span<double> sum;
    std::span<double> absSum;
};

/// Operations over row-major spans in the backend's memory. What each computes is defined by the reference backend; the
/// others agree within kernels/tolerances.h. Results are the same bytes for any number of threads, and a row's result
/// does not depend on the other rows of the call, but for the exceptions that a backend's header names. Thread-safe.
/// Sizes of spans are the caller's duty and asserted.
class Backend
{
public:
    virtual ~Backend() = default;
    virtual std::string_view name() const = 0;
    /// Where the spans of all operations below lie; views of weights to prepare are the processor's.
    virtual const Memory& memory() const { return hostMemory(); }

    /// Null: the backend's memory is too short for them.
    virtual std::unique_ptr<PreparedWeights> prepare(const WeightsView& weights, Precision precision) const = 0;
    /// The same of weights that stay codes. A product of few rows reads the codes themselves and may sum in another
    /// order than one of many; with Bf16 it may round less (kToleranceWord).
    virtual std::unique_ptr<PreparedWeights> preparePacked(const PackedWeightsView& weights,
                                                           Precision precision) const = 0;
    /// Weights [outputs, inputs] in f32 that lie in the backend's memory already, for products in f32; without a copy
    /// where it multiplies them as they are, so they must stay as long as what comes back. Null: as of prepare().
    virtual std::unique_ptr<PreparedWeights> prepareInPlace(std::span<const float> weights, std::int64_t outputs,
                                                            std::int64_t inputs) const
    {
        return prepare({ScalarType::F32, outputs, inputs, std::as_bytes(weights)}, Precision::F32);
    }
    /// y = x W' + bias; x: [rows, inputs], y: [rows, outputs], bias: [outputs] or empty.
    virtual void gemm(std::span<const float> x, std::int64_t rows, const PreparedWeights& weights,
                      std::span<const float> bias, std::span<float> y) const = 0;
    /// rmsNorm() or activate(), then gemm() of each, then add(); in fewer steps where the backend has a way, whose sums
    /// may be in another order. All weights have the inputs of x. The products alone are the same bits as gemm()'s.
    virtual void gemmEach(const GemmInput& input, std::span<const GemmPart> parts) const;

    /// out = x / sqrt(mean(x^2) + epsilon) * weight, row by row of weight.size(). out may be x.
    virtual void rmsNorm(std::span<const float> x, std::span<const float> weight, double epsilon,
                         std::span<float> out) const = 0;
    /// out = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight + bias, row by row of weight.size(). bias may be
    /// empty; out may be x.
    virtual void layerNorm(std::span<const float> x, std::span<const float> weight, std::span<const float> bias,
                           double epsilon, std::span<float> out) const = 0;
    /// Rotates the pairs (i, i + headDim / 2) of every head; cosine, sine: [rows, headDim / 2]. In place.
    virtual void rope(std::span<float> x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
                      std::span<const float> cosine, std::span<const float> sine) const = 0;
    /// rope() of queries and keys, and copies of keys and values to where they are kept.
    virtual void turn(const TurnedRows& rows) const;
    /// x = activation(x), times factor where that is not empty.
    virtual void activate(Activation activation, std::span<float> x, std::span<const float> factor) const = 0;
    /// x += y.
    virtual void add(std::span<float> x, std::span<const float> y) const = 0;
    /// x = cap tanh(x / cap).
    virtual void softCap(std::span<float> x, float cap) const = 0;
    /// Every row of cols becomes its softmax.
    virtual void softmax(std::span<float> x, std::int64_t cols) const = 0;
    /// out[row] = x[row][indices[row]] of rows of cols. indices outside [0, cols) are the caller's bug.
    virtual void pick(std::span<const float> x, std::int64_t cols, std::span<const std::int32_t> indices,
                      std::span<float> out) const = 0;
    /// out[i] = row indices[i] of a table that lies in the backend's memory, in f32: [indices.size(), table.inputs].
    /// indices outside [0, table.outputs) are the caller's bug.
    virtual void widenRows(const WeightsView& table, std::span<const std::int32_t> indices,
                           std::span<float> out) const = 0;
    /// out[row]: the place of the largest number of every row of cols; of equal ones the first, 0 where none is one.
    virtual void largest(std::span<const float> x, std::int64_t cols, std::span<std::int32_t> out) const = 0;
    /// Copies rows of width values, of which one stands stride values behind the other; from and to are apart.
    virtual void copyRows(std::span<const float> from, std::int64_t strideFrom, std::span<float> to,
                          std::int64_t strideTo, std::int64_t rows, std::int64_t width) const = 0;
    /// query, out: [queries, heads * headDim]; keys, values: [keys, kvHeads * headDim].
    virtual void attention(const AttentionShape& shape, Precision precision, std::span<const float> query,
                           std::span<const float> keys, std::span<const float> values, std::span<float> out) const = 0;

    /// gram += x' x for x [rows, cols]. Only gram's entries [i][j] with j <= i are kept up; mirrorLower makes the rest.
    virtual void accumulateGram(Precision precision, std::span<const float> x, std::int64_t rows, std::int64_t cols,
                                std::span<float> gram) const = 0;
    /// Copies entries [i][j], j < i, of a square matrix to [j][i].
    virtual void mirrorLower(std::span<float> matrix, std::int64_t cols) const = 0;
    /// Folds rows of x [rows, stats.sum.size()] into stats.
    virtual void accumulateChannels(std::span<const float> x, std::int64_t rows, const ChannelStats& stats) const = 0;

    /// The factor that a sweep spreads errors by. False: the matrix is not positive definite in this arithmetic, or
    /// was given up, or the device failed. About cols^3 / 6 multiply-adds.
    virtual bool factorColumns(const ColumnFactoring& factoring) const = 0;
    /// Rounds rows to grids. The same bits on every backend, given the same factor. False: the backend's memory is too
    /// short (see roundingBytes()), or the device failed. About rows x cols^2 / 2 multiply-adds, and as many
    /// for each pass and twice.
    virtual bool roundColumns(const ColumnRounding& rounding) const = 0;
    /// What rounding groups of columns to nearest leaves, as chooseGrid(), encodeGroup() and dequantizeGroup() of
    /// quantize.h round them. The same bits on every backend.
    virtual void groupErrors(const GroupErrors& groups) const = 0;
    /// False: the backend's memory is too short, or the device failed. Two ratios whose energies are alike to what
    /// kernels/tolerances.h allows a sum in f32 may be taken for each other.
    virtual bool searchRatios(const RatioSearch& search) const
    {
        searchRatiosByProducts(*this, search);
        return true;
    }
    /// out[row] = sum of x[row][i] y[row][i], in double; x, y: [rows, cols].
    virtual void dotRows(std::span<const float> x, std::span<const float> y, std::int64_t cols,
                         std::span<double> out) const = 0;

    /// log(sum(exp(row))) of every row of cols.
    virtual void logSumExp(std::span<const float> logits, std::int64_t cols, std::span<double> out) const = 0;
    /// KL(p || q) of the distributions that rows of logits p and q mean, in nats.
    virtual void klDivergence(std::span<const float> p, std::span<const float> q, std::int64_t cols,
                              std::span<double> out) const = 0;
};

/// Plain loops: the specification of every operation.
const Backend& referenceBackend();
/// The fast paths of this processor at the level that cpuLevel() names; plain loops at CpuLevel::Reference.
const Backend& cpuBackend();

/// -log p(target) of every row of cols, through logSumExp of a backend whose memory is the processor's. targets outside
/// [0, cols) are the caller's bug.
void negativeLogLikelihood(const Backend& backend, std::span<const float> logits, std::int64_t cols,
                           std::span<const std::int32_t> targets, std::span<double> out);

} // namespace bitlathe::kernels
