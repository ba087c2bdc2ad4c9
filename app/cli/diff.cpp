// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli diff: two model folders, tensor by tensor.
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "core/format/tensordifferences.h"
#include "core/report/numbers.h"
#include "kernels/threads.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace bitlathe::cli
{

namespace
{

struct DiffOptions
{
    std::string a;
    std::string b;
    bool all = false;
    int threads = 0;
};

std::string shapeText(const checkpoint::Shape& shape)
{
    return fmt::format("{}", fmt::join(shape, " x "));
}

/// The largest differences first.
std::string diffTable(const format::TensorDifferences& found, bool all)
{
    std::vector<const format::TensorDifference*> rows;
    for (const format::TensorDifference& tensor : found.tensors) {
        if (all || !tensor.equal) {
            rows.push_back(&tensor);
        }
    }
    std::ranges::stable_sort(rows, std::ranges::greater(), &format::TensorDifference::relative);
    Table table(
        {{"Tensor"}, {"Shape", true}, {"First"}, {"Second"}, {"Relative", true}, {"Largest", true}, {"Cosine", true}});
    for (const format::TensorDifference* tensor : rows) {
        table.add({tensor->name, shapeText(tensor->shape), tensor->typeA, tensor->typeB,
                   report::percentText(tensor->relative), report::numberText(tensor->absMax, 3),
                   fmt::format("{:.6f}", tensor->cosine)});
    }
    return rows.empty() ? std::string() : table.text();
}

std::string namesText(const std::string& what, const std::vector<std::string>& names)
{
    return names.empty() ? std::string() : fmt::format("{}: {}\n", what, fmt::join(names, ", "));
}

Json diffDocument(const DiffOptions& options, const format::TensorDifferences& found)
{
    Json tensors = Json::array();
    for (const format::TensorDifference& tensor : found.tensors) {
        tensors.push_back({{"name", tensor.name},
                           {"shape", tensor.shape},
                           {"first", tensor.typeA},
                           {"second", tensor.typeB},
                           {"equal", tensor.equal},
                           {"relative", tensor.relative},
                           {"abs_max", tensor.absMax},
                           {"cosine", tensor.cosine}});
    }
    return {{"first", options.a},
            {"second", options.b},
            {"equal", found.equal},
            {"tensors", std::move(tensors)},
            {"only_first", found.onlyA},
            {"only_second", found.onlyB},
            {"other_shape", found.otherShape}};
}

Result<void> diff(Session& session, const DiffOptions& options)
{
    kernels::setThreadCount(options.threads);
    BITLATHE_TRY(const auto a, format::openModel(options.a));
    BITLATHE_TRY(const auto b, format::openModel(options.b));
    BITLATHE_TRY(
        const format::TensorDifferences found,
        format::tensorDifferences(*a, *b, session.work().child(0, 1, Text(BITLATHE_TEXT("Comparing tensors")))));
    session.console.progressDone();
    session.console.print(diffTable(found, options.all));
    session.console.print(fmt::format("{} of {} tensors are equal\n", found.equal, found.tensors.size()) +
                          namesText("Only in the first", found.onlyA) + namesText("Only in the second", found.onlyB) +
                          namesText("Of another shape", found.otherShape));
    session.console.document(diffDocument(options, found));
    return {};
}

} // namespace

void addDiffCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "diff", "Two model folders tensor by tensor, quantized ones dequantized");
    auto options = std::make_shared<DiffOptions>();
    command->add_option("FIRST", options->a, "A model folder")->required();
    command->add_option("SECOND", options->b, "Another one of the same model")->required();
    command->add_flag("--all", options->all, "Show tensors that are equal, too");
    command->add_option("--threads", options->threads, "Threads to use; 0: all cores")->check(CLI::Range(0, 1 << 12));
    command->callback(
        [&session, options] { session.action = [&session, options] { return diff(session, *options); }; });
}

} // namespace bitlathe::cli
