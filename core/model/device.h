// SPDX-License-Identifier: Apache-2.0
// Which device computes, and why it is not the GPU.
#pragma once

#include "core/base/text.h"
#include "kernels/gpu.h"

namespace bitlathe::model
{

/// What was found instead of a GPU that computes, as part of a sentence: "no CUDA plug-in beside the program".
Text whyNoGpu(const kernels::GpuFacts& facts);

} // namespace bitlathe::model
