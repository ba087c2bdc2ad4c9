// SPDX-License-Identifier: Apache-2.0
// What the program and the CUDA plug-in say to each other: plain C, so that either may be of another compiler.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

/// Counts up with every change of this file; a plug-in of another number is not used.
#define BITLATHE_CUDA_INTERFACE 7

/// One device as its driver describes it.
struct BitlatheCudaDevice
{
    char name[256];           ///< Ends with a zero byte.
    std::uint64_t bytesTotal; ///< Memory of the device.
    std::int32_t major;       ///< Compute capability.
    std::int32_t minor;
    std::int32_t multiprocessors;
};

/// BITLATHE_CUDA_INTERFACE as the plug-in was built with.
using BitlatheCudaInterface = std::int32_t (*)();

/// Fills at most capacity devices and returns how many there are; negative: none can be used, and reason says why in
/// English (at most reasonCapacity bytes with the zero byte).
using BitlatheCudaDevices = std::int32_t (*)(BitlatheCudaDevice* devices, std::int32_t capacity, char* reason,
                                             std::size_t reasonCapacity);

/// How a call ended.
enum BitlatheCudaStatus : std::int32_t {
    BitlatheCudaDone = 0,
    BitlatheCudaOutOfMemory = 1,    ///< The budget has not so much left; nothing changed.
    BitlatheCudaNoDevice = 2,       ///< No device of that index.
    BitlatheCudaTooOld = 3,         ///< The plug-in has no code for the device.
    BitlatheCudaBudgetTooSmall = 4, ///< Of BitlatheCudaTable::open.
    BitlatheCudaLibraryMissing = 5, ///< A library of the toolkit does not open.
    BitlatheCudaFailed = 6,         ///< BitlatheCudaTable::failure says how.
};

/// Element types of weights, as kernels::ScalarType.
enum BitlatheCudaType : std::int32_t { BitlatheCudaF32 = 0, BitlatheCudaF16 = 1, BitlatheCudaBf16 = 2 };

/// An opened device: its budget of memory and one queue, in which operations run in the order of the calls.
struct BitlatheCudaContext;
/// Weights in the form that products take.
struct BitlatheCudaWeights;

struct BitlatheCudaUse
{
    std::uint64_t bytesBudget;
    std::uint64_t bytesUsed;
    std::uint64_t bytesPeak;
};

/// As kernels::PackedWeightsView, in the processor's memory. Null is empty.
struct BitlatheCudaPacked
{
    std::int64_t outputs;
    std::int64_t inputs;
    std::int32_t bits;
    const std::uint8_t* codes;
    const float* book;
    std::int64_t groupSize;
    const std::int32_t* groupIndex;
    std::int64_t groups;
    const float* scales;
    const std::uint8_t* zeros;
    std::int32_t zero;
    const float* offsets;
};

/// As kernels::GemmInput. normWeight and factor may be null; activation: the order of kernels::Activation, or -1.
struct BitlatheCudaGemmInput
{
    const float* x;
    std::int64_t rows;
    const float* normWeight;
    double epsilon;
    std::int32_t activation;
    const float* factor;
    float* made;
};

/// As kernels::GemmPart. bias and addTo may be null.
struct BitlatheCudaGemm
{
    const BitlatheCudaWeights* weights;
    const float* bias;
    float* y;
    float* addTo;
};

/// As kernels::TurnedRows. keptKeys and keptValues may be null.
struct BitlatheCudaTurn
{
    std::int64_t rows;
    std::int64_t heads;
    std::int64_t kvHeads;
    std::int64_t headDim;
    float* queries;
    float* keys;
    const float* values;
    const float* cosine;
    const float* sine;
    float* keptKeys;
    float* keptValues;
};

/// As kernels::AttentionShape.
struct BitlatheCudaAttention
{
    std::int64_t queries;
    std::int64_t keys;
    std::int64_t heads;
    std::int64_t kvHeads;
    std::int64_t headDim;
    std::int64_t window;
    float scale;
    float softCap;
};

/// As kernels::ChannelStats, in the device's memory.
struct BitlatheCudaChannels
{
    float* minimum;
    float* maximum;
    float* absMaximum;
    double* sum;
    double* absSum;
};

/// As kernels::ColumnRun.
struct BitlatheCudaRun
{
    std::int64_t begin;
    std::int64_t end;
    std::int64_t group;
};

