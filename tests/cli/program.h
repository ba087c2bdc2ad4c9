// SPDX-License-Identifier: Apache-2.0
// Runs bitlathe-cli as a user would, with data and cache folders of its own.
#pragma once

#include "core/base/json.h"
#include "support/tempfolder.h"

#include <QProcess>
#include <QStringList>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

namespace bitlathe::tests
{

/// How a call ended.
struct Outcome
{
    int code = -1; ///< -1: it crashed or did not end in time.
    std::string out;
    std::string err;
    Json parsed; ///< See document().

    /// The document on stdout; null where it is none. Lives as long as the outcome, so loops may walk its parts.
    const Json& document() const& { return parsed; }
    Json document() && = delete;
    /// For messages of failed checks.
    std::string all() const;
};

/// The program and the folders it keeps things in.
class Program
{
public:
    Outcome run(const QStringList& arguments) const;
    /// As run() with --json.
    Outcome json(QStringList arguments) const;
    /// A running call.
    std::unique_ptr<QProcess> start(const QStringList& arguments) const;
    static Outcome finish(QProcess& process, int timeoutMs = 240'000);

    QProcessEnvironment environment() const;

private:
    TempFolder m_home;
};

/// The bundled demo model and its texts.
std::filesystem::path demoModel();
std::filesystem::path demoText();
std::filesystem::path demoCalibration();

/// A folder with the demo model's files; its weights are a link to the bundled ones.
void linkDemoModel(const std::filesystem::path& to);
/// Replaces one value of a folder's config.json; nothing: removes the key.
void editConfig(const std::filesystem::path& folder, const std::string& key, const std::optional<Json>& value);

/// All files below a folder with their content, but those whose name begins with "bitlathe-".
std::map<std::string, std::string> filesBelow(const std::filesystem::path& folder);

inline QString text(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

} // namespace bitlathe::tests

/// Fails with everything that was said unless the program ended with this code.
#define BITLATHE_VERIFY_EXIT(outcome, expected)                                                                        \
    QVERIFY2((outcome).code == (expected),                                                                             \
             ("exit code " + std::to_string((outcome).code) + '\n' + (outcome).all()).c_str())
