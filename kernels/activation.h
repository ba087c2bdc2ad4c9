// SPDX-License-Identifier: Apache-2.0
// Activation: what an mlp puts between its products. Apart, because inner loops include nothing of the standard
// library.
#pragma once

namespace bitlathe::kernels
{

/// x sigmoid(x); x times the normal distribution function, by its tanh formula or exactly; max(x, 0).
enum class Activation { Silu, GeluTanh, Gelu, Relu };

} // namespace bitlathe::kernels
