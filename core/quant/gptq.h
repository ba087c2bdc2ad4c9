// SPDX-License-Identifier: Apache-2.0
// GPTQ: columns rounded one after the other, each error made good by the columns still to come.
#pragma once

#include "core/quant/quantizer.h"

namespace bitlathe::quant
{

/// The method of Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ: Accurate Post-Training Quantization for Generative
/// Pre-trained Transformers" (arXiv 2210.17323), section 3, in the form of sequential rounding against a triangular
/// factor of the Hessian (gptqfactor.h). One object for the whole process.
///
/// What it does beyond the paper: scales are rounded to scheme.scaleDType before codes are computed; groups take their
/// scale from corrected weights; from Effort::Normal on scale and zero point are those that leave the least output
/// error when the group is swept with them, and columns are taken in the order of their inputs' energy within what the
/// file can say (arXiv 2505.14638); Effort::Best then goes over scales and codes again while the error falls.
///
/// A Hessian that cannot be factored is damped more (Finding "damping-raised"); where that does not help, and where no
/// token reached the layer, the layer is rounded to nearest (Finding "rounded-to-nearest").
const Quantizer& gptq();

/// SettingInvalid unless damping is above 0 and at most 1, its step above 0, the block size 16 ... 4096.
Result<void> checkGptqOptions(const GptqOptions& options);

} // namespace bitlathe::quant
