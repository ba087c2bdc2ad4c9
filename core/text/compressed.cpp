// SPDX-License-Identifier: Apache-2.0
// Unpacking of .gz and .zst files.
#include "core/text/compressed.h"

#include <zlib.h>
#include <zstd.h>

#include <limits>
#include <memory>
#include <vector>

namespace bitlathe::text {

namespace {

constexpr std::size_t kPiece = 1 << 18;

Failure damaged(const std::string& subject, std::string_view kind, std::string_view reason)
{
    return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("%1 data"), kind),
                Text(BITLATHE_TEXT("%1"), reason), Text(BITLATHE_TEXT("Copy or download the file again")));
}

Failure cutOff(const std::string& subject, std::string_view kind)
{
    return fail(ErrorCode::FileTruncated, subject, Text(BITLATHE_TEXT("the whole of the %1 data"), kind),
                Text(BITLATHE_TEXT("a file that is cut off")), Text(BITLATHE_TEXT("Copy or download the file again")));
}

Failure tooLarge(const std::string& subject, std::uint64_t maxBytes)
{
    return fail(ErrorCode::FileInvalid, subject, Text(BITLATHE_TEXT("at most %1 bytes when unpacked"), maxBytes),
                Text(BITLATHE_TEXT("more")), Text(BITLATHE_TEXT("Split the text into several files")));
}

struct InflateEnd
{
    void operator()(z_stream* stream) const
    {
        inflateEnd(stream);
        delete stream;
    }
};

} // namespace

Result<std::string> unpackGzip(std::string_view packed, const std::string& subject, std::uint64_t maxBytes)
{
    std::unique_ptr<z_stream, InflateEnd> stream(new z_stream{});
    constexpr int kGzipOnly = 16;
    if (inflateInit2(stream.get(), kGzipOnly + MAX_WBITS) != Z_OK) {
        return damaged(subject, "gzip", "no memory to unpack it");
    }
    std::string unpacked;
    std::vector<char> piece(kPiece);
    while (!packed.empty()) {
        const std::size_t given = std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max());
        stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data())); // zlib reads it only.
        stream->avail_in = static_cast<uInt>(given);
        int status = Z_OK;
        while (status == Z_OK) {
            stream->next_out = reinterpret_cast<Bytef*>(piece.data());
            stream->avail_out = static_cast<uInt>(piece.size());
            status = inflate(stream.get(), Z_NO_FLUSH);
            unpacked.append(piece.data(), piece.size() - stream->avail_out);
            if (unpacked.size() > maxBytes) {
                return tooLarge(subject, maxBytes);
            }
        }
        packed.remove_prefix(given - stream->avail_in);
        if (status == Z_STREAM_END) {
            inflateReset(stream.get()); // Another member may follow.
            if (packed.empty()) {
                return unpacked;
            }
        } else if (status != Z_BUF_ERROR) {
            return damaged(subject, "gzip", stream->msg != nullptr ? stream->msg : "damaged data");
        }
    }
    return cutOff(subject, "gzip");
}

Result<std::string> unpackZstd(std::string_view packed, const std::string& subject, std::uint64_t maxBytes)
{
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    std::string unpacked;
    std::vector<char> piece(kPiece);
    std::size_t status = 1; // 0 at the end of a frame.
    while (input.pos < input.size || status != 0) {
        const std::size_t before = input.pos;
        ZSTD_outBuffer output{piece.data(), piece.size(), 0};
        status = ZSTD_decompressStream(context.get(), &output, &input);
        if (ZSTD_isError(status) != 0) {
            return damaged(subject, "Zstandard", ZSTD_getErrorName(status));
        }
        unpacked.append(piece.data(), output.pos);
        if (unpacked.size() > maxBytes) {
            return tooLarge(subject, maxBytes);
        }
        if (status != 0 && input.pos == before && output.pos == 0) {
            return cutOff(subject, "Zstandard");
        }
    }
    return unpacked;
}

} // namespace bitlathe::text
