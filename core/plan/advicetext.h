// SPDX-License-Identifier: Apache-2.0
// Sentences of an advice: each says one thing with the figure behind it.
#pragma once

#include "core/plan/advice.h"

namespace bitlathe::plan
{

/// "3.91", of GiB.
std::string gibibytes(std::uint64_t bytes);
/// "0.18", of per cent.
std::string perCent(double share);

/// Why an option is one: memory, quality, what the usage asks for, what the program needs. parameters: of the model.
std::vector<Text> reasonsFor(const AdviceOption& option, const AdviceRequest& request, const format::Runtime& runtime,
                             std::int64_t parameters);

/// What would make the nearest option fit.
std::vector<Text> waysToFit(const AdviceOption& nearest, const AdviceRequest& request);

} // namespace bitlathe::plan
