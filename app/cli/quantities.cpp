// SPDX-License-Identifier: Apache-2.0
// Quantities: a number and what stands behind it.
#include "app/cli/quantities.h"

#include "core/base/machine.h"
#include "core/base/quantity.h"

namespace bitlathe::cli
{

namespace
{

Failure badQuantity(const std::string& option, Text expected, const std::string& text)
{
    return fail(ErrorCode::SettingInvalid, option, std::move(expected), Text(BITLATHE_TEXT("\"%1\""), text));
}

} // namespace

Result<double> numberFrom(const std::string& option, const std::string& text)
{
    const auto number = quantityFrom(text, {{"", 1}});
    return number ? Result<double>(*number) : badQuantity(option, Text(BITLATHE_TEXT("a number above 0")), text);
}

Result<std::uint64_t> bytesFrom(const std::string& option, const std::string& text)
{
    const auto bytes = bytesFromText(text);
    if (!bytes) {
        return badQuantity(option, Text(BITLATHE_TEXT("a size such as 3.9GB or 4GiB")), text);
    }
    return *bytes;
}

Result<std::uint64_t> memoryFrom(const std::string& option, const std::string& text)
{
    return text.empty() ? Result<std::uint64_t>(machineFacts().bytesRamAvailable) : bytesFrom(option, text);
}

Result<std::int64_t> tokensFrom(const std::string& option, const std::string& text)
{
    const auto tokens = quantityFrom(text, {{"", 1}, {"k", 1024}});
    if (!tokens || *tokens < 1) {
        return badQuantity(option, Text(BITLATHE_TEXT("a number of tokens such as 8192 or 8k")), text);
    }
    return static_cast<std::int64_t>(*tokens);
}

Result<double> shareFrom(const std::string& option, const std::string& text)
{
    const auto share = quantityFrom(text, {{"", 0.01}, {"%", 0.01}});
    return share ? Result<double>(*share) : badQuantity(option, Text(BITLATHE_TEXT("a share such as 1%")), text);
}

} // namespace bitlathe::cli
