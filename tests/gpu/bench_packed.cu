// SPDX-License-Identifier: Apache-2.0
// Products of packed weights on this machine's GPU: checked against plain loops in double, then timed beside a cold
// read of the same bytes and beside cuBLAS. Prints one JSON document. `bench_packed check` only checks.
//
// Timing: graphs of products whose weights rotate through more than 256 MiB, so that none is left in the L2 cache;
// medians of replays, in microseconds per product, the gap between kernels included.
#include "kernels/cuda/book.h"
#include "kernels/cuda/packed.h"

#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace bitlathe::cuda;

namespace
{

constexpr std::size_t kBytesRotated = std::size_t{288} << 20;
constexpr int kReplays = 15;

void require(cudaError_t error, const char* what, int line)
{
    if (error != cudaSuccess) {
        std::fprintf(stderr, "line %d: %s: %s\n", line, what, cudaGetErrorString(error));
        std::exit(1);
    }
}
#define REQUIRE(call) require((call), #call, __LINE__)

template <typename T>
T* onDevice(const std::vector<T>& values)
{
    T* device = nullptr;
    REQUIRE(cudaMalloc(&device, std::max<std::size_t>(values.size() * sizeof(T), 256)));
    REQUIRE(cudaMemcpy(device, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
    return device;
}

/// What is tried of the ways to pack.
struct Packing
{
    const char* name;
    int bits = 4;
    std::int64_t groupSize = 128;
    bool zeros = false;
    bool offsets = false;
    bool book = false;
    bool scattered = false;
    bool halves = true; ///< Scales exact in f16.
    int zero = -1;      ///< -1: the middle of the codes.
};

/// Random weights that own what their arrays show.
struct Weights
{
    Weights(const Packing& packing, std::int64_t outputs, std::int64_t inputs, unsigned seed)
    {
        std::mt19937 random(seed);
        arrays.outputs = outputs;
        arrays.inputs = inputs;
        arrays.bits = packing.bits;
        arrays.groupSize = packing.groupSize;
        arrays.groups = (inputs + packing.groupSize - 1) / packing.groupSize;
        codes.resize(static_cast<std::size_t>(outputs * ((inputs * packing.bits + 7) / 8)));
        std::generate(codes.begin(), codes.end(), [&] { return static_cast<std::uint8_t>(random()); });
        const auto count = static_cast<std::size_t>(outputs * arrays.groups);
        std::uniform_real_distribution<float> scale(0.001F, 0.02F);
        for (std::size_t i = 0; i < count; ++i) {
            const float value = scale(random);
            scales.push_back(packing.halves ? __half2float(__float2half_rn(value)) : value);
            zeros.push_back(static_cast<std::uint8_t>(random() % (1U << packing.bits)));
            offsets.push_back(scale(random) - 0.01F);
        }
        std::normal_distribution<float> normal;
        for (int i = 0; i < 1 << packing.bits; ++i) {
            book.push_back(packing.bits == 8 ? normal(random) : std::tanh(0.2F * static_cast<float>(i - 8)));
        }
        for (std::int64_t i = 0; i < inputs; ++i) {
            groupIndex.push_back(static_cast<std::int32_t>(i / packing.groupSize));
        }
        std::shuffle(groupIndex.begin(), groupIndex.end(), random);
        arrays.codes = codes.data();
        arrays.scales = scales.data();
        arrays.zero = packing.zero >= 0 ? packing.zero : packing.book ? 0 : 1 << (packing.bits - 1);
        arrays.zeros = packing.zeros ? zeros.data() : nullptr;
        arrays.offsets = packing.offsets ? offsets.data() : nullptr;
        arrays.book = packing.book ? book.data() : nullptr;
        arrays.groupIndex = packing.scattered ? groupIndex.data() : nullptr;
    }

    PackedArrays arrays;
    std::vector<std::uint8_t> codes;
    std::vector<float> scales;
    std::vector<std::uint8_t> zeros;
    std::vector<float> offsets;
    std::vector<float> book;
    std::vector<std::int32_t> groupIndex;
};

/// The specification, one thread per value of y. bound: the sum of absolute products. Weights as they are, and rounded.
__global__ void specified(PackedArrays w, const __nv_bfloat16* x, const float* bias, std::int64_t rows, double* exact,
                          double* rounded, double* bound)
{
    const std::int64_t place = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (place >= rows * w.outputs) {
        return;
    }
    const std::int64_t row = place / w.outputs;
    const std::int64_t output = place % w.outputs;
    const std::int64_t bytesRow = (w.inputs * w.bits + 7) / 8;
    double sum = 0;
    double sumRounded = 0;
    double absolute = 0;
    for (std::int64_t input = 0; input < w.inputs; ++input) {
        unsigned code = 0;
        for (int bit = 0; bit < w.bits; ++bit) {
            const std::int64_t at = input * w.bits + bit;
            code |= (w.codes[output * bytesRow + at / 8] >> (at % 8) & 1U) << bit;
        }
        const std::int64_t group = w.groupIndex != nullptr ? w.groupIndex[input] : input / w.groupSize;
        const std::int64_t at = output * w.groups + group;
        const float value = w.book != nullptr ? w.book[code] : static_cast<float>(code);
        const int zero = w.zeros != nullptr ? w.zeros[at] : w.zero;
        const float product = (value - static_cast<float>(zero)) * w.scales[at];
        const float weight = w.offsets != nullptr ? product - w.offsets[at] : product;
        const double factor = __bfloat162float(x[row * w.inputs + input]);
        sum += weight * factor;
        sumRounded += __bfloat162float(__float2bfloat16_rn(weight)) * factor;
        absolute += std::abs(weight * factor);
    }
    const double added = bias != nullptr ? bias[output] : 0.0;
    exact[place] = sum + added;
    rounded[place] = sumRounded + added;
    bound[place] = absolute + std::abs(added);
}

struct Prepared
{
    PackedLayout layout;
    void* memory = nullptr;
};

Prepared prepared(const Weights& weights)
{
    Prepared result;
    const std::size_t bytes = packedBytes(weights.arrays);
    REQUIRE(cudaMalloc(&result.memory, bytes));
    REQUIRE(packedPrepare(weights.arrays, result.memory, nullptr, &result.layout));
    if (result.layout.bytes != bytes) {
        std::fprintf(stderr, "packedBytes: %zu, written %zu\n", bytes, result.layout.bytes);
        std::exit(1);
    }
    return result;
}

std::vector<__nv_bfloat16> normalBf16(std::int64_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<__nv_bfloat16> values(static_cast<std::size_t>(count));
    std::generate(values.begin(), values.end(), [&] { return __float2bfloat16_rn(normal(random)); });
    return values;
}

bool g_first = true;

void printRow(const std::string& row)
{
    std::printf("%s  {%s}", g_first ? "" : ",\n", row.c_str());
    g_first = false;
}

/// Largest error relative to the sum of absolute products, against weights as they are and rounded to bf16.
struct Error
{
    double exact = 0;
    double rounded = 0;
};

Error errorOf(const std::vector<float>& y, const std::vector<double> (&truth)[3])
{
    Error error;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double exact = std::abs(y[i] - truth[0][i]) / truth[2][i];
        const double rounded = std::abs(y[i] - truth[1][i]) / truth[2][i];
        error.exact = std::isnan(y[i]) ? INFINITY : std::max(error.exact, exact);
        error.rounded = std::isnan(y[i]) ? INFINITY : std::max(error.rounded, rounded);
    }
    return error;
}

bool check(const Packing& packing, std::int64_t outputs, std::int64_t inputs,
           const std::vector<std::int64_t>& rowCounts)
{
    Weights weights(packing, outputs, inputs, 7);
    Prepared made = prepared(weights);
    PackedArrays arrays = weights.arrays;
    arrays.codes = onDevice(weights.codes);
    arrays.scales = onDevice(weights.scales);
    arrays.zeros = packing.zeros ? onDevice(weights.zeros) : nullptr;
    arrays.offsets = packing.offsets ? onDevice(weights.offsets) : nullptr;
    arrays.book = packing.book ? onDevice(weights.book) : nullptr;
    arrays.groupIndex = packing.scattered ? onDevice(weights.groupIndex) : nullptr;
    std::vector<float> bias(static_cast<std::size_t>(outputs));
    for (std::size_t i = 0; i < bias.size(); ++i) {
        bias[i] = 0.01F * static_cast<float>(i % 17);
    }
    const float* biasDevice = onDevice(bias);
    bool good = true;
    for (const std::int64_t rows : rowCounts) {
        const auto count = static_cast<std::size_t>(rows * outputs);
        __nv_bfloat16* x = onDevice(normalBf16(rows * inputs, static_cast<unsigned>(rows)));
        double* truthDevice[3];
        std::vector<double> truth[3];
        for (auto& at : truthDevice) {
            at = onDevice(std::vector<double>(count));
        }
        specified<<<static_cast<unsigned>((count + 255) / 256), 256>>>(arrays, x, biasDevice, rows, truthDevice[0],
                                                                       truthDevice[1], truthDevice[2]);
        for (int i = 0; i < 3; ++i) {
            truth[i].resize(count);
            REQUIRE(cudaMemcpy(truth[i].data(), truthDevice[i], count * sizeof(double), cudaMemcpyDeviceToHost));
            REQUIRE(cudaFree(truthDevice[i]));
        }
        std::vector<float> y(count, NAN);
        float* yDevice = onDevice(y);
        void* workspace = nullptr;
        REQUIRE(cudaMalloc(&workspace, packedWorkspace(made.layout, rows, true) + 256));
        PackedInput input{x, false, rows, true, workspace};
        const PackedOutput output{&made.layout, biasDevice, yDevice};
        REQUIRE(packedMatmul({&output, 1}, input, nullptr));
        REQUIRE(cudaMemcpy(y.data(), yDevice, count * sizeof(float), cudaMemcpyDeviceToHost));
        std::vector<float> again(count);
        REQUIRE(packedMatmul({&output, 1}, input, nullptr));
        REQUIRE(cudaMemcpy(again.data(), yDevice, count * sizeof(float), cudaMemcpyDeviceToHost));
        bool same = std::memcmp(y.data(), again.data(), count * sizeof(float)) == 0;
        // From x in f32 the same bytes.
        std::vector<float> wide;
        for (const __nv_bfloat16 value : normalBf16(rows * inputs, static_cast<unsigned>(rows))) {
            wide.push_back(__bfloat162float(value));
        }
        float* wideDevice = onDevice(wide);
        input.x = wideDevice;
        input.xFloat = true;
        REQUIRE(packedMatmul({&output, 1}, input, nullptr));
        REQUIRE(cudaMemcpy(again.data(), yDevice, count * sizeof(float), cudaMemcpyDeviceToHost));
        REQUIRE(cudaFree(wideDevice));
        same = same && std::memcmp(y.data(), again.data(), count * sizeof(float)) == 0;
        const Error error = errorOf(y, truth);
        // Integers of few rows are multiplied as they are; books and many rows round weights to bf16, to 2^-8 of each.
        const bool rounds = rows > 16 || packing.book;
        const bool ok = same && (rounds ? error.exact < 1.0 / 256 + 4e-5 : error.exact < 4e-5);
        good = good && ok;
        char text[256];
        std::snprintf(
            text, sizeof(text),
            R"("check": "%s", "outputs": %lld, "inputs": %lld, "rows": %lld, "error": %.2e, "rounded": %.2e, "same": %d, "ok": %d)",
            packing.name, static_cast<long long>(outputs), static_cast<long long>(inputs), static_cast<long long>(rows),
            error.exact, error.rounded, same, ok);
        if (!ok || std::getenv("BENCH_VERBOSE") != nullptr) {
            printRow(text);
        }
        for (void* block : {static_cast<void*>(x), static_cast<void*>(yDevice), workspace}) {
            REQUIRE(cudaFree(block));
        }
    }
    REQUIRE(cudaFree(made.memory));
    return good;
}

/// Median microseconds of one of `count` calls of work, captured as a graph.
double timed(int count, const std::function<void(int, cudaStream_t)>& work)
{
    cudaStream_t stream = nullptr;
    REQUIRE(cudaStreamCreate(&stream));
    cudaGraph_t graph = nullptr;
    REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    for (int i = 0; i < count; ++i) {
        work(i, stream);
    }
    REQUIRE(cudaStreamEndCapture(stream, &graph));
    cudaGraphExec_t run = nullptr;
    REQUIRE(cudaGraphInstantiate(&run, graph, 0));
    cudaEvent_t begin = nullptr;
    cudaEvent_t end = nullptr;
    REQUIRE(cudaEventCreate(&begin));
    REQUIRE(cudaEventCreate(&end));
    std::vector<double> times;
    for (int replay = 0; replay < kReplays + 2; ++replay) {
        REQUIRE(cudaEventRecord(begin, stream));
        REQUIRE(cudaGraphLaunch(run, stream));
        REQUIRE(cudaEventRecord(end, stream));
        REQUIRE(cudaEventSynchronize(end));
        float ms = 0;
        REQUIRE(cudaEventElapsedTime(&ms, begin, end));
        if (replay >= 2) {
            times.push_back(1000.0 * ms / count);
        }
    }
    std::sort(times.begin(), times.end());
    REQUIRE(cudaGraphExecDestroy(run));
    REQUIRE(cudaGraphDestroy(graph));
    REQUIRE(cudaStreamDestroy(stream));
    return times[times.size() / 2];
}

/// Reads everything once with 16 bytes per load, several under way.
__global__ void __launch_bounds__(512) readAll(const uint4* data, std::int64_t count, unsigned* out)
{
    unsigned sum = 0;
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
#pragma unroll 8
    for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
        const uint4 v = __ldcs(data + i);
        sum += v.x ^ v.y ^ v.z ^ v.w;
    }
    if (sum == 0x12345678U) {
        *out = sum;
    }
}

struct Copies
{
    std::vector<PackedLayout> layouts;
    char* memory = nullptr;
    std::size_t stride = 0;
};

Copies copiesOf(const Prepared& made)
{
    Copies copies;
    copies.stride = (made.layout.bytes + 255) / 256 * 256;
    const std::size_t count = kBytesRotated / copies.stride + 1;
    REQUIRE(cudaMalloc(&copies.memory, count * copies.stride));
    for (std::size_t i = 0; i < count; ++i) {
        char* at = copies.memory + i * copies.stride;
        REQUIRE(cudaMemcpy(at, made.memory, made.layout.bytes, cudaMemcpyDeviceToDevice));
        const auto moved = [&](auto* pointer) {
            return pointer == nullptr
                       ? pointer
                       : reinterpret_cast<decltype(pointer)>(
                             at + (reinterpret_cast<const char*>(pointer) - static_cast<char*>(made.memory)));
        };
        PackedLayout layout = made.layout;
        layout.codes = moved(layout.codes);
        layout.scales = moved(layout.scales);
        layout.gather = moved(layout.gather);
        layout.book = moved(layout.book);
        copies.layouts.push_back(layout);
    }
    return copies;
}

double cublasTime(std::int64_t outputs, std::int64_t inputs, std::int64_t rows, const __nv_bfloat16* x,
                  __nv_bfloat16* y)
{
    static cublasHandle_t handle = nullptr;
    static void* workspace = nullptr;
    static __nv_bfloat16* weights = nullptr;
    const auto bytes = static_cast<std::size_t>(outputs * inputs) * 2;
    const std::size_t most = kBytesRotated + (std::size_t{128} << 20);
    if (handle == nullptr) {
        cublasCreate(&handle);
        REQUIRE(cudaMalloc(&workspace, 64 << 20));
        cublasSetWorkspace(handle, workspace, 64 << 20);
        weights = onDevice(normalBf16(static_cast<std::int64_t>(most / 2), 3));
    }
    const int count = static_cast<int>(kBytesRotated / bytes) + 1;
    return timed(count, [&](int i, cudaStream_t stream) {
        cublasSetStream(handle, stream);
        cublasSetWorkspace(handle, workspace, 64 << 20);
        const float one = 1.0F;
        const float none = 0.0F;
        cublasGemmEx(handle, CUBLAS_OP_T, CUBLAS_OP_N, static_cast<int>(outputs), static_cast<int>(rows),
                     static_cast<int>(inputs), &one, weights + i * outputs * inputs, CUDA_R_16BF,
                     static_cast<int>(inputs), x, CUDA_R_16BF, static_cast<int>(inputs), &none, y, CUDA_R_16BF,
                     static_cast<int>(outputs), CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
    });
}

void measure(const Packing& packing, std::int64_t outputs, std::int64_t inputs,
             const std::vector<std::int64_t>& rowCounts)
{
    Prepared made = prepared(Weights(packing, outputs, inputs, 11));
    const Copies copies = copiesOf(made);
    const int count = std::max(24, static_cast<int>(copies.layouts.size()));
    const std::int64_t mostRows = *std::max_element(rowCounts.begin(), rowCounts.end());
    __nv_bfloat16* x = onDevice(normalBf16(mostRows * inputs, 5));
    __nv_bfloat16* y = nullptr;
    void* workspace = nullptr;
    REQUIRE(cudaMalloc(&y, static_cast<std::size_t>(mostRows * outputs) * 2));
    REQUIRE(cudaMalloc(&workspace, packedWorkspace(made.layout, mostRows, false) + 256));
    const double read = timed(count, [&](int i, cudaStream_t stream) {
        readAll<<<132 * 4, 512, 0, stream>>>(
            reinterpret_cast<const uint4*>(copies.memory + (i % copies.layouts.size()) * copies.stride),
            static_cast<std::int64_t>(made.layout.bytes / 16), static_cast<unsigned*>(workspace));
    });
    for (const std::int64_t rows : rowCounts) {
        const double us = timed(count, [&](int i, cudaStream_t stream) {
            const PackedOutput output{&copies.layouts[static_cast<std::size_t>(i) % copies.layouts.size()], nullptr, y};
            REQUIRE(packedMatmul({&output, 1}, {x, false, rows, false, workspace}, stream));
        });
        const double dense = cublasTime(outputs, inputs, rows, x, y);
        char text[400];
        std::snprintf(
            text, sizeof(text),
            R"("time": "%s", "inputs": %lld, "outputs": %lld, "rows": %lld, "us": %.2f, "read_us": %.2f, "share_of_read": %.2f, "cublas_us": %.2f, "against_cublas": %.2f, "tflops": %.0f)",
            packing.name, static_cast<long long>(inputs), static_cast<long long>(outputs), static_cast<long long>(rows),
            us, read, read / us, dense, dense / us, 2e-6 * static_cast<double>(rows * inputs * outputs) / us);
        printRow(text);
    }
    REQUIRE(cudaFree(x));
    REQUIRE(cudaFree(y));
    REQUIRE(cudaFree(workspace));
    REQUIRE(cudaFree(copies.memory));
    REQUIRE(cudaFree(made.memory));
}

/// A book whose codes are in no order, or in ascending order.
Book16 bookOf(bool ordered)
{
    Book16 book = {};
    std::vector<int> codes(16);
    std::iota(codes.begin(), codes.end(), 0);
    if (!ordered) {
        std::shuffle(codes.begin(), codes.end(), std::mt19937(3));
    }
    for (int place = 0; place < 16; ++place) {
        book.codes[place] = static_cast<std::uint8_t>(codes[static_cast<std::size_t>(place)]);
        book.values[book.codes[place]] = std::tanh(0.2F * static_cast<float>(place - 8)) / std::tanh(1.6F);
    }
    for (int place = 0; place < 15; ++place) {
        book.limits[place] = (book.values[book.codes[place]] + book.values[book.codes[place + 1]]) / 2.0F;
    }
    book.limits[15] = INFINITY;
    return book;
}

/// Codes, scales and values against plain loops, to the bit.
bool checkBook(bool ordered, std::int64_t count, std::int64_t blockSize)
{
    const Book16 book = bookOf(ordered);
    const std::vector<__nv_bfloat16> values = normalBf16(count, 9);
    const std::int64_t blocks = (count + blockSize - 1) / blockSize;
    std::vector<float> scales(static_cast<std::size_t>(blocks));
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(count / 2));
    std::vector<__nv_bfloat16> back(values.size());
    const __nv_bfloat16* valuesDevice = onDevice(values);
    float* scalesDevice = onDevice(scales);
    std::uint8_t* codesDevice = onDevice(codes);
    __nv_bfloat16* backDevice = onDevice(back);
    REQUIRE(encodeBook16(valuesDevice, ValueType::Bf16, count, blockSize, book, scalesDevice, codesDevice, nullptr));
    REQUIRE(decodeBook16(codesDevice, scalesDevice, count, blockSize, book, ValueType::Bf16, backDevice, nullptr));
    REQUIRE(cudaMemcpy(scales.data(), scalesDevice, scales.size() * 4, cudaMemcpyDeviceToHost));
    REQUIRE(cudaMemcpy(codes.data(), codesDevice, codes.size(), cudaMemcpyDeviceToHost));
    REQUIRE(cudaMemcpy(back.data(), backDevice, back.size() * 2, cudaMemcpyDeviceToHost));
    std::int64_t wrong = 0;
    for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t last = std::min(count, (block + 1) * blockSize);
        float largest = 0.0F;
        for (std::int64_t i = block * blockSize; i < last; ++i) {
            largest = std::max(largest, std::abs(__bfloat162float(values[static_cast<std::size_t>(i)])));
        }
        const float scale = scales[static_cast<std::size_t>(block)];
        wrong += scale != largest;
        for (std::int64_t i = block * blockSize; i < last; ++i) {
            const float value = __bfloat162float(values[static_cast<std::size_t>(i)]) * (1.0F / largest);
            int place = 0;
            while (place < 15 && value > book.limits[place]) {
                ++place;
            }
            const int code = codes[static_cast<std::size_t>(i / 2)] >> (4 * (i % 2)) & 15;
            const float expected = __bfloat162float(__float2bfloat16_rn(book.values[code] * scale));
            wrong += code != book.codes[place] || __bfloat162float(back[static_cast<std::size_t>(i)]) != expected;
        }
    }
    if (wrong != 0) {
        printRow(R"("check": "book", "block": )" + std::to_string(blockSize) + R"(, "wrong": )" +
                 std::to_string(wrong));
    }
    return wrong == 0;
}

