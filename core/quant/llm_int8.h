// SPDX-License-Identifier: Apache-2.0
// LLM.int8() (arXiv 2208.07339): weights of 8 bits by rows, inputs of 8 bits by tokens, outlier channels in half
// precision.
#pragma once

#include "core/model/linear.h"
#include "core/quant/quantizer.h"

#include <memory>

namespace bitlathe::quant
{

/// The method itself; one object for the whole process.
const Quantizer& llmInt8();

/// Rounds weights [rows, cols] to f16, then each row to 127 steps of its largest, on all threads, as bitsandbytes does
/// (functional.int8_vectorwise_quant). name is the subject of errors: WeightsNotFinite, Cancelled.
Result<QuantizedTensor> encodeInt8Rows(std::span<const float> weights, std::int64_t rows, std::int64_t cols,
                                       const Scheme& scheme, const std::string& name, const WorkContext& work);

/// A Linear over 8-bit codes that rounds inputs as LLM.int8() does: elements of the threshold and above are left out of
/// a token's scale, and channels in which any token of the call has one are multiplied in full precision by the
/// dequantized weights, for all tokens of the call. So a token's output depends a little on the tokens that run beside
/// it.
std::unique_ptr<model::Linear> makeInt8Linear(std::shared_ptr<const QuantizedTensor> tensor, std::vector<float> bias,
                                              model::Compute compute);

class InputNoise;

/// What a threshold does to a layer.
struct OutlierEstimate
{
    std::int64_t columns = 0; ///< Input channels that reach the threshold in the calibration text.
    double share = 0;         ///< Of all channels.
    double loss = 0;          ///< Squared output error per token, from rounded weights and inputs.
    double relativeError = 0; ///< Loss relative to the output's energy.
};

/// Answers for any threshold from statistics, without the texts: made once for a layer, asked while a slider moves.
class OutlierWhatIf
{
public:
    /// weights: [out, in]; result: what llmInt8() made of them with these statistics, which must hold a Hessian.
    OutlierWhatIf(std::span<const float> weights, const LayerResult& result, const calibrate::InputStats& stats);

    OutlierEstimate at(double threshold) const;

private:
    std::vector<float> m_largest; ///< |x| of each channel, ascending.
    std::shared_ptr<const InputNoise> m_noise;
    double m_weightLoss = 0;
    double m_outputEnergy = 0;
};

} // namespace bitlathe::quant
