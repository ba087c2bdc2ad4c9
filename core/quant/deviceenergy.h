// SPDX-License-Identifier: Apache-2.0
// Energies of rows on a device, and what of a layer lies there. All of these throw a model::DeviceError where the
// device has no room or fails.
#pragma once

#include "core/model/values.h"
#include "core/quant/quality.h"
#include "kernels/backend.h"

#include <memory>
#include <span>
#include <vector>

namespace bitlathe::quant
{

/// What computes: the device where it has a memory of its own, else the processor.
const kernels::Backend& backendOf(const kernels::Backend* device);

/// count values in a memory.
template <class T>
kernels::Buffer<T> roomFor(const kernels::Memory& memory, std::size_t count)
{
    auto buffer = kernels::Buffer<T>::allocated(memory, count);
    if (!buffer) {
        throw model::DeviceError::of(memory, count * sizeof(T));
    }
    return *std::move(buffer);
}
template <class T>
void fetch(const kernels::Memory& memory, const kernels::Buffer<T>& buffer, std::span<T> values)
{
    if (!buffer.download(values)) {
        throw model::DeviceError::of(memory, 0);
    }
}

/// A Hessian on a device, for products in f32.
class DeviceHessian
{
public:
    DeviceHessian(const calibrate::InputStats& stats, const kernels::Backend& device);

    const calibrate::InputStats* stats() const { return m_stats; }
    const kernels::Backend& device() const { return m_device; }
    std::span<const float> span() const { return m_values.span(); }
    const kernels::PreparedWeights& prepared() const { return *m_prepared; }

private:
    const calibrate::InputStats* m_stats;
    const kernels::Backend& m_device;
    model::Values m_values;
    std::unique_ptr<kernels::PreparedWeights> m_prepared;
};

/// That of a layer's statistics; kept in input.shared for the next layer of the same. What was kept for others goes
/// first.
std::shared_ptr<const DeviceHessian> deviceHessian(const LayerInput& input, const kernels::Backend& device);

/// x H x' of every row of x [rows, cols], which lies on the device.
std::vector<double> deviceEnergies(std::span<const float> x, std::int64_t rows, const kernels::PreparedWeights& hessian,
                                   const kernels::Backend& device);

/// Appends what rounding did to some rows, whose weights and differences lie on the Hessian's device.
void addEnergies(std::span<const float> weights, std::span<const float> differences, std::int64_t rows,
                 const DeviceHessian& hessian, RowEnergies& energies);

/// Energies of rows of the processor, as many at once as the device holds well.
std::vector<double> movedEnergies(std::span<const float> x, std::int64_t rows, const kernels::PreparedWeights& hessian,
                                  const kernels::Backend& device, const WorkContext& work);

} // namespace bitlathe::quant