/// Encoding and decoding 4096 x 11008 values of f16 in blocks of 64.
void measureBook()
{
    constexpr std::int64_t count = std::int64_t{4096} * 11008;
    constexpr int copies = 4;
    const Book16 book = bookOf(true);
    std::vector<__half> values(static_cast<std::size_t>(count));
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::generate(values.begin(), values.end(), [&] { return __float2half_rn(normal(random)); });
    __half* valuesDevice[copies];
    float* scales[copies];
    std::uint8_t* codes[copies];
    for (int i = 0; i < copies; ++i) {
        valuesDevice[i] = onDevice(values);
        REQUIRE(cudaMalloc(&scales[i], count / 64 * 4));
        REQUIRE(cudaMalloc(&codes[i], count / 2));
    }
    const double encoding = timed(copies, [&](int i, cudaStream_t stream) {
        REQUIRE(encodeBook16(valuesDevice[i], ValueType::F16, count, 64, book, scales[i], codes[i], stream));
    });
    const double decoding = timed(copies, [&](int i, cudaStream_t stream) {
        REQUIRE(decodeBook16(codes[i], scales[i], count, 64, book, ValueType::F16, valuesDevice[i], stream));
    });
    char text[200];
    std::snprintf(
        text, sizeof(text),
        R"("time": "book of 16, f16, blocks of 64", "encode_us": %.1f, "encode_TBs": %.2f, "decode_us": %.1f, "decode_TBs": %.2f)",
        encoding, 2e-6 * count / encoding, decoding, 2e-6 * count / decoding);
    printRow(text);
    for (int i = 0; i < copies; ++i) {
        REQUIRE(cudaFree(valuesDevice[i]));
        REQUIRE(cudaFree(scales[i]));
        REQUIRE(cudaFree(codes[i]));
    }
}

