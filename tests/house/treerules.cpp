// SPDX-License-Identifier: Apache-2.0
// The rules of the house that a look at a single file can check: who may include whom, licences, Qt's place.
#include "house/treerules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <regex>

namespace bitlathe::house
{

namespace fs = std::filesystem;

namespace
{

/// The rooms of core in the order in which data flows through them: includes point upward in this list only.
constexpr std::array<std::string_view, 11> kRooms{"base",   "checkpoint", "text", "model", "calibrate", "quant",
                                                  "format", "evaluate",   "plan", "run",   "report"};

/// The floors of the house: each may use those before it.
enum class Floor { Kernels, Core, Ui, App };

bool isBelow(std::string_view path, std::string_view folder)
{
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::optional<Floor> floorOf(std::string_view path)
{
    constexpr std::array<std::pair<std::string_view, Floor>, 4> kFloors{
        {{"kernels", Floor::Kernels}, {"core", Floor::Core}, {"ui", Floor::Ui}, {"app", Floor::App}}};
    for (const auto& [folder, floor] : kFloors) {
        if (isBelow(path, folder)) {
            return floor;
        }
    }
    return std::nullopt;
}

/// The place of core/ROOM/... in kRooms.
std::optional<std::size_t> roomOf(std::string_view path)
{
    for (std::size_t i = 0; i < kRooms.size(); ++i) {
        if (isBelow(path, fmt::format("core/{}", kRooms[i]))) {
            return i;
        }
    }
    return std::nullopt;
}

bool hasEnding(std::string_view path, std::initializer_list<std::string_view> endings)
{
    return std::ranges::any_of(endings, [path](std::string_view ending) { return path.ends_with(ending); });
}

bool isSource(std::string_view path)
{
    return hasEnding(path, {".h", ".cpp", ".cu", ".cuh"});
}

bool isWithoutQt(std::string_view path)
{
    return isBelow(path, "core") || isBelow(path, "kernels") || isBelow(path, "app/cli") ||
           isBelow(path, "app/usage");
}

std::string_view licenceOf(std::string_view path)
{
    return isBelow(path, "ui") || isBelow(path, "app/gui") ? "GPL-3.0-or-later" : "Apache-2.0";
}

std::vector<std::string_view> linesOf(std::string_view content)
{
    std::vector<std::string_view> lines;
    while (!content.empty()) {
        const std::size_t end = std::min(content.find('\n'), content.size());
        lines.push_back(content.substr(0, end));
        content.remove_prefix(std::min(end + 1, content.size()));
    }
    return lines;
}

struct Include
{
    std::string name;
    bool isQuoted = false;
};

std::vector<Include> includesOf(const std::vector<std::string_view>& lines)
{
    static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::vector<Include> includes;
    for (const std::string_view line : lines) {
        std::match_results<std::string_view::const_iterator> match;
        if (std::regex_search(line.begin(), line.end(), match, pattern)) {
            includes.push_back({match[2].str(), match[1].str() == "\""});
        }
    }
    return includes;
}

bool isQtHeader(const std::string& name)
{
    static const std::regex pattern(R"(^(Qt?[A-Z][A-Za-z0-9]*(/.*)?|q[a-z0-9]+\.h)$)");
    return std::regex_match(name, pattern);
}

/// Nothing where a file at path may include name.
std::optional<std::string> wrongArrow(std::string_view path, const std::string& name)
{
    const auto from = floorOf(path);
    const auto to = floorOf(name);
    if (!from || !to) {
        return std::nullopt;
    }
    const bool isOtherProgram = (isBelow(path, "app/cli") && (*to == Floor::Ui || isBelow(name, "app/gui"))) ||
                                (isBelow(path, "app/gui") && isBelow(name, "app/cli"));
    if (*to > *from || isOtherProgram) {
        return fmt::format("may not include {}", name);
    }
    const auto fromRoom = roomOf(path);
    const auto toRoom = roomOf(name);
    if (*from == Floor::Core && *to == Floor::Core) {
        const bool isTextUsingCheckpoint =
            fromRoom && toRoom && kRooms[*fromRoom] == "text" && kRooms[*toRoom] == "checkpoint";
        if (!fromRoom || !toRoom || *toRoom > *fromRoom || isTextUsingCheckpoint) {
            return fmt::format("may not include {}", name);
        }
    }
    return std::nullopt;
}

void checkIncludes(std::string_view path, const std::vector<std::string_view>& lines, std::vector<std::string>& found)
{
    for (const Include& include : includesOf(lines)) {
        if (auto arrow = wrongArrow(path, include.name)) {
            found.push_back(*std::move(arrow));
        }
        if (isWithoutQt(path) && isQtHeader(include.name)) {
            found.push_back(fmt::format("may not use Qt: {}", include.name));
        }
        const std::string file = fs::path(include.name).filename().string();
        const bool isPlot = isBelow(path, "ui/plots") && path.ends_with(".cpp");
        if (file == "qcustomplot.h" && !isPlot) {
            found.push_back("may not include qcustomplot.h, which only ui/plots/*.cpp may");
        }
        const bool isGenerated = file.ends_with(".moc") || file.starts_with("moc_") || file.starts_with("ui_");
        if (floorOf(path) && include.isQuoted && !isGenerated && !floorOf(include.name)) {
            found.push_back(fmt::format("includes {} by a path that is not from the root", include.name));
        }
    }
}

/// The libraries that a room links must be of the rooms it may include.
void checkLinks(std::string_view path, const std::string& content, std::vector<std::string>& found)
{
    static const std::regex pattern("bitlathe_core_([a-z]+)");
    for (std::sregex_iterator it(content.begin(), content.end(), pattern), end; it != end; ++it) {
        if (const auto arrow = wrongArrow(path, "core/" + (*it)[1].str() + "/x.h")) {
            found.push_back(fmt::format("may not link {}", it->str()));
        }
    }
}

bool needsLicence(std::string_view path, std::string_view content)
{
    return isSource(path) || hasEnding(path, {"CMakeLists.txt", ".cmake", ".py", ".sh"}) || content.starts_with("#!");
}

void checkTop(std::string_view path, const std::vector<std::string_view>& lines, std::vector<std::string>& found)
{
    const std::size_t first = !lines.empty() && lines[0].starts_with("#!") ? 1 : 0;
    const std::string_view mark = isSource(path) ? "//" : "#";
    const std::string start = fmt::format("{} SPDX-License-Identifier: ", mark);
    if (lines.size() <= first || !lines[first].starts_with(start)) {
        found.push_back(fmt::format("has no \"{}\" on top", start));
        return;
    }
    const std::string_view id = lines[first].substr(start.size());
    if (id != licenceOf(path)) {
        found.push_back(fmt::format("is under {}, expected {}", id, licenceOf(path)));
    }
    const bool saysPurpose = lines.size() > first + 1 && lines[first + 1].starts_with("// ");
    if (isSource(path) && !saysPurpose) {
        found.push_back("does not say in its second line what it is for");
    }
    const bool isOnce = std::ranges::find(lines, "#pragma once") != lines.end();
    if (hasEnding(path, {".h", ".cuh"}) && !isOnce) {
        found.push_back("has no #pragma once");
    }
}

} // namespace

std::vector<std::string> violations(std::string_view path, std::string_view content)
{
    std::vector<std::string> found;
    const auto lines = linesOf(content);
    if (needsLicence(path, content)) {
        checkTop(path, lines, found);
    }
    if (isSource(path)) {
        checkIncludes(path, lines, found);
    } else if (path.ends_with("CMakeLists.txt")) {
        checkLinks(path, std::string(content), found);
    }
    return found;
}

std::vector<fs::path> filesOf(const fs::path& root)
{
    constexpr std::array kFolders{"app", "cmake", "core", "kernels", "packaging", "tests", "translations", "ui"};
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(root)) {
        if (entry.is_regular_file()) {
            files.push_back(fs::relative(entry.path(), root));
        }
    }
    for (const char* folder : kFolders) {
        for (fs::recursive_directory_iterator it(root / folder), end; it != end; ++it) {
            const std::string name = it->path().filename().string();
            if (it->is_directory() && (name.starts_with("build") || name == "data" || name == "corpus")) {
                it.disable_recursion_pending();
            } else if (it->is_regular_file()) {
                files.push_back(fs::relative(it->path(), root));
            }
        }
    }
    std::ranges::sort(files);
    return files;
}

} // namespace bitlathe::house
