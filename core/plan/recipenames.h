// SPDX-License-Identifier: Apache-2.0
// The words of a recipe's choices, in the order of their enumerations.
#pragma once

#include "core/plan/recipe.h"

#include <array>
#include <string_view>

namespace bitlathe::plan
{

inline constexpr auto kKindNames = std::to_array<std::string_view>({"uniform-int", "code-book", "int8-outliers"});
/// In the order of text::SampleRule.
inline const std::array<std::string_view, 3> kAwqRuleNames = {quant::awqRuleName(quant::AwqRule::Search),
                                                              quant::awqRuleName(quant::AwqRule::Lmdeploy),
                                                              quant::awqRuleName(quant::AwqRule::Lmdeploy02)};
inline const std::array<std::string_view, 4> kSampleRuleNames = {
    text::sampleRuleName(text::SampleRule::Rows), text::sampleRuleName(text::SampleRule::Gptq),
    text::sampleRuleName(text::SampleRule::Awq), text::sampleRuleName(text::SampleRule::Lmdeploy)};
/// In the order of evaluate::protocolKinds() and evaluate::choiceRules().
inline const std::array<std::string_view, 5> kProtocolNames = {
    evaluate::protocolName(evaluate::ProtocolKind::Windows), evaluate::protocolName(evaluate::ProtocolKind::Gptq),
    evaluate::protocolName(evaluate::ProtocolKind::MiniCpm), evaluate::protocolName(evaluate::ProtocolKind::LlamaCpp),
    evaluate::protocolName(evaluate::ProtocolKind::Strided)};
inline const std::array<std::string_view, 3> kChoiceRuleNames = {
    evaluate::choiceRuleName(evaluate::ChoiceRule::Letter), evaluate::choiceRuleName(evaluate::ChoiceRule::Text),
    evaluate::choiceRuleName(evaluate::ChoiceRule::TextPerByte)};
inline constexpr auto kClippingNames = std::to_array<std::string_view>({"minmax", "mse"});
inline constexpr auto kScaleNames = std::to_array<std::string_view>({"auto", "f16", "bf16", "f32"});
inline constexpr auto kEffortNames = std::to_array<std::string_view>({"fast", "normal", "best"});
inline constexpr auto kInputNames = std::to_array<std::string_view>({"original", "quantized"});
inline constexpr auto kActivationScaleNames = std::to_array<std::string_view>({"dynamic", "static"});
inline constexpr auto kSmoothingNames = std::to_array<std::string_view>({"auto", "none", "awq", "smoothquant"});
inline constexpr auto kMapNames =
    std::to_array<std::string_view>({"dynamic", "dynamic-unsigned", "linear", "quantile"});
inline constexpr auto kStorageNames = std::to_array<std::string_view>({"uint8", "bfloat16", "float16", "float32"});
inline constexpr auto kComputeTypeNames = std::to_array<std::string_view>({"auto", "bfloat16", "float16", "float32"});
inline constexpr auto kOnDeviceFailureNames = std::to_array<std::string_view>({"continue", "stop"});
inline constexpr auto kComputeNames = std::to_array<std::string_view>({"auto", "f32", "bf16"});

inline std::size_t scalePlace(checkpoint::DType type)
{
    return type == checkpoint::DType::F16 ? 1 : type == checkpoint::DType::BF16 ? 2 : 3;
}

} // namespace bitlathe::plan
