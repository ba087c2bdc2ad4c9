// SPDX-License-Identifier: Apache-2.0
// Which build of Bitlathe this is.
#include "core/base/version.h"

namespace bitlathe {

std::string_view programVersion()
{
    return BITLATHE_VERSION;
}

std::string_view programCommit()
{
    return BITLATHE_COMMIT;
}

std::string_view buildType()
{
    return BITLATHE_BUILD_TYPE;
}

} // namespace bitlathe
