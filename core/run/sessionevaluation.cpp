// SPDX-License-Identifier: Apache-2.0
// Session: the comparison of what was exported with the original.
#include "core/base/file.h"
#include "core/base/machine.h"
#include "core/run/modelcard.h"
#include "core/run/resultjson.h"
#include "core/run/session.h"

namespace bitlathe::run
{

Result<void> Session::evaluate()
{
    const plan::EvaluationRecipe& recipe = m_plan.recipe.evaluation;
    if (recipe.data.empty()) {
        return {};
    }
    const WorkContext work = stepWork(plan::StepKind::Evaluate, Text(BITLATHE_TEXT("Evaluating")));
    returnFreeMemory();
    evaluate::CompareOptions options;
    options.data = recipe.data;
    BITLATHE_TRY(options.windows,
                 evaluate::settledProtocol(recipe.protocol, recipe.length, recipe.windows, recipe.stride));
    options.compute = m_device.compute();
    options.kv = recipe.kv;
    options.kvSource.data = m_plan.recipe.calibration.data;
    options.cacheRoot = evaluate::keptScoresFolder();
    if (!recipe.choice.data.empty()) {
        options.choice = recipe.choice;
    }
    if (!recipe.generation.data.empty()) {
        options.generation = recipe.generation;
    }
    BITLATHE_TRY(m_result.comparison, m_device.tried([&](const model::Device& device) {
        options.device = device;
        return evaluate::compare({m_plan.recipe.model, m_result.out}, options, work);
    }));
    m_result.bytesPeakVram = std::max(m_result.bytesPeakVram, m_device.bytesPeak());
    // By reference to a copy: add() appends to the result's own findings.
    const Findings found = m_result.comparison->findings;
    BITLATHE_CHECK(writeFileAtomically(m_result.out / kModelCardFile, modelCard(m_result)));
    const Result<void> written =
        writeFileAtomically(m_result.out / kResultFile, withoutHome(jsonText(toJson(m_result), 2)));
    for (const Finding& finding : found) {
        BITLATHE_CHECK(add(finding));
    }
    return written;
}

} // namespace bitlathe::run
