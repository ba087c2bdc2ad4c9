// SPDX-License-Identifier: Apache-2.0
// Where the files that travel with the programs lie: the demo model, its texts, schemas.
#include "core/base/resources.h"

#include <cstdlib>
#include <vector>

namespace bitlathe {

namespace fs = std::filesystem;

Result<fs::path> resource(std::string_view name)
{
    std::vector<fs::path> places;
    std::error_code ignored;
    if (const char* set = std::getenv("BITLATHE_RESOURCES"); set != nullptr && *set != '\0') {
        places.emplace_back(set);
    } else {
        const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
        places.push_back(program.parent_path().parent_path() / "share" / "bitlathe");
#ifdef BITLATHE_SOURCE_RESOURCES
        places.emplace_back(BITLATHE_SOURCE_RESOURCES);
#endif
        places.emplace_back(BITLATHE_INSTALLED_RESOURCES);
    }
    for (const fs::path& place : places) {
        if (fs::path found = place / name; fs::exists(found, ignored)) {
            return found;
        }
    }
    return fail(ErrorCode::FileMissing, (places.front() / name).string(),
                Text(BITLATHE_TEXT("a file of the installation")), Text(BITLATHE_TEXT("nothing of that name")),
                Text(BITLATHE_TEXT("Install Bitlathe again, or set BITLATHE_RESOURCES to its resources folder")));
}

} // namespace bitlathe
