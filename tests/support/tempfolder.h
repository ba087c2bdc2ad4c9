// SPDX-License-Identifier: Apache-2.0
// Test helpers: a temporary folder, the golden folder, comparing floats, failing with an Error's sentence.
#pragma once

#include "core/base/result.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

namespace bitlathe::tests
{

/// A folder that goes with the test.
class TempFolder
{
public:
    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    std::filesystem::path operator/(const std::string& name) const { return path() / name; }

private:
    QTemporaryDir m_folder;
};

inline std::filesystem::path sharedFolder()
{
    return BITLATHE_SHARED;
}

} // namespace bitlathe::tests

/// Skips the test function where the golden folder is not there.
#define BITLATHE_NEED_SHARED()                                                                                         \
    if (!std::filesystem::exists(::bitlathe::tests::sharedFolder() / "golden")) {                                      \
        QSKIP("the golden files are not beside the checkout");                                                         \
    }

/// Fails with the error's sentence where result holds one.
#define BITLATHE_VERIFY_OK(result)                                                                                     \
    QVERIFY2((result).has_value(), (result).has_value() ? "" : (result).error().sentence().c_str())