const Packing kPlain{"int4 g128"};

bool checkAll()
{
    const std::vector<std::int64_t> odd = {1, 3, 8, 9, 16, 17, 64, 100, 300};
    bool good = true;
    const auto add = [&](const Packing& packing, std::int64_t outputs, std::int64_t inputs) {
        good = check(packing, outputs, inputs, odd) && good;
    };
    for (int bits = 1; bits <= 8; ++bits) {
        for (const std::int64_t group : {16, 32, 64, 128, 256, 1000}) {
            static std::vector<std::string> names;
            names.push_back("bits " + std::to_string(bits) + " g" + std::to_string(group));
            const std::string name = names.back();
            add({name.c_str(), bits, group}, 200, 1024);
            add({(name + " zeros").c_str(), bits, group, true}, 72, 640);
        }
        add({"inexact scales", bits, 128, true, false, false, false, false}, 100, 1152);
        add({"scattered", bits, 64, true, false, false, true}, 50, 1000);
    }
    for (const std::int64_t group : {32, 64, 128}) {
        add({"offsets", 4, group, true, true}, 136, 1024);
        add({"offsets 2 bits", 2, group, false, true}, 136, 1024);
        add({"book", 4, group, false, false, true, false, false}, 136, 1024);
        add({"book with zero", 4, group, true, false, true}, 136, 1024);
        add({"book of 3 bits", 3, group, false, true, true}, 136, 1024);
        add({"book of 8 bits", 8, group, false, false, true}, 136, 1024);
    }
    add({"groups of 100", 4, 100}, 33, 777);
    add({"one input", 4, 128}, 1, 1);
    add({"large zero", 4, 128, false, false, false, false, true, 250}, 16, 512);
    add(kPlain, 4096, 4096);
    add(kPlain, 5000, 2048);
    for (const std::int64_t size : {8, 24, 64, 128, 256, 512, 4096}) {
        good = checkBook(true, 100'000, size) && good;
        good = checkBook(false, 8192, size) && good;
    }
    return good;
}

} // namespace

