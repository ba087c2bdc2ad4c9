// SPDX-License-Identifier: Apache-2.0
// OutputFolder: OUT and OUT.partial, one process at a time, and the change from one to the other.
#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"

#include <filesystem>

namespace bitlathe::checkpoint
{

/// A claimed place for a result. Holds a lock in OUT.partial for as long as this lives.
class OutputFolder
{
public:
    /// Checks that OUT may be made or replaced, makes OUT.partial (empty, unless keep) and locks it.
    /// Errors: OutputExists (also: another process writes it), WriteFailed.
    static Result<OutputFolder> claim(const std::filesystem::path& out, bool keep, bool overwrite);

    OutputFolder() = default;

    const std::filesystem::path& out() const { return m_out; }
    const std::filesystem::path& partial() const { return m_partial; }

    /// Gives OUT.partial the name OUT. What had the name goes only then, as do files named .bitlathe*.
    Result<void> publish();
    /// Removes OUT.partial.
    void discard();

private:
    Result<void> lock();
    Result<void> replaceOut() const;

    std::filesystem::path m_out;
    std::filesystem::path m_partial;
    bool m_mayReplace = false;
    Descriptor m_lock;
};

} // namespace bitlathe::checkpoint
