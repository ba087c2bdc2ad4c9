// SPDX-License-Identifier: Apache-2.0
// QuantState: the JSON text that bitsandbytes keeps as a tensor beside packed 4-bit codes.
#include "core/format/quantstate.h"

#include "core/base/json.h"
#include "core/format/layertensors.h"
#include "core/quant/bitsandbytessettings.h"

#include <fmt/format.h>

#include <cmath>

namespace bitlathe::format
{

using quant::BookKind;
using quant::Scheme;

namespace
{

/// As Python prints a float: the shortest digits, always with a point or an exponent.
std::string pythonFloat(double value)
{
    std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

Result<BookKind> readBook(const JsonObject& object, const std::string& subject)
{
    BITLATHE_TRY(const std::string name, object.string("quant_type"));
    for (const BookKind book : {BookKind::Nf4, BookKind::Fp4}) {
        if (name == quant::bookName(book)) {
            return book;
        }
    }
    return badValues(subject, Text(BITLATHE_TEXT("the quant_type nf4 or fp4")), Text(BITLATHE_TEXT("\"%1\""), name));
}

Result<void> checkShape(const JsonObject& object, const model::LinearSpec& linear, const std::string& subject)
{
    const Json expected{linear.outFeatures, linear.inFeatures};
    const Json found = object.json().value("shape", Json());
    if (found == expected) {
        return {};
    }
    return badValues(subject, Text(BITLATHE_TEXT("the shape %1"), expected.dump()),
                     Text(BITLATHE_TEXT("%1"), found.dump()));
}

} // namespace

Result<QuantState> readQuantState(std::string_view text, const model::LinearSpec& linear, const std::string& subject)
{
    BITLATHE_TRY(const Json json, parseJson(text, subject));
    if (!json.is_object()) {
        return badValues(subject, Text(BITLATHE_TEXT("a JSON object")), Text(BITLATHE_TEXT("another JSON value")));
    }
    const JsonObject object(json, subject);
    QuantState state;
    BITLATHE_TRY(state.book, readBook(object, subject));
    BITLATHE_TRY(state.blockSize, object.integer("blocksize"));
    Scheme scheme{.kind = quant::SchemeKind::CodeBook,
                  .bits = 4,
                  .groupSize = state.blockSize,
                  .scaleDType = checkpoint::DType::F32,
                  .book = state.book};
    if (const auto known = quant::checkScheme(scheme); !known) {
        return badValues(subject, known.error().expected, known.error().found);
    }
    BITLATHE_CHECK(checkShape(object, linear, subject));
    state.isNested = object.has("nested_offset");
    if (!state.isNested) {
        return state;
    }
    BITLATHE_TRY(const std::int64_t nestedBlock, object.integer("nested_blocksize", quant::kNestedBlock));
    if (nestedBlock != quant::kNestedBlock) {
        return badValues(subject, Text(BITLATHE_TEXT("the nested_blocksize %1"), quant::kNestedBlock),
                         Text(BITLATHE_TEXT("%1"), nestedBlock));
    }
    BITLATHE_TRY(const double offset, object.number("nested_offset"));
    state.nestedOffset = static_cast<float>(offset);
    if (!std::isfinite(state.nestedOffset)) {
        return badValues(subject, Text(BITLATHE_TEXT("a finite nested_offset")), Text(BITLATHE_TEXT("%1"), offset));
    }
    const std::string digits = pythonFloat(static_cast<double>(state.nestedOffset));
    // Other spellings are written as they are here.
    state.offsetDigits = text.ends_with(digits + '}') ? static_cast<int>(digits.size()) : 0;
    return state;
}

std::string writeQuantState(const model::LinearSpec& linear, const Scheme& scheme, checkpoint::DType dtype,
                            float nestedOffset)
{
    std::string text = fmt::format(R"({{"quant_type": "{}", "blocksize": {}, "dtype": "{}", "shape": [{}, {}])",
                                   quant::bookName(scheme.book), scheme.groupSize, quant::torchTypeName(dtype),
                                   linear.outFeatures, linear.inFeatures);
    if (!scheme.doubleQuant) {
        return text + '}';
    }
    text +=
        fmt::format(R"(, "nested_blocksize": {}, "nested_dtype": "float32", "nested_offset": )", quant::kNestedBlock);
    const auto digits = static_cast<std::size_t>(
        scheme.notes.offsetDigits > 0 ? scheme.notes.offsetDigits : quant::BitsAndBytesNotes::kOffsetDigits);
    const std::size_t size = text.size() + digits + 1;
    text += pythonFloat(static_cast<double>(nestedOffset)) + '}';
    text.resize(std::max(size, text.size()), ' ');
    return text;
}

} // namespace bitlathe::format
