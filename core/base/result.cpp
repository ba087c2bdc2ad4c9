// SPDX-License-Identifier: Apache-2.0
// Result and Error: how anything that can fail on a user's data reports it.
#include "core/base/result.h"

namespace bitlathe
{

std::string_view errorCodeName(ErrorCode code)
{
    switch (code) {
    case ErrorCode::FileMissing: return "file-missing";
    case ErrorCode::FileUnreadable: return "file-unreadable";
    case ErrorCode::FileTruncated: return "file-truncated";
    case ErrorCode::FileInvalid: return "file-invalid";
    case ErrorCode::ConfigInvalid: return "config-invalid";
    case ErrorCode::TensorMissing: return "tensor-missing";
    case ErrorCode::TensorInvalid: return "tensor-invalid";
    case ErrorCode::WeightsNotFinite: return "weights-not-finite";
    case ErrorCode::TokenizerInvalid: return "tokenizer-invalid";
    case ErrorCode::TextInvalid: return "text-invalid";
    case ErrorCode::SettingInvalid: return "setting-invalid";
    case ErrorCode::UnknownName: return "unknown-name";
    case ErrorCode::NotSupported: return "not-supported";
    case ErrorCode::OutputExists: return "output-exists";
    case ErrorCode::DiskFull: return "disk-full";
    case ErrorCode::WriteFailed: return "write-failed";
    case ErrorCode::VerifyFailed: return "verify-failed";
    case ErrorCode::RunInvalid: return "run-invalid";
    case ErrorCode::FindingsFatal: return "findings-fatal";
    case ErrorCode::DeviceMemoryShort: return "device-memory-short";
    case ErrorCode::DeviceFailed: return "device-failed";
    case ErrorCode::Cancelled: return "cancelled";
    case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

namespace
{

/// A part of a sentence. What a file says may be of any length, and is told by its beginning.
std::string shortened(const std::string& part)
{
    constexpr std::size_t kBytesMost = 500;
    if (part.size() <= kBytesMost) {
        return part;
    }
    std::size_t end = kBytesMost;
    while (end > 0 && (static_cast<unsigned char>(part[end]) & 0xc0U) == 0x80U) {
        --end; // Not within a character.
    }
    return part.substr(0, end) + "...";
}

} // namespace

std::string Error::sentence() const
{
    std::string line = shortened(subject);
    const auto join = [&line](std::string_view part, std::string_view separator) {
        if (!line.empty()) {
            line += separator;
        }
        line += part;
    };
    if (!expected.empty()) {
        join("expected " + shortened(expected.english()), ": ");
    }
    if (!found.empty()) {
        join(expected.empty() ? shortened(found.english()) : "found " + shortened(found.english()), expected.empty() ? ": " : ", ");
    }
    line += '.';
    if (!advice.empty()) {
        line += ' ' + advice.english() + '.';
    }
    return line;
}

Failure cancelled()
{
    return fail(ErrorCode::Cancelled, {}, {}, Text(BITLATHE_TEXT("stopped on request")));
}

int exitCode(const Error& error)
{
    switch (error.code) {
    case ErrorCode::FileMissing:
    case ErrorCode::FileUnreadable:
    case ErrorCode::FileTruncated:
    case ErrorCode::FileInvalid:
    case ErrorCode::ConfigInvalid:
    case ErrorCode::TensorMissing:
    case ErrorCode::TensorInvalid:
    case ErrorCode::WeightsNotFinite:
    case ErrorCode::TokenizerInvalid:
    case ErrorCode::TextInvalid:
    case ErrorCode::SettingInvalid:
    case ErrorCode::NotSupported:
    case ErrorCode::OutputExists:
    case ErrorCode::DiskFull:
    case ErrorCode::WriteFailed:
    case ErrorCode::RunInvalid:
    case ErrorCode::DeviceMemoryShort: return 3;
    case ErrorCode::UnknownName: return 2;
    case ErrorCode::FindingsFatal: return 4;
    case ErrorCode::Cancelled: return 130;
    case ErrorCode::VerifyFailed:
    case ErrorCode::DeviceFailed:
    case ErrorCode::Internal: return 1;
    }
    return 1;
}

} // namespace bitlathe