int main(int argumentCount, char** arguments)
{
    const std::string mode = argumentCount > 1 ? arguments[1] : "all";
    cudaDeviceProp properties = {};
    REQUIRE(cudaGetDeviceProperties(&properties, 0));
    std::printf("{\"device\": \"%s\", \"rows\": [\n", properties.name);
    bool good = true;
    if (mode == "all" || mode == "check") {
        good = checkAll();
    }
    if (mode == "all" || mode == "time") {
        measureBook();
        const std::vector<std::int64_t> few = {1, 2, 4, 8, 16};
        std::vector<std::int64_t> all = few;
        all.insert(all.end(), {32, 64, 128, 256, 1024, 2048});
        for (const auto& [inputs, outputs] : {std::pair{4096, 4096}, std::pair{4096, 11008}, std::pair{11008, 4096}}) {
            measure(kPlain, outputs, inputs, all);
        }
        measure({"int4 g128 zeros", 4, 128, true}, 4096, 4096, {1, 8, 16, 64, 1024});
        measure({"int4 g64", 4, 64}, 4096, 4096, {1, 8, 16});
        measure({"int4 g128 f32 scales", 4, 128, false, false, false, false, false}, 4096, 4096, {1, 8});
        measure({"int4 g128 act-order", 4, 128, false, false, false, true}, 4096, 4096, {1, 8, 1024});
        measure({"int2 g128", 2, 128}, 4096, 4096, {1, 8});
        measure({"int8 g128", 8, 128}, 4096, 4096, {1, 8});
        measure({"nf4 g64", 4, 64, false, false, true, false, false}, 4096, 4096, {1, 8, 64, 1024});
    }
    std::printf("\n], \"checked\": %s}\n", mode == "time" ? "null" : good ? "true" : "false");
    return good ? 0 : 1;
}
