// SPDX-License-Identifier: Apache-2.0
// ScaleProblem: what the searches for one group's scales look at, and the objective that they share.
#pragma once

#include "core/model/values.h"
#include "core/quant/energy.h"
#include "core/quant/smoothing.h"

#include <functional>
#include <memory>
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
    Result<void> readDivided(const BlockInput& input, const model::ScaleGroup& group);

    std::vector<float> m_divided; ///< The norm's weight or the linear's bias; empty: nothing of the kind.
    checkpoint::DType m_dtype = checkpoint::DType::F32;
    float m_offset = 0;         ///< Is in m_divided and not in what is stored.
    bool m_isNorm = false;      ///< Its relative error is all that counts, however small a value is.
    bool m_powersOfTwo = false; ///< Weights that stay in full precision are scaled: only their exponents may change.
};

/// Rows of one quantized linear.
struct ProblemPart
{
    RawVector<float> weights;                     ///< [rows, cols], as in the source.
    const calibrate::InputStats* stats = nullptr; ///< Of its input; null: no token reached it.
    std::shared_ptr<const EnergyForm> form;       ///< Of their Hessian; null where stats is.
    std::int64_t rows = 0;
    double share = 1; ///< Rows of the linear for each row here: large linears are judged by evenly spaced rows.
    Scheme scheme;
    std::shared_ptr<const model::Values> moved =
        {}; ///< The weights on the form's device; null: it does not round them.

    /// Where the form has a device that rounds such schemes. Throws a model::DeviceError where it has no room.
    void moveToDevice();
};

struct ScaleProblem
{
    std::vector<ProblemPart> parts;
    std::int64_t cols = 0;
    /// Of all inputs of the group together, each token counted once for every expert it reached; with a Hessian and at
    /// least one token. Borrowed where there is one input only.
    std::shared_ptr<const calibrate::InputStats> stats;
    ScaleSettler settler;

    /// The tokens of a part as a share of all.
    double tokenShare(const ProblemPart& part) const;
    /// tr(D H D') over all parts, each with the H of its input, / tokens, with D = W - round(W diag(s)) diag(s)^-1
    /// rounded to nearest; by EnergyForm.
    double weightLoss(std::span<const float> scales, const WorkContext& work) const;
    /// Largest |w| of each column.
    std::vector<float> columnMaxima() const;
};

/// Rows of each linear that scales are judged by, at most, where so many linears share them.
std::int64_t rowsSearched(std::int64_t linears);

/// Statistics of a linear's input that scales can be found from: with a Hessian and at least one token; null: there are
/// none.
const calibrate::InputStats* usableStats(const calibrate::BlockStats& stats, LayerId layer);

/// Reads what the group's problem needs; one of its linears has usable statistics. Errors: those of the source,
/// WeightsNotFinite.
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
