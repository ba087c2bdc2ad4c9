// SPDX-License-Identifier: Apache-2.0
// Pieces of text on their way through the pre-tokenizers, and who takes them.
#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>

namespace bitlathe::text
{

struct Piece
{
    std::string_view text; ///< Valid during the call that hands the piece on.
    bool isFirst = false;  ///< Begins where the whole text begins.
};

/// Refers to a callable that takes a Piece and outlives this. Unlike std::function it never allocates.
class PieceSink
{
public:
    template <typename F>
    requires(!std::same_as<std::remove_cvref_t<F>, PieceSink>)
        PieceSink(F&& callable) // NOLINT: implicit like a function pointer.
        : m_object(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          m_call([](void* object, const Piece& piece) { (*static_cast<std::remove_reference_t<F>*>(object))(piece); })
    {}

    void operator()(const Piece& piece) const { m_call(m_object, piece); }

private:
    void* m_object;
    void (*m_call)(void*, const Piece&);
};

} // namespace bitlathe::text
