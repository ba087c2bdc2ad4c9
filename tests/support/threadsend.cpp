// SPDX-License-Identifier: Apache-2.0
// Lets threads that are about to end do so before the leak sanitizer looks, in its builds only. Once Qt's library has
// been closed, a thread that QThread::wait() called finished no longer frees what Qt keeps of it: Qt Test's watchdog
// was reported as a leak of 152 bytes, once in thousands of programs.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include <unistd.h>

namespace
{

/// Whether the kernel has a thread beside this one that is not asleep; one that waits for work is.
bool anotherIsBusy()
{
    std::error_code error;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
        if (task.path().filename() == std::to_string(gettid())) {
            continue;
        }
        std::string line;
        std::getline(std::ifstream(task.path() / "stat"), line);
        const std::size_t name = line.rfind(") ");
        if (name != std::string::npos && line.find_first_of("RD", name) == name + 2) {
            return true;
        }
    }
    return false;
}

/// Waits for a second at most, when the program leaves main and before libraries close.
struct AtExit
{
    ~AtExit()
    {
        for (int wait = 0; wait < 1000 && anotherIsBusy(); ++wait) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
} atExit;

} // namespace
