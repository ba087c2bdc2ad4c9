// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli cache: what is kept to not be computed again, where, and how much it may take.
#include "core/base/cache.h"
#include "app/cli/command.h"
#include "app/cli/quantities.h"
#include "app/cli/table.h"
#include "core/report/numbers.h"

namespace bitlathe::cli
{

namespace
{

struct CacheOptions
{
    std::string limit;
    std::string folder;
    bool clear = false;
};

Result<void> changeSettings(const CacheOptions& options)
{
    CacheSettings settings = cacheSettings();
    if (!options.limit.empty()) {
        BITLATHE_TRY(settings.bytesMax,
                     options.limit == "none" ? Result<std::uint64_t>(0) : bytesFrom("--limit", options.limit));
    }
    if (!options.folder.empty()) {
        settings.folder = options.folder == "usual" ? "" : std::filesystem::absolute(options.folder);
    }
    return settings == cacheSettings() ? Result<void>() : saveCacheSettings(settings);
}

void noteTrim(Session& session, const CacheTrim& trim)
{
    session.console.note(report::bytesText(trim.bytesFreed) + " removed" +
                         (trim.inUse > 0 ? fmt::format(", {} entries are in use and stay", trim.inUse) : ""));
}

Result<void> showCache(Session& session, const CacheOptions& options)
{
    BITLATHE_CHECK(changeSettings(options));
    const CacheSettings settings = cacheSettings();
    if (options.clear) {
        noteTrim(session, trimCache(0));
    } else if (!options.limit.empty() && settings.bytesMax > 0) {
        noteTrim(session, trimCache(settings.bytesMax));
    }
    Table table({{"Kept"}, {"Entries", true}, {"Size", true}});
    Json kinds = Json::array();
    for (const CacheKind& kind : cacheKinds()) {
        table.add({kind.name, report::countText(kind.entries), report::bytesText(kind.bytes)});
        kinds.push_back({{"name", kind.name}, {"entries", kind.entries}, {"bytes", kind.bytes}});
    }
    const std::string limit = settings.bytesMax > 0 ? report::bytesText(settings.bytesMax) : "none";
    session.console.print(table.text() + fmt::format("\nFolder: {}\nLimit: {}\n", cacheFolder().string(), limit));
    session.console.document({{"folder", cacheFolder().string()},
                              {"bytes_max", settings.bytesMax > 0 ? Json(settings.bytesMax) : Json(nullptr)},
                              {"kinds", std::move(kinds)}});
    return {};
}

} // namespace

void addCacheCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "cache",
                               "What is kept to not be computed again: statistics, scores, fingerprints of models");
    auto options = std::make_shared<CacheOptions>();
    command->add_option("--limit", options->limit,
                        "What it may take from now on, such as 20GB, or none; what was not used for the longest goes");
    command->add_option("--folder", options->folder, "Where it lies from now on, or usual; what is there stays");
    command->add_flag("--clear", options->clear, "Remove all that nobody uses just now");
    command->callback(
        [&session, options] { session.action = [&session, options] { return showCache(session, *options); }; });
}

} // namespace bitlathe::cli
