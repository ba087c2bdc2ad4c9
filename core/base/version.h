// SPDX-License-Identifier: Apache-2.0
// Which build of Bitlathe this is.
#pragma once

#include <string_view>

namespace bitlathe {

std::string_view programVersion(); ///< "0.1.0"
std::string_view programCommit();  ///< What it was built from; empty: not recorded.
std::string_view buildType();      ///< As CMake names it: "Release".

} // namespace bitlathe
