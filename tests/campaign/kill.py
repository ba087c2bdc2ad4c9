# SPDX-License-Identifier: Apache-2.0
# kill -9 at random moments, and right before each change of the disk: a resume ends with the bytes of an undisturbed run.
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

from campaign import Checks, Program, arguments, contents, quantize, remove, scratch
from faults import Faults


class Kills:
    """Runs of one method that are killed, and what came of them."""

    def __init__(self, checks, program, method):
        self.checks, self.program, self.method = checks, program, method
        self.home = program.folder / "home"
        self.out = program.folder / "out"
        self.partial = program.folder / "out.partial"
        self.states = Counter()
        self.clear()
        whole = program.run(*quantize(self.out, method))
        checks.that(whole.code == 0, f"{method}: the undisturbed run: {whole.err}")
        self.seconds = whole.seconds
        self.expected = contents(self.out)

    def clear(self):
        remove(self.home, self.out, self.partial)

    def state(self):
        """What the kill left, in words."""
        if self.out.exists():
            return "whole"
        journal = self.partial / ".bitlathe-journal.jsonl"
        if not journal.exists():
            return "no journal"
        return f"{max(journal.read_bytes().count(10) - 1, 0)} blocks"

    def mend(self, what):
        """Goes on as a user would, and checks what comes of it. True where all is as it should be."""
        state = self.state()
        self.states["some blocks" if state.endswith("blocks") else state] += 1
        where = f"{self.method}, {what}, {state}"
        if state != "whole":
            resumed = self.program.run("resume", self.out, "--threads", 2)
            if state == "no journal":
                self.checks.that(resumed.code != 0 and resumed.error(), f"{where}: resume without a journal: {resumed.err}")
                resumed = self.program.run(*quantize(self.out, self.method))
            if not self.checks.that(resumed.code == 0, f"{where}: resume: {resumed.err}"):
                return False
        verified = self.program.run("verify", self.out)
        fine = self.checks.that(verified.code == 0, f"{where}: verify: {verified.err}")
        fine &= self.checks.that(contents(self.out) == self.expected, f"{where}: other bytes")
        left = {path.name for path in self.program.folder.iterdir()} - {"home", "out"}
        return self.checks.that(not left, f"{where}: left behind: {left}") and fine

    def at_random(self, count, generator):
        """Kills a run, and every third time its resume too. Only kills that met a living process count."""
        equal = kills = misses = 0
        while kills < count and misses < 10 * count:
            self.clear()
            child = self.program.start(quantize(self.out, self.method))
            time.sleep(generator.uniform(0, self.seconds))
            os.kill(child.pid, signal.SIGKILL)
            if self.program.end(child).code != -signal.SIGKILL:
                misses += 1
                continue
            kills += 1
            if kills % 3 == 0 and self.state().endswith("blocks"):
                child = self.program.start(["resume", self.out, "--threads", 2])
                time.sleep(generator.uniform(0, self.seconds))
                os.kill(child.pid, signal.SIGKILL)
                self.program.end(child)
            equal += self.mend(f"kill {kills}")
        self.checks.say(f"{self.method}: {equal} of {kills} equal after kills at random moments of {self.seconds:.2f} s, "
                        f"left: {dict(self.states)}")

    def at_changes(self, faults, step, last):
        """Kills a run right before its n-th change of the disk, for every step-th n (0: some six) and each of the last, which publish."""
        self.clear()
        total = faults.count(self.program, quantize(self.out, self.method), self.program.folder)
        equal = tried = 0
        for number in sorted({*range(1, total + 1, step or total // 6), *range(total - last + 1, total + 1)}):
            self.clear()
            outcome = faults.run(self.program, quantize(self.out, self.method), self.program.folder, number, "KILL")
            self.checks.that(outcome.code == -signal.SIGKILL, f"{self.method}: change {number} was not reached")
            tried += 1
            equal += self.mend(f"before change {number}")
        self.checks.say(f"{self.method}: {equal} of {tried} equal after kills before a change of the disk (of {total})")


def main():
    options = arguments("kill -9 at random moments and before changes of the disk, then resume", kills=(int, 100), step=(int, 1), faults=(Path, None))
    checks = Checks("kill")
    generator = random.Random(options.seed)
    with scratch("kill") as folder:
        for method in ("rtn", "gptq", "awq"):
            kills = Kills(checks, Program(options.cli, Path(folder) / method), method)
            if options.short:
                kills.at_random({"rtn": 3, "gptq": 3, "awq": 1}[method], generator)
            else:
                kills.at_random(options.kills, generator)
            if options.faults and method == "gptq":
                kills.at_changes(Faults(options.faults), *((0, 4) if options.short else (options.step, 20)))
    checks.end()


if __name__ == "__main__":
    main()
