// SPDX-License-Identifier: Apache-2.0
// Panels: the layout in which the second factor of a product is walked, see PanelKind.
#pragma once

#include "kernels/backend.h"
#include "kernels/cpu/table.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace bitlathe::kernels::cpu
{

/// Bytes of one panel.
std::int64_t panelBytes(PanelKind kind, std::int64_t depth, std::int64_t width);

/// Element (k, col) of the panel is element k of row col: weights [outputs, inputs], keys [tokens, dims].
/// rows: bytes of row 0, others strideBytes apart; cols <= width of them exist, the rest of the panel is zero.
struct RowsSource
{
    ScalarType type = ScalarType::F32;
    const std::byte* rows = nullptr;
    std::int64_t strideBytes = 0;
    std::int64_t cols = 0;
};
void packPanel(PanelKind kind, const RowsSource& source, std::int64_t depth, std::int64_t width, void* panel);

/// Element (k, col) of the panel is source[k * stride + col]; depthFilled <= depth rows exist, the rest is zero.
/// kind: F32 or Bf16Dot.
struct ColumnsSource
{
    const float* source = nullptr;
    std::int64_t stride = 0;
    std::int64_t depthFilled = 0;
    std::int64_t cols = 0;
};
void packPanel(PanelKind kind, const ColumnsSource& source, std::int64_t depth, std::int64_t width, void* panel);

/// A value rounded to bf16 and kept as f32.
float roundedToBf16(float value);

/// Memory aligned to cache lines, in large pages where the system grants them; not initialized.
class AlignedBuffer
{
public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t bytes);
    std::byte* data() const { return m_data.get(); }
    std::size_t size() const { return m_size; }
    /// Grows to at least bytes, content lost; never shrinks.
    void reserve(std::size_t bytes);

private:
    struct Free
    {
        void operator()(std::byte* p) const;
    };
    std::unique_ptr<std::byte, Free> m_data;
    std::size_t m_size = 0;
};

} // namespace bitlathe::kernels::cpu
