// SPDX-License-Identifier: Apache-2.0
// Opens cuBLASLt and multiplies with it.
#include "kernels/cuda/blas.h"

#include <array>

#include <dlfcn.h>

namespace bitlathe::cuda
{

namespace
{

constexpr std::array kLibraryNames{"libcublasLt.so.13", "/usr/local/cuda/lib64/libcublasLt.so.13"};

template <typename Function>
bool find(void* library, const char* name, Function& function)
{
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

/// The largest power of two, up to 256, that divides an address.
std::uint32_t alignmentOf(const void* pointer)
{
    const auto address = reinterpret_cast<std::uintptr_t>(pointer) | 256U;
    return static_cast<std::uint32_t>(address & (~address + 1));
}

} // namespace

/// The descriptors of one product.
struct Blas::Described
{
    explicit Described(const Functions& table) : functions(table) {}
    Described(const Described&) = delete;
    Described& operator=(const Described&) = delete;
    ~Described()
    {
        functions.descDestroy(operation);
        functions.layoutDestroy(a);
        functions.layoutDestroy(b);
        functions.layoutDestroy(c);
    }

    const Functions& functions;
    cublasLtMatmulDesc_t operation = nullptr;
    cublasLtMatrixLayout_t a = nullptr;
    cublasLtMatrixLayout_t b = nullptr;
    cublasLtMatrixLayout_t c = nullptr;
};

Blas::~Blas()
{
    if (m_handle != nullptr) {
        m_functions.destroy(m_handle);
    }
}

std::string Blas::load()
{
    void* library = nullptr;
    std::string message;
    for (const char* name : kLibraryNames) {
        library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        if (library != nullptr) {
            break;
        }
        const char* said = dlerror();
        message = message.empty() && said != nullptr ? said : message;
    }
    if (library == nullptr) {
        return message;
    }
    Functions& f = m_functions;
    const bool complete = find(library, "cublasLtCreate", f.create) && find(library, "cublasLtDestroy", f.destroy) &&
                          find(library, "cublasLtGetStatusString", f.statusString) &&
                          find(library, "cublasLtMatmulDescCreate", f.descCreate) &&
                          find(library, "cublasLtMatmulDescDestroy", f.descDestroy) &&
                          find(library, "cublasLtMatmulDescSetAttribute", f.descSet) &&
                          find(library, "cublasLtMatrixLayoutCreate", f.layoutCreate) &&
                          find(library, "cublasLtMatrixLayoutDestroy", f.layoutDestroy) &&
                          find(library, "cublasLtMatmulPreferenceCreate", f.preferenceCreate) &&
                          find(library, "cublasLtMatmulPreferenceDestroy", f.preferenceDestroy) &&
                          find(library, "cublasLtMatmulPreferenceSetAttribute", f.preferenceSet) &&
                          find(library, "cublasLtMatmulAlgoGetHeuristic", f.heuristic) &&
                          find(library, "cublasLtMatmul", f.matmul);
    return complete ? std::string() : "libcublasLt.so.13 lacks a function of its version 13";
}

std::string Blas::start()
{
    return said(m_functions.create(&m_handle));
}

std::string Blas::said(cublasStatus_t status) const
{
    return status == CUBLAS_STATUS_SUCCESS ? std::string()
                                           : std::string("cuBLASLt: ") + m_functions.statusString(status);
}

std::string Blas::describe(const Product& product, Described& out) const
{
    const cudaDataType_t type = product.bf16 ? CUDA_R_16BF : CUDA_R_32F;
    const cublasOperation_t opA = product.transposeA ? CUBLAS_OP_T : CUBLAS_OP_N;
    const cublasOperation_t opB = product.transposeB ? CUBLAS_OP_T : CUBLAS_OP_N;
    const auto layout = [&](cublasLtMatrixLayout_t& made, cudaDataType_t values, std::int64_t rows, std::int64_t cols,
                            std::int64_t stride) {
        return m_functions.layoutCreate(&made, values, static_cast<std::uint64_t>(rows),
                                        static_cast<std::uint64_t>(cols), stride);
    };
    cublasStatus_t status = m_functions.descCreate(&out.operation, CUBLAS_COMPUTE_32F, CUDA_R_32F);
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = m_functions.descSet(out.operation, CUBLASLT_MATMUL_DESC_TRANSA, &opA, sizeof(opA));
    }
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = m_functions.descSet(out.operation, CUBLASLT_MATMUL_DESC_TRANSB, &opB, sizeof(opB));
    }
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = layout(out.a, type, product.transposeA ? product.k : product.m,
                        product.transposeA ? product.m : product.k, product.strideA);
    }
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = layout(out.b, type, product.transposeB ? product.n : product.k,
                        product.transposeB ? product.k : product.n, product.strideB);
    }
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = layout(out.c, CUDA_R_32F, product.m, product.n, product.strideC);
    }
    return said(status);
}

std::string Blas::choose(const Product& product, const Described& described, std::uint64_t workspaceBytes,
                         cublasLtMatmulAlgo_t& algorithm)
{
    const std::array<std::uint32_t, 3> alignments{alignmentOf(product.a), alignmentOf(product.b),
                                                  alignmentOf(product.c)};
    const Key key{product.bf16,    product.transposeA, product.transposeB, product.m,     product.n,     product.k,
                  product.strideA, product.strideB,    product.strideC,    alignments[0], alignments[1], alignments[2]};
    if (const auto known = m_algorithms.find(key); known != m_algorithms.end()) {
        algorithm = known->second;
        return {};
    }
    cublasLtMatmulPreference_t preference = nullptr;
    cublasStatus_t status = m_functions.preferenceCreate(&preference);
    const auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
        if (status == CUBLAS_STATUS_SUCCESS) {
            status = m_functions.preferenceSet(preference, attribute, &value, sizeof(value));
        }
    };
    set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspaceBytes);
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignments[0]);
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignments[1]);
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignments[2]);
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignments[2]);
    cublasLtMatmulHeuristicResult_t result = {};
    int found = 0;
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = m_functions.heuristic(m_handle, described.operation, described.a, described.b, described.c,
                                       described.c, preference, 1, &result, &found);
    }
    m_functions.preferenceDestroy(preference);
    if (status == CUBLAS_STATUS_SUCCESS && found == 0) {
        status = CUBLAS_STATUS_NOT_SUPPORTED;
    }
    if (status == CUBLAS_STATUS_SUCCESS) {
        algorithm = result.algo;
        m_algorithms.emplace(key, algorithm);
    }
    return said(status);
}

std::string Blas::multiply(const Product& product, void* workspace, std::uint64_t workspaceBytes, cudaStream_t stream)
{
    Described described(m_functions);
    if (std::string failure = describe(product, described); !failure.empty()) {
        return failure;
    }
    cublasLtMatmulAlgo_t algorithm = {};
    if (std::string failure = choose(product, described, workspaceBytes, algorithm); !failure.empty()) {
        return failure;
    }
    const float alpha = 1.0F;
    return said(m_functions.matmul(m_handle, described.operation, &alpha, product.a, described.a, product.b,
                                   described.b, &product.beta, product.c, described.c, product.c, described.c,
                                   &algorithm, workspace, workspaceBytes, stream));
}

} // namespace bitlathe::cuda
