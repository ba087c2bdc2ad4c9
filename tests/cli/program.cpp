// SPDX-License-Identifier: Apache-2.0
// Runs bitlathe-cli as a user would, with data and cache folders of its own.
#include "cli/program.h"

#include "core/base/file.h"

#include <fstream>

namespace bitlathe::tests
{

namespace fs = std::filesystem;

std::string Outcome::all() const
{
    return "stdout:\n" + out.substr(0, 4000) + "\nstderr:\n" + err.substr(0, 4000);
}

QProcessEnvironment Program::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_DATA_HOME", text(m_home / "data"));
    environment.insert("XDG_CACHE_HOME", text(m_home / "cache"));
    environment.insert("XDG_CONFIG_HOME", text(m_home / "config"));
    return environment;
}

std::unique_ptr<QProcess> Program::start(const QStringList& arguments) const
{
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(environment());
    process->start(BITLATHE_CLI, arguments);
    process->waitForStarted();
    return process;
}

Outcome Program::finish(QProcess& process, int timeoutMs)
{
    Outcome outcome;
    const bool ended = process.waitForFinished(timeoutMs);
    if (ended && process.exitStatus() == QProcess::NormalExit) {
        outcome.code = process.exitCode();
    } else if (!ended) {
        process.kill();
        process.waitForFinished();
    }
    outcome.out = process.readAllStandardOutput().toStdString();
    outcome.err = process.readAllStandardError().toStdString();
    outcome.parsed = parseJson(outcome.out, "stdout").value_or(Json(nullptr));
    return outcome;
}

Outcome Program::run(const QStringList& arguments) const
{
    return finish(*start(arguments));
}

Outcome Program::json(QStringList arguments) const
{
    return run(arguments << "--json");
}

fs::path demoModel()
{
    return fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
}

fs::path demoText()
{
    return fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/text/evaluation.txt";
}

fs::path demoCalibration()
{
    return fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/text/calibration.jsonl";
}

void linkDemoModel(const fs::path& to)
{
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator(demoModel())) {
        const fs::path target = to / entry.path().filename();
        if (entry.path().extension() == ".safetensors") {
            fs::create_symlink(entry.path(), target);
        } else {
            fs::copy_file(entry.path(), target);
        }
    }
}

void editConfig(const fs::path& folder, const std::string& key, const std::optional<Json>& value)
{
    Json config = *readJson(folder / "config.json");
    if (value) {
        config[key] = *value;
    } else {
        config.erase(key);
    }
    std::ofstream(folder / "config.json") << config.dump(2);
}

std::map<std::string, std::string> filesBelow(const fs::path& folder)
{
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && !entry.path().filename().string().starts_with("bitlathe-")) {
            files[entry.path().lexically_relative(folder).string()] = *readFile(entry.path());
        }
    }
    return files;
}

} // namespace bitlathe::tests
