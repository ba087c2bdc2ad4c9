// SPDX-License-Identifier: Apache-2.0
// The names that may stand in the pickles of PyTorch's files, and the element types among them.
#include "core/checkpoint/torchnames.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace bitlathe::checkpoint
{

namespace
{

struct Named
{
    std::string_view name;
    std::optional<DType> dtype;
    std::uint64_t bytes;
};

constexpr std::array kStorages{
    Named{"DoubleStorage", DType::F64, 8},
    Named{"FloatStorage", DType::F32, 4},
    Named{"HalfStorage", DType::F16, 2},
    Named{"BFloat16Storage", DType::BF16, 2},
    Named{"LongStorage", DType::I64, 8},
    Named{"IntStorage", DType::I32, 4},
    Named{"ShortStorage", DType::I16, 2},
    Named{"CharStorage", DType::I8, 1},
    Named{"ByteStorage", DType::U8, 1},
    Named{"BoolStorage", DType::Bool, 1},
    Named{"ComplexFloatStorage", std::nullopt, 8},
    Named{"ComplexDoubleStorage", std::nullopt, 16},
    Named{"QInt8Storage", std::nullopt, 1},
    Named{"QUInt8Storage", std::nullopt, 1},
    Named{"QInt32Storage", std::nullopt, 4},
};

constexpr std::array kDTypes{
    Named{"float64", DType::F64, 8},
    Named{"double", DType::F64, 8},
    Named{"float32", DType::F32, 4},
    Named{"float", DType::F32, 4},
    Named{"float16", DType::F16, 2},
    Named{"half", DType::F16, 2},
    Named{"bfloat16", DType::BF16, 2},
    Named{"int64", DType::I64, 8},
    Named{"long", DType::I64, 8},
    Named{"int32", DType::I32, 4},
    Named{"int", DType::I32, 4},
    Named{"int16", DType::I16, 2},
    Named{"short", DType::I16, 2},
    Named{"int8", DType::I8, 1},
    Named{"uint8", DType::U8, 1},
    Named{"uint16", DType::U16, 2},
    Named{"uint32", DType::U32, 4},
    Named{"uint64", DType::U64, 8},
    Named{"bool", DType::Bool, 1},
    Named{"float8_e4m3fn", DType::F8E4M3, 1},
    Named{"float8_e5m2", DType::F8E5M2, 1},
    Named{"float8_e4m3fnuz", std::nullopt, 1},
    Named{"float8_e5m2fnuz", std::nullopt, 1},
    Named{"float8_e8m0fnu", std::nullopt, 1},
    Named{"float4_e2m1fn_x2", std::nullopt, 1},
    Named{"complex32", std::nullopt, 4},
    Named{"complex64", std::nullopt, 8},
    Named{"cfloat", std::nullopt, 8},
    Named{"complex128", std::nullopt, 16},
    Named{"cdouble", std::nullopt, 16},
};

constexpr std::array<std::string_view, 9> kOthers{
    "collections.OrderedDict",
    "torch.Size",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
    "torch.device",
    "torch.serialization._get_layout",
};

constexpr std::array<std::string_view, 3> kUntyped{"torch.UntypedStorage", "torch.storage.UntypedStorage",
                                                   "torch.cuda.UntypedStorage"};

/// Of tensors in the oldest files, which name their class.
constexpr std::string_view kTensorEnding = "Tensor";

const Named* findNamed(std::span<const Named> list, std::string_view name)
{
    const auto found = std::ranges::find(list, name, &Named::name);
    return found == list.end() ? nullptr : &*found;
}

/// "HalfStorage" of "torch.HalfStorage" and "torch.cuda.HalfStorage".
std::string_view withoutModule(std::string_view name)
{
    for (const std::string_view module : {"torch.cuda.", "torch."}) {
        if (name.starts_with(module)) {
            return name.substr(module.size());
        }
    }
    return {};
}

/// "torch.FloatTensor".
bool isTensorClass(std::string_view name)
{
    const std::string_view plain = withoutModule(name);
    return plain == kTensorEnding ||
           (plain.ends_with(kTensorEnding) &&
            findNamed(kStorages, std::string(plain.substr(0, plain.size() - kTensorEnding.size())) + "Storage") !=
                nullptr);
}

} // namespace

std::optional<TorchElement> torchElement(std::string_view name)
{
    if (std::ranges::find(kUntyped, name) != kUntyped.end()) {
        return TorchElement{std::nullopt, 1, true};
    }
    const std::string_view plain = withoutModule(name);
    const Named* found = findNamed(kStorages, plain);
    if (found == nullptr && !name.starts_with("torch.cuda.")) {
        found = findNamed(kDTypes, plain);
    }
    return found == nullptr ? std::nullopt : std::optional(TorchElement{found->dtype, found->bytes, false});
}

bool isTorchName(std::string_view name)
{
    return std::ranges::find(kOthers, name) != kOthers.end() || torchElement(name).has_value() || isTensorClass(name);
}

} // namespace bitlathe::checkpoint
