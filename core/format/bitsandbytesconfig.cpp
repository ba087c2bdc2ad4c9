// SPDX-License-Identifier: Apache-2.0
// BitsAndBytesConfig: the quantization_config of bitsandbytes checkpoints, read and written.
#include "core/format/bitsandbytesconfig.h"

#include "core/model/requiredtensors.h"
#include "core/quant/bitsandbytessettings.h"

#include <algorithm>

namespace bitlathe::format
{

using checkpoint::DType;
using quant::BookKind;
using quant::Scheme;
using quant::SchemeKind;

namespace
{

/// Type names as transformers writes them, with or without "torch.".
Result<DType> readType(const JsonObject& object, const char* key, std::string_view otherwise,
                       const std::string& subject)
{
    BITLATHE_TRY(std::string name, object.string(key, otherwise));
    constexpr std::string_view kTorch = "torch.";
    if (name.starts_with(kTorch)) {
        name.erase(0, kTorch.size());
    }
    if (const auto type = quant::torchTypeFrom(name)) {
        return *type;
    }
    return fail(
        ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("uint8, bfloat16, float16 or float32 for %1"), key),
        Text(BITLATHE_TEXT("\"%1\""), name), Text(BITLATHE_TEXT("Save the model again with one of these types")));
}

Result<BookKind> readBook(const JsonObject& object, const std::string& subject)
{
    BITLATHE_TRY(const std::string name, object.string("bnb_4bit_quant_type", "fp4"));
    for (const BookKind book : {BookKind::Nf4, BookKind::Fp4}) {
        if (name == quant::bookName(book)) {
            return book;
        }
    }
    return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("nf4 or fp4 for bnb_4bit_quant_type")),
                Text(BITLATHE_TEXT("\"%1\""), name),
                Text(BITLATHE_TEXT("Quantize the unquantized model again with one of these types")));
}

Result<std::optional<std::vector<std::string>>> readSkipModules(const JsonObject& object, const std::string& subject)
{
    constexpr const char* kKey = "llm_int8_skip_modules";
    if (!object.has(kKey)) {
        return std::optional<std::vector<std::string>>();
    }
    const Json& list = object.json()[kKey];
    if (!list.is_array() || !std::ranges::all_of(list, [](const Json& entry) { return entry.is_string(); })) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("a list of names for %1"), kKey),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    return std::optional(list.get<std::vector<std::string>>());
}

/// Names that transformers takes for linears and that are none here: routers, projections of the embedding.
std::vector<std::string> otherLinears(const model::ModelSpec& spec)
{
    constexpr std::string_view kWeight = ".weight";
    std::vector<std::string> names;
    const auto add = [&](std::string name) {
        if (!name.empty()) {
            names.push_back(std::move(name));
        }
    };
    for (const std::string& name : {spec.projectInName, spec.projectOutName}) {
        add(name.ends_with(kWeight) ? name.substr(0, name.size() - kWeight.size()) : name);
    }
    for (const model::BlockSpec& block : spec.blocks) {
        add(block.router);
    }
    return names;
}

/// null where transformers' own choice, the head, is right.
Json skipModulesOf(const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    std::vector<std::string> names = otherLinears(spec);
    for (const model::LinearSpec& linear : spec.linears) {
        if (!schemes[linear.id.index()]) {
            names.push_back(linear.name);
        }
    }
    if (names.empty()) {
        return nullptr;
    }
    names.emplace_back("lm_head"); // A list takes the place of that choice.
    return names;
}

} // namespace

bool BitsAndBytesConfig::declares(const std::string& layer) const
{
    const std::vector<std::string> skipped = skipModules.value_or(std::vector<std::string>{"lm_head"});
    const std::string last = layer.substr(layer.rfind('.') + 1);
    return std::ranges::none_of(skipped, [&](const std::string& entry) {
        return last == entry || layer == entry || layer.find(entry + '.') != std::string::npos;
    });
}

bool isBitsAndBytesConfig(const Json& quantizationConfig)
{
    if (!quantizationConfig.is_object()) {
        return false;
    }
    const auto method = quantizationConfig.find("quant_method");
    if (method != quantizationConfig.end()) {
        return *method == Json("bitsandbytes");
    }
    const auto isTrue = [&](const char* key) { return quantizationConfig.value(key, Json()) == Json(true); };
    return isTrue("load_in_4bit") || isTrue("load_in_8bit"); // Of older versions.
}

