// SPDX-License-Identifier: Apache-2.0
// The table of operations that the plug-in offers.
#include "kernels/cuda/operations.h"

extern "C" __attribute__((visibility("default"))) const BitlatheCudaTable* bitlatheCudaOperations()
{
    using namespace bitlathe;
    // In the order of the table.
    // clang-format off
    static const BitlatheCudaTable table = {
        cuda::open,
        cuda::close,
        cuda::failure,
        cuda::allocate,
        cuda::release,
        cuda::upload,
        cuda::download,
        cuda::copy,
        cuda::wait,
        cuda::use,
        cuda::prepare,
        cuda::preparePacked,
        cuda::prepareInPlace,
        cuda::weightBytes,
        cuda::releaseWeights,
        cuda::gemmEach,
        cuda::rmsNorm,
        cuda::layerNorm,
        cuda::rope,
        cuda::turn,
        cuda::activate,
        cuda::add,
        cuda::softCap,
        cuda::softmax,
        cuda::pick,
        cuda::widenRows,
        cuda::largest,
        cuda::copyRows,
        cuda::attention,
        cuda::accumulateGram,
        cuda::mirrorLower,
        cuda::accumulateChannels,
        cuda::factorColumns,
        cuda::roundColumns,
        cuda::groupErrors,
        cuda::searchRatios,
        cuda::dotRows,
        cuda::logSumExp,
        cuda::klDivergence,
    };
    // clang-format on
    return &table;
}
