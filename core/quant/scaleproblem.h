// SPDX-License-Identifier: Apache-2.0
// ScaleProblem: what the searches for one group's scales look at, and the objective that they share.
#pragma once

#include "core/quant/smoothing.h"

#include <functional>
#include <vector>

namespace bitlathe::quant
{

/// Turns wanted scales into ones with which folding changes nothing but the last bits of f32: what is stored in full
/// precision and divided (a norm, a bias) must hold the quotient exactly in its own type.
class ScaleSettler
{
public:
    /// One that takes scales as they are.
    ScaleSettler() = default;
    static Result<ScaleSettler> create(const BlockInput& input, const model::ScaleGroup& group);
    void settle(std::span<float> scales) const;

private:
    std::vector<float> m_divided; ///< The norm's weight or the linear's bias; empty: nothing of the kind.
    checkpoint::DType m_dtype = checkpoint::DType::F32;
    bool m_powersOfTwo = false; ///< Weights that stay in full precision are scaled: only their exponents may change.
};

/// Rows of one quantized linear.
struct ProblemPart
{
    std::vector<float> weights; ///< [rows, cols], as in the source.
    std::int64_t rows = 0;
    double share = 1; ///< Rows of the linear for each row here: large linears are judged by evenly spaced rows.
    Scheme scheme;
};

struct ScaleProblem
{
    std::vector<ProblemPart> parts;
    std::int64_t cols = 0;
    const calibrate::InputStats* stats = nullptr; ///< With a Hessian and at least one token.
    ScaleSettler settler;

    /// tr(D H D') / tokens over all parts, with D = W - round(W diag(s)) diag(s)^-1 rounded to nearest.
    double weightLoss(std::span<const float> scales, const WorkContext& work) const;
    /// Largest |w| of each column.
    std::vector<float> columnMaxima() const;
};

/// Reads what the group's problem needs. Errors: those of the source, WeightsNotFinite.
Result<ScaleProblem> makeProblem(const BlockInput& input, const model::ScaleGroup& group);

/// Keeps the best of the scales offered to it, beginning with all ones.
class ScaleSearch
{
public:
    using Objective = std::function<double(std::span<const float>)>;

    ScaleSearch(const ScaleProblem& problem, Objective objective);
    /// Settles the scales and weighs them; true where they are better than all before them.
    bool offer(std::vector<float> scales);
    /// Settles the scales and keeps them, better or not.
    void take(std::vector<float> scales);
    GroupScales result() const { return m_best; }

private:
    const ScaleProblem& m_problem;
    Objective m_objective;
    GroupScales m_best;
};

} // namespace bitlathe::quant
