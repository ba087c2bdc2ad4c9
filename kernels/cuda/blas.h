// SPDX-License-Identifier: Apache-2.0
// Blas: matrix products by cuBLASLt, which is opened at run time, so that the plug-in opens where it is not installed.
#pragma once

#include <cublasLt.h>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace bitlathe::cuda
{

/// c = alpha op(a) op(b) + beta c over column-major matrices, as BLAS has it: op(a) is [m, k], op(b) [k, n], c [m, n]
/// in f32. a and b are both f32 or both bf16; sums are in f32 without tf32.
struct Product
{
    bool bf16 = false;
    bool transposeA = false;
    bool transposeB = false;
    std::int64_t m = 0;
    std::int64_t n = 0;
    std::int64_t k = 0;
    const void* a = nullptr;
    std::int64_t strideA = 0; ///< Between columns.
    const void* b = nullptr;
    std::int64_t strideB = 0;
    float* c = nullptr;
    std::int64_t strideC = 0;
    float beta = 0.0F;
};

class Blas
{
public:
    Blas() = default;
    Blas(const Blas&) = delete;
    Blas& operator=(const Blas&) = delete;
    ~Blas();

    /// Opens the library. What is missing, in English; empty: nothing.
    std::string load();
    /// For the current device. As load().
    std::string start();
    /// Queues a product; workspace: of the device. As load().
    std::string multiply(const Product& product, void* workspace, std::uint64_t workspaceBytes, cudaStream_t stream);

private:
    struct Functions
    {
        decltype(&cublasLtCreate) create = nullptr;
        decltype(&cublasLtDestroy) destroy = nullptr;
        decltype(&cublasLtGetStatusString) statusString = nullptr;
        decltype(&cublasLtMatmulDescCreate) descCreate = nullptr;
        decltype(&cublasLtMatmulDescDestroy) descDestroy = nullptr;
        decltype(&cublasLtMatmulDescSetAttribute) descSet = nullptr;
        decltype(&cublasLtMatrixLayoutCreate) layoutCreate = nullptr;
        decltype(&cublasLtMatrixLayoutDestroy) layoutDestroy = nullptr;
        decltype(&cublasLtMatmulPreferenceCreate) preferenceCreate = nullptr;
        decltype(&cublasLtMatmulPreferenceDestroy) preferenceDestroy = nullptr;
        decltype(&cublasLtMatmulPreferenceSetAttribute) preferenceSet = nullptr;
        decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;
        decltype(&cublasLtMatmul) matmul = nullptr;
    };
    struct Described;
    /// All that a choice of algorithm depends on.
    using Key = std::tuple<bool, bool, bool, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                           std::int64_t, std::uint32_t, std::uint32_t, std::uint32_t>;

    std::string describe(const Product& product, Described& out) const;
    std::string choose(const Product& product, const Described& described, std::uint64_t workspaceBytes,
                       cublasLtMatmulAlgo_t& algorithm);
    std::string said(cublasStatus_t status) const;

    Functions m_functions;
    cublasLtHandle_t m_handle = nullptr;
    std::map<Key, cublasLtMatmulAlgo_t> m_algorithms;
};

} // namespace bitlathe::cuda
