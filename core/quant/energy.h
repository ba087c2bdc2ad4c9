// SPDX-License-Identifier: Apache-2.0
// Energies of rows under a Hessian: the sums of squared outputs that errors in weights cause.
#pragma once

#include "core/base/progress.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace bitlathe::kernels
{
class Backend;
}

namespace bitlathe::quant
{

/// x H x' of every row of x [rows, cols], for a symmetric H [cols, cols] of which only the lower half is read. On all
/// threads, the same for any number of them. After a stop the numbers mean nothing.
std::vector<double> rowEnergies(std::span<const float> x, std::int64_t rows, std::int64_t cols,
                                std::span<const float> hessian, const WorkContext& work = {});

/// A Hessian that many rows are weighed under, as products want it: a quarter of its size. Rows and Hessian are rounded
/// to bf16: energies of errors that came from rounding are right to about a thousandth, which is enough to tell good
/// scales from bad ones. Those of a sweep, which are made to cancel each other, need rowEnergies().
class EnergyForm
{
public:
    /// hessian: as of rowEnergies(); not needed afterwards. device: what computes, which reads all of it; null: the
    /// processor. Throws a model::DeviceError where it has no room, or, as energies() does, fails.
    EnergyForm(std::span<const float> hessian, std::int64_t cols, const kernels::Backend* device = nullptr);

    /// As rowEnergies().
    std::vector<double> energies(std::span<const float> x, std::int64_t rows, const WorkContext& work = {}) const;
    /// What computes; null: the processor.
    const kernels::Backend* device() const;
    /// The same of rows that lie in the device's memory.
    std::vector<double> energiesThere(std::span<const float> x, std::int64_t rows) const;

private:
    struct Prepared;

    std::int64_t m_cols;
    std::shared_ptr<const Prepared> m_prepared;
};

} // namespace bitlathe::quant