/// As kernels::OrderedColumns, in the processor's memory.
struct BitlatheCudaOrder
{
    const std::int32_t* columns;
    const std::int32_t* groups;
    const BitlatheCudaRun* runs;
    std::int64_t runCount;
};

/// As kernels::GridRule.
struct BitlatheCudaRule
{
    std::int32_t bits;
    std::int32_t symmetric;
    std::int32_t scaleType;
    std::int32_t leastZero;
    std::int32_t ternary;
};

/// As kernels::GroupedWeights.
struct BitlatheCudaGroups
{
    const float* weights;
    std::int64_t rows;
    std::int64_t cols;
    std::int64_t first;
    std::int64_t width;
    std::int64_t groupSize;
    BitlatheCudaRule rule;
};

/// As kernels::ColumnRounding. zeros, differences and, without passes, coupling may be null.
struct BitlatheCudaRounding
{
    std::int64_t rows;
    std::int64_t cols;
    std::int64_t groups;
    const float* weights;
    BitlatheCudaOrder hostOrder;
    const float* factor;
    const float* weight;
    BitlatheCudaRule rule;
    std::int32_t search;
    std::int32_t moveRounds;
    std::int32_t passes;
    BitlatheCudaOrder hostGrouped;
    const float* coupling;
    const float* couplingWeight;
    std::uint8_t* codes;
    float* scales;
    std::uint8_t* zeros;
    std::int32_t* coarse;
    float* differences;
};

/// The functions of the plug-in, as kernels::Backend defines them. Those that return a status leave what they have to
/// say with failure(). Pointers are to the device's memory but where they are named host. bf16: factors of products are
/// rounded to it. Any thread; calls of one context wait for each other.
struct BitlatheCudaTable
{
    /// device: an index of BitlatheCudaDevices. bytesBudget: of all memory that the context ever takes for values, in
    /// one piece; 0: nine tenths of what is free. The driver's own memory is not in it. On failure *context is null and
    /// reason says why.
    std::int32_t (*open)(std::int32_t device, std::uint64_t bytesBudget, BitlatheCudaContext** context, char* reason,
                         std::size_t reasonCapacity);
    void (*close)(BitlatheCudaContext*); ///< What was allocated ends with it.
    /// The first failure since opening, empty where there was none.
    void (*failure)(BitlatheCudaContext*, char* reason, std::size_t reasonCapacity);

    std::int32_t (*allocate)(BitlatheCudaContext*, std::uint64_t bytes, void** memory);
    void (*release)(BitlatheCudaContext*, void* memory);
    std::int32_t (*upload)(BitlatheCudaContext*, const void* host, void* to, std::uint64_t bytes);
    std::int32_t (*download)(BitlatheCudaContext*, const void* from, void* host, std::uint64_t bytes);
    std::int32_t (*copy)(BitlatheCudaContext*, const void* from, void* to, std::uint64_t bytes);
    std::int32_t (*wait)(BitlatheCudaContext*);
    void (*use)(BitlatheCudaContext*, BitlatheCudaUse* use);

    std::int32_t (*prepare)(BitlatheCudaContext*, std::int32_t type, std::int64_t outputs, std::int64_t inputs,
                            const void* hostValues, std::int32_t bf16, BitlatheCudaWeights** weights);
    /// Weights that stay codes, for products in bf16. As much as their arrays take is held while they are prepared.
    std::int32_t (*preparePacked)(BitlatheCudaContext*, const BitlatheCudaPacked* hostPacked,
                                  BitlatheCudaWeights** weights);
    /// Weights of f32 that stay where they are.
    std::int32_t (*prepareInPlace)(BitlatheCudaContext*, const float* values, std::int64_t outputs, std::int64_t inputs,
                                   BitlatheCudaWeights** weights);
    std::uint64_t (*weightBytes)(const BitlatheCudaWeights*);
    void (*releaseWeights)(BitlatheCudaContext*, BitlatheCudaWeights*);
    std::int32_t (*gemmEach)(BitlatheCudaContext*, const BitlatheCudaGemmInput* input, const BitlatheCudaGemm* parts,
                             std::int32_t count);

