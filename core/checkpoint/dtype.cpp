// SPDX-License-Identifier: Apache-2.0
// Element types of tensors in checkpoints.
#include "core/checkpoint/dtype.h"

#include <array>

namespace bitlathe::checkpoint {

namespace {

struct Facts
{
    DType dtype;
    std::string_view name;
    std::uint64_t bytes;
    bool isFloat;
};

constexpr std::array kFacts{
    Facts{DType::Bool, "BOOL", 1, false},     Facts{DType::U8, "U8", 1, false},
    Facts{DType::I8, "I8", 1, false},         Facts{DType::I16, "I16", 2, false},
    Facts{DType::U16, "U16", 2, false},       Facts{DType::F16, "F16", 2, true},
    Facts{DType::BF16, "BF16", 2, true},      Facts{DType::I32, "I32", 4, false},
    Facts{DType::U32, "U32", 4, false},       Facts{DType::F32, "F32", 4, true},
    Facts{DType::I64, "I64", 8, false},       Facts{DType::U64, "U64", 8, false},
    Facts{DType::F64, "F64", 8, true},        Facts{DType::F8E4M3, "F8_E4M3", 1, true},
    Facts{DType::F8E5M2, "F8_E5M2", 1, true},
};

constexpr const Facts& factsOf(DType dtype)
{
    return kFacts[static_cast<std::size_t>(dtype)];
}

constexpr bool inOrder()
{
    for (std::size_t i = 0; i < kFacts.size(); ++i) {
        if (static_cast<std::size_t>(kFacts[i].dtype) != i) {
            return false;
        }
    }
    return true;
}
static_assert(inOrder(), "kFacts is indexed by DType");

} // namespace

std::string_view dtypeName(DType dtype)
{
    return factsOf(dtype).name;
}

std::optional<DType> dtypeFromName(std::string_view name)
{
    for (const Facts& facts : kFacts) {
        if (facts.name == name) {
            return facts.dtype;
        }
    }
    return std::nullopt;
}

std::uint64_t dtypeBytes(DType dtype)
{
    return factsOf(dtype).bytes;
}

bool isFloat(DType dtype)
{
    return factsOf(dtype).isFloat;
}

} // namespace bitlathe::checkpoint
