// SPDX-License-Identifier: Apache-2.0
// Energies on a device: products with the whole Hessian, and their dots with the rows.
#include "core/quant/deviceenergy.h"

#include <algorithm>
#include <iterator>

namespace bitlathe::quant
{

namespace
{

/// Products of so many rows are held at once: enough for products at full speed.
constexpr std::int64_t kProductRows = 2048;

} // namespace

const kernels::Backend& backendOf(const kernels::Backend* device)
{
    return device != nullptr && !device->memory().isHost() ? *device : kernels::cpuBackend();
}

DeviceHessian::DeviceHessian(const calibrate::InputStats& stats, const kernels::Backend& device)
    : m_stats(&stats),
      m_device(device),
      m_values(device.memory(), stats.hessian),
      m_prepared(device.prepareInPlace(m_values.span(), stats.features, stats.features))
{
    if (!m_prepared) {
        throw model::DeviceError::of(device.memory(), stats.hessian.size() * sizeof(float));
    }
}

std::shared_ptr<const DeviceHessian> deviceHessian(const LayerInput& input, const kernels::Backend& device)
{
    std::any unused;
    std::any& kept = input.shared != nullptr ? input.shared->hessian : unused;
    if (const auto* known = std::any_cast<std::shared_ptr<const DeviceHessian>>(&kept)) {
        if ((*known)->stats() == input.stats && &(*known)->device() == &device) {
            return *known;
        }
    }
    if (input.shared != nullptr) {
        *input.shared = {}; // Before the next one is made: a factor of the last one is as large, too.
    }
    auto made = std::make_shared<const DeviceHessian>(*input.stats, device);
    kept = made;
    return made;
}

std::vector<double> deviceEnergies(std::span<const float> x, std::int64_t rows, const kernels::PreparedWeights& hessian,
                                   const kernels::Backend& device)
{
    const kernels::Memory& memory = device.memory();
    const std::int64_t cols = hessian.inputs();
    const std::int64_t most = std::min(rows, kProductRows);
    const auto products = roomFor<float>(memory, static_cast<std::size_t>(most * cols));
    const auto sums = roomFor<double>(memory, static_cast<std::size_t>(rows));
    for (std::int64_t first = 0; first < rows; first += most) {
        const std::int64_t count = std::min(most, rows - first);
        const auto part = x.subspan(static_cast<std::size_t>(first * cols), static_cast<std::size_t>(count * cols));
        const auto y = products.span().first(part.size());
        device.gemm(part, count, hessian, {}, y);
        device.dotRows(part, y, cols,
                       sums.span().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
    }
    std::vector<double> energies(static_cast<std::size_t>(rows));
    fetch<double>(memory, sums, energies);
    return energies;
}

namespace
{

/// Sums of squares of rows that lie on the device; as kernels::squareSums().
std::vector<double> deviceSquares(std::span<const float> x, std::int64_t rows, const kernels::Backend& device)
{
    const auto sums = roomFor<double>(device.memory(), static_cast<std::size_t>(rows));
    device.dotRows(x, x, static_cast<std::int64_t>(x.size()) / rows, sums.span());
    std::vector<double> squares(static_cast<std::size_t>(rows));
    fetch<double>(device.memory(), sums, squares);
    return squares;
}

void append(std::vector<double>& all, const std::vector<double>& more)
{
    all.insert(all.end(), more.begin(), more.end());
}

} // namespace

void addEnergies(std::span<const float> weights, std::span<const float> differences, std::int64_t rows,
                 const DeviceHessian& hessian, RowEnergies& energies)
{
    const kernels::Backend& device = hessian.device();
    append(energies.differences, deviceEnergies(differences, rows, hessian.prepared(), device));
    append(energies.originals, deviceEnergies(weights, rows, hessian.prepared(), device));
    const auto ofDifferences = deviceSquares(differences, rows, device);
    const auto ofWeights = deviceSquares(weights, rows, device);
    std::ranges::transform(ofDifferences, ofWeights, std::back_inserter(energies.squares),
                           [](double difference, double original) {
                               return kernels::SquareSums{difference, original};
                           });
}

std::vector<double> movedEnergies(std::span<const float> x, std::int64_t rows, const kernels::PreparedWeights& hessian,
                                  const kernels::Backend& device, const WorkContext& work)
{
    const std::int64_t cols = hessian.inputs();
    const std::int64_t most = std::min(rows, kProductRows);
    const auto there = roomFor<float>(device.memory(), static_cast<std::size_t>(most * cols));
    std::vector<double> energies;
    for (std::int64_t first = 0; first < rows && !work.stopRequested(); first += most) {
        const std::int64_t count = std::min(most, rows - first);
        const auto part = there.span().first(static_cast<std::size_t>(count * cols));
        model::uploadTo(device.memory(), x.subspan(static_cast<std::size_t>(first * cols), part.size()), part);
        const std::vector<double> found = deviceEnergies(part, count, hessian, device);
        energies.insert(energies.end(), found.begin(), found.end());
    }
    energies.resize(static_cast<std::size_t>(rows));
    return energies;
}

} // namespace bitlathe::quant