    std::int32_t (*rmsNorm)(BitlatheCudaContext*, const float* x, const float* weight, double epsilon, float* out,
                            std::int64_t rows, std::int64_t cols);
    /// bias may be null.
    std::int32_t (*layerNorm)(BitlatheCudaContext*, const float* x, const float* weight, const float* bias,
                              double epsilon, float* out, std::int64_t rows, std::int64_t cols);
    std::int32_t (*rope)(BitlatheCudaContext*, float* x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
                         const float* cosine, const float* sine);
    std::int32_t (*turn)(BitlatheCudaContext*, const BitlatheCudaTurn*);
    /// activation: the order of kernels::Activation. factor may be null.
    std::int32_t (*activate)(BitlatheCudaContext*, std::int32_t activation, float* x, const float* factor,
                             std::int64_t count);
    std::int32_t (*add)(BitlatheCudaContext*, float* x, const float* y, std::int64_t count);
    std::int32_t (*softCap)(BitlatheCudaContext*, float* x, float cap, std::int64_t count);
    std::int32_t (*softmax)(BitlatheCudaContext*, float* x, std::int64_t rows, std::int64_t cols);
    std::int32_t (*pick)(BitlatheCudaContext*, const float* x, std::int64_t rows, std::int64_t cols,
                         const std::int32_t* indices, float* out);
    /// type: a BitlatheCudaType. table: [rows, cols] of it, without gaps.
    std::int32_t (*widenRows)(BitlatheCudaContext*, std::int32_t type, const void* table, std::int64_t cols,
                              const std::int32_t* indices, std::int64_t count, float* out);
    std::int32_t (*largest)(BitlatheCudaContext*, const float* x, std::int64_t rows, std::int64_t cols,
                            std::int32_t* out);
    std::int32_t (*copyRows)(BitlatheCudaContext*, const float* from, std::int64_t strideFrom, float* to,
                             std::int64_t strideTo, std::int64_t rows, std::int64_t width);
    std::int32_t (*attention)(BitlatheCudaContext*, const BitlatheCudaAttention*, std::int32_t bf16, const float* query,
                              const float* keys, const float* values, float* out);

    std::int32_t (*accumulateGram)(BitlatheCudaContext*, std::int32_t bf16, const float* x, std::int64_t rows,
                                   std::int64_t cols, float* gram);
    std::int32_t (*mirrorLower)(BitlatheCudaContext*, float* matrix, std::int64_t cols);
    std::int32_t (*accumulateChannels)(BitlatheCudaContext*, const float* x, std::int64_t rows, std::int64_t cols,
                                       const BitlatheCudaChannels* stats);
    /// *positive: whether there is a factor; known when the call returns.
    std::int32_t (*factorColumns)(BitlatheCudaContext*, std::int64_t cols, const float* matrix,
                                  const std::int32_t* hostColumns, double added, float* factor, float* weight,
                                  std::int32_t* positive);
    std::int32_t (*roundColumns)(BitlatheCudaContext*, const BitlatheCudaRounding*);
    /// As kernels::GroupErrors; scales and ratios may be null.
    std::int32_t (*groupErrors)(BitlatheCudaContext*, const BitlatheCudaGroups*, const float* scales, float ratio,
                                const float* ratios, float* errors);
    /// As kernels::RatioSearch.
    std::int32_t (*searchRatios)(BitlatheCudaContext*, const BitlatheCudaGroups*, const float* matrix,
                                 const float* hostRatios, std::int32_t count, std::uint8_t* best);
    std::int32_t (*dotRows)(BitlatheCudaContext*, const float* x, const float* y, std::int64_t rows, std::int64_t cols,
                            double* out);
    std::int32_t (*logSumExp)(BitlatheCudaContext*, const float* logits, std::int64_t rows, std::int64_t cols,
                              double* out);
    std::int32_t (*klDivergence)(BitlatheCudaContext*, const float* p, const float* q, std::int64_t rows,
                                 std::int64_t cols, double* out);
};

using BitlatheCudaOperations = const BitlatheCudaTable* (*)();

// Names of the functions in the library.
#define BITLATHE_CUDA_INTERFACE_NAME "bitlatheCudaInterface"
#define BITLATHE_CUDA_DEVICES_NAME "bitlatheCudaDevices"
#define BITLATHE_CUDA_OPERATIONS_NAME "bitlatheCudaOperations"
}
