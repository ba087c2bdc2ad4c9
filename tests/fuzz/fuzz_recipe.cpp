// SPDX-License-Identifier: Apache-2.0
// Fuzz target: recipes. What is accepted must survive being written and read again.
#include "core/plan/recipe.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe::plan;
    const auto recipe = recipeFromYaml(std::string(reinterpret_cast<const char*>(data), size), "fuzz.yaml");
    if (recipe) {
        const std::string yaml = recipeToYaml(*recipe);
        const auto again = recipeFromYaml(yaml, "again.yaml");
        if (!again || recipeToYaml(*again) != yaml) {
            std::abort();
        }
        (void)recipeToCommand(*recipe);
        (void)checkRecipe(*recipe);
    }
    return 0;
}
