// SPDX-License-Identifier: Apache-2.0
// Result and Error: how anything that can fail on a user's data reports it.
#pragma once

#include "core/base/text.h"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace bitlathe
{

/// What kind of thing went wrong; decides the exit code. Names as in the JSON document of an error.
enum class ErrorCode {
    FileMissing,
    FileUnreadable,
    FileTruncated,
    FileInvalid,
    ConfigInvalid,
    TensorMissing,
    TensorInvalid,
    WeightsNotFinite,
    TokenizerInvalid,
    TextInvalid,
    SettingInvalid,
    UnknownName,
    NotSupported,
    OutputExists,
    DiskFull,
    WriteFailed,
    VerifyFailed,
    RunInvalid,
    FindingsFatal,
    DeviceMemoryShort, ///< What is to be computed does not fit into the budget of a GPU.
    DeviceFailed,      ///< A GPU that worked stopped doing so.
    Cancelled,
    Internal,
};

/// The stable name of a code, such as "file-truncated".
std::string_view errorCodeName(ErrorCode code);

/// What happened to what. subject names the file, layer or option; the other three are parts of one sentence:
/// "<subject>: expected <expected>, found <found>. <advice>". All but subject may be empty.
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string subject;
    Text expected;
    Text found;
    Text advice;

    /// The whole error in English, one line.
    std::string sentence() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

/// Shorthand for returning an error from a function that returns a Result.
inline Failure fail(ErrorCode code, std::string subject, Text expected, Text found, Text advice = {})
{
    return Failure(Error{code, std::move(subject), std::move(expected), std::move(found), std::move(advice)});
}

/// The error of work that was asked to stop.
Failure cancelled();

/// Exit code of a program that ends with this error: 1, 2, 3, 4 or 130.
int exitCode(const Error& error);

} // namespace bitlathe

#define BITLATHE_JOIN_(a, b) a##b
#define BITLATHE_JOIN(a, b) BITLATHE_JOIN_(a, b)

/// BITLATHE_TRY(auto x, f()); declares x with the value of f() or returns its error from the calling function.
#define BITLATHE_TRY(declaration, ...)                                                                                 \
    auto BITLATHE_JOIN(tried, __LINE__) = (__VA_ARGS__);                                                               \
    if (!BITLATHE_JOIN(tried, __LINE__)) {                                                                             \
        return ::bitlathe::Failure(std::move(BITLATHE_JOIN(tried, __LINE__)).error());                                 \
    }                                                                                                                  \
    declaration = *std::move(BITLATHE_JOIN(tried, __LINE__))

/// BITLATHE_CHECK(f()); returns the error of f(), a Result of any kind, from the calling function.
#define BITLATHE_CHECK(...)                                                                                            \
    if (auto BITLATHE_JOIN(checked, __LINE__) = (__VA_ARGS__); !BITLATHE_JOIN(checked, __LINE__)) {                    \
        return ::bitlathe::Failure(std::move(BITLATHE_JOIN(checked, __LINE__)).error());                               \
    }