Result<BitsAndBytesConfig> readBitsAndBytesConfig(const Json& quantizationConfig, const std::string& subject)
{
    const JsonObject object(quantizationConfig, subject);
    BITLATHE_TRY(const bool fourBits, object.boolean("load_in_4bit", false));
    BITLATHE_TRY(const bool eightBits, object.boolean("load_in_8bit", false));
    if (fourBits == eightBits) {
        return fail(
            ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("load_in_4bit or load_in_8bit to be true")),
            fourBits ? Text(BITLATHE_TEXT("both")) : Text(BITLATHE_TEXT("neither")),
            Text(BITLATHE_TEXT("Correct it by what the tensors are: those of 8 bits have names that end in SCB")));
    }
    BitsAndBytesConfig config;
    Scheme& scheme = config.scheme;
    scheme.kind = fourBits ? SchemeKind::CodeBook : SchemeKind::Int8Outliers;
    scheme.bits = fourBits ? 4 : 8;
    scheme.groupSize = fourBits ? 64 : quant::kPerChannel;
    scheme.scaleDType = DType::F32;
    BITLATHE_TRY(const BookKind book, readBook(object, subject));
    BITLATHE_TRY(const DType storage, readType(object, "bnb_4bit_quant_storage", "uint8", subject));
    BITLATHE_TRY(const DType compute, readType(object, "bnb_4bit_compute_dtype", "float32", subject));
    if (fourBits) {
        scheme.book = book;
        scheme.notes.storage = storage;
        scheme.notes.compute = compute;
    } else {
        BITLATHE_TRY(const double threshold, object.number("llm_int8_threshold", 6.0));
        scheme.threshold = static_cast<float>(std::max(0.0, threshold)); // Below 0 it says the same as 0.
        BITLATHE_TRY(scheme.notes.halfWeights, object.boolean("llm_int8_has_fp16_weight", false));
        BITLATHE_TRY(scheme.notes.cpuOffload, object.boolean("llm_int8_enable_fp32_cpu_offload", false));
        BITLATHE_CHECK(quant::checkScheme(scheme));
    }
    BITLATHE_TRY(config.skipModules, readSkipModules(object, subject));
    return config;
}

Result<Json> writeBitsAndBytesConfig(const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    const Scheme* base = nullptr;
    for (const model::LinearSpec& linear : spec.linears) {
        const auto& scheme = schemes[linear.id.index()];
        if (!scheme) {
            continue;
        }
        base = base == nullptr ? &*scheme : base;
        if (scheme->kind != base->kind || scheme->book != base->book) {
            return fail(ErrorCode::NotSupported, linear.name,
                        Text(BITLATHE_TEXT("one kind of code in all quantized layers, for bitsandbytes")),
                        Text(BITLATHE_TEXT("%1 beside %2"), scheme->label(), base->label()),
                        Text(BITLATHE_TEXT("Choose the format dense")));
        }
    }
    if (base == nullptr) {
        return Json(nullptr);
    }
    const bool fourBits = base->kind == SchemeKind::CodeBook;
    const quant::BitsAndBytesNotes& notes = base->notes;
    // Shortest decimals of the float, not of the double it becomes.
    const double threshold = fourBits ? 6.0 : std::stod(fmt::format("{}", base->threshold));
    Json compute = "float32";
    if (fourBits) {
        compute = notes.compute ? Json(quant::torchTypeName(*notes.compute)) : Json(nullptr);
    }
    return Json{{"_load_in_4bit", fourBits},
                {"_load_in_8bit", !fourBits},
                {"bnb_4bit_compute_dtype", std::move(compute)},
                {"bnb_4bit_quant_storage", quant::torchTypeName(notes.storage)},
                {"bnb_4bit_quant_type", quant::bookName(fourBits ? base->book : BookKind::Fp4)},
                {"bnb_4bit_use_double_quant", base->doubleQuant},
                {"llm_int8_enable_fp32_cpu_offload", notes.cpuOffload},
                {"llm_int8_has_fp16_weight", notes.halfWeights},
                {"llm_int8_skip_modules", skipModulesOf(spec, schemes)},
                {"llm_int8_threshold", threshold},
                {"load_in_4bit", fourBits},
                {"load_in_8bit", !fourBits},
                {"quant_method", "bitsandbytes"}};
}

} // namespace bitlathe::format
