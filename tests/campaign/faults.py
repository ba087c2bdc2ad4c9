# SPDX-License-Identifier: Apache-2.0
# Faults: runs a program whose n-th change of the disk fails, or is its last, by way of the library faults.cpp.
import errno
from pathlib import Path


class Faults:
    def __init__(self, library):
        self.library = str(Path(library).resolve())

    def run(self, program, arguments, folder, number, reason, stays=False, home=None, log=None):
        """Runs it with change number below folder failing with reason: a name of errno, or KILL."""
        more = {"LD_PRELOAD": self.library, "BITLATHE_FAULT_FOLDER": Path(folder).resolve(), "BITLATHE_FAULT_AT": number,
                "BITLATHE_FAULT_ERRNO": reason if reason == "KILL" else getattr(errno, reason),
                "BITLATHE_FAULT_STAYS": int(stays)}
        if log:
            more["BITLATHE_FAULT_LOG"] = log
        return program.run(*arguments, home=home, **more)

    def changes(self, program, arguments, folder, home=None):
        """What the undisturbed program changes: a list of (call, path)."""
        log = program.folder.parent / (program.folder.name + "-changes.log")
        log.unlink(missing_ok=True)
        outcome = self.run(program, arguments, folder, 0, "EIO", home=home, log=log)
        if outcome.code != 0:
            raise RuntimeError(f"the undisturbed run fails: {outcome.err}")
        lines = log.read_text().splitlines()
        log.unlink()
        return [tuple(line.split(" ", 2)[1:]) for line in lines]

    def count(self, program, arguments, folder, home=None):
        return len(self.changes(program, arguments, folder, home))
