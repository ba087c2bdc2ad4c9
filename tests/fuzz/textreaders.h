// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of text readers do with one input.
#pragma once

#include "core/text/arrowrows.h"
#include "core/text/compressed.h"
#include "core/text/csvrows.h"
#include "core/text/jsonrows.h"
#include "core/text/rowtext.h"
#include "core/text/sentencepiecemodel.h"
#include "core/text/utf8.h"

#include <cstdlib>

namespace bitlathe::fuzz
{

/// Whatever a reader is given, it ends with rows of UTF-8 or with an error that names the file and what was found.
inline void check(const Result<void>& result)
{
    if (!result && (!result.error().subject.starts_with("input") || result.error().found.empty())) {
        std::abort();
    }
}

inline text::RowSink checkingSink(text::RowText& rowText)
{
    return [&rowText](const Json& row, const text::RowPlace& place) -> Result<void> {
        BITLATHE_TRY(const std::string text, rowText.text(row, place));
        if (text::firstInvalidByte(text)) {
            std::abort();
        }
        return {};
    };
}

inline void arrow(std::string_view input)
{
    text::RowText rowText("");
    check(text::readArrow(input, "input", checkingSink(rowText)));
}

/// A text file is known to be UTF-8 before its reader sees it.
inline void csv(std::string_view input)
{
    if (!text::firstInvalidByte(input)) {
        text::RowText rowText("");
        check(text::readCsv(input, "input", checkingSink(rowText)));
    }
}

inline void json(std::string_view input)
{
    if (!text::firstInvalidByte(input)) {
        text::RowText lines("");
        check(text::readJsonLines(input, "input", checkingSink(lines)));
        text::RowText document("");
        check(text::readJsonRows(input, "input", checkingSink(document)));
    }
}

inline void compressed(std::string_view input)
{
    constexpr std::uint64_t kMaxBytes = 1'000'000;
    for (const auto& unpacked :
         {text::unpackGzip(input, "input", kMaxBytes), text::unpackZstd(input, "input", kMaxBytes)}) {
        check(unpacked ? Result<void>() : Result<void>(Failure(unpacked.error())));
    }
}

inline void sentencePiece(std::string_view input)
{
    const auto facts = text::readSentencePieceFacts(input, "input");
    check(facts ? Result<void>() : Result<void>(Failure(facts.error())));
}

} // namespace bitlathe::fuzz
