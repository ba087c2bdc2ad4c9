# SPDX-License-Identifier: Apache-2.0
# A disk that fails at each change of a quantization, an export, a report: one sentence, no exit code of success, nothing
# lost, nothing under a final name that is not whole.
import hashlib
import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path

from campaign import MODEL, Checks, Program, arguments, contents, quantize, remove, scratch
from faults import Faults

REASONS = ("ENOSPC", "EIO", "EDQUOT", "EROFS")

# What the program does without: what it keeps to be faster or to look back. A run goes on when it can't be written.
OPTIONAL = re.compile(r"/home/(cache|data)(/|$)")
# Files taken away after the result has its name, and the room that a file is given: what fails there harms nothing.
HARMLESS = ("unlink", "unlinkat", "remove", "rmdir")


class Job:
    """A command that writes: its arguments, what it makes, and how to tell that this is whole."""

    def __init__(self, name, command, made, prepare=None):
        self.name, self.command, self.made, self.prepare = name, command, made, prepare


class Disk:
    def __init__(self, checks, program, faults):
        self.checks, self.program, self.faults = checks, program, faults
        self.work = program.folder / "work"  # Changes below it fail.
        self.keep = program.folder / "keep"  # What is there before.
        self.home = self.work / "home"
        self.codes = Counter()

    def fresh(self, job):
        """The state before the command: a history with one earlier run, and what the job starts from."""
        remove(self.work)
        if not self.keep.exists():
            self.work.mkdir(parents=True)
            first = self.program.run(*quantize(self.work / "first", samples=0), home=self.home)
            self.checks.that(first.code == 0, f"the earlier run: {first.err}")
            self.work.rename(self.keep)
        shutil.copytree(self.keep, self.work)
        if job.prepare:
            job.prepare(self)

    def whole(self, made):
        """Digest of a result, or of a file; nothing where there is none."""
        if made.is_dir():
            return contents(made)
        return {made.name: re.sub(rb'[0-9.e+-]+', b"#", made.read_bytes())} if made.exists() else None

    def fail(self, job, number, call, path, reason, stays, expected):
        self.fresh(job)
        before = self.whole(job.made)
        first = contents(self.work / "first")
        outcome = self.faults.run(self.program, job.command, self.work, number, reason, stays, self.home)
        where = f"{job.name}, change {number} ({call} {path}), {reason}{' from then on' if stays else ''}"
        checks = self.checks
        self.codes[outcome.code] += 1
        checks.that(not outcome.crashed() and not outcome.timed_out, f"{where}: crashed: {outcome.code} {outcome.err[-300:]}")
        after = self.whole(job.made)
        if outcome.code == 0:
            checks.that(OPTIONAL.search(path) or call in HARMLESS, f"{where}: exit code 0")
            checks.that(after == expected, f"{where}: other bytes under exit code 0")
        else:
            checks.that(outcome.code == 1 or outcome.code == 3, f"{where}: exit code {outcome.code}")
            sentences = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
            checks.that(len(sentences) == 1, f"{where}: {len(sentences)} sentences: {outcome.err[-500:]}")
            checks.that(after in (before, expected), f"{where}: something half-written under the final name")
            checks.that(str(self.work) in outcome.error(), f"{where}: a sentence without a place: {outcome.error()}")
        if job.made.is_dir() and after:
            verified = self.program.run("verify", job.made, home=self.home)
            checks.that(verified.code == 0, f"{where}: verify: {verified.err}")
        checks.that(contents(self.work / "first") == first, f"{where}: an earlier result changed")
        listed = self.program.run("runs", "--json", home=self.home)
        runs = json.loads(listed.out)["runs"] if listed.code == 0 else []
        checks.that(any(run["out"] == str(self.work / "first") for run in runs), f"{where}: history lost: {listed.err} {listed.out[:200]}")
        self.again(job, where, after, expected)

    def again(self, job, where, after, expected):
        """With the disk in order the same command, or a resume, ends as if nothing had been."""
        if after == expected:
            return
        resumable = (self.work / "out.partial/.bitlathe-journal.jsonl").exists()
        command = ["resume", job.made] if resumable and job.name == "quantize" else job.command
        outcome = self.program.run(*command, home=self.home)
        self.checks.that(outcome.code == 0, f"{where}: again: {outcome.err}")
        self.checks.that(self.whole(job.made) == expected, f"{where}: other bytes when done again")

    def run(self, job, step, generator):
        self.fresh(job)
        changes = self.faults.changes(self.program, job.command, self.work, self.home)
        expected = self.whole(job.made)
        self.checks.that(expected, f"{job.name}: made nothing")
        self.codes.clear()
        # Within a series of the same call for the same file one change is as good as another.
        borders = [number for number in range(1, len(changes) + 1)
                   if number in (1, len(changes)) or changes[number - 2] != changes[number - 1] or changes[number] != changes[number - 1]]
        chosen = borders[generator.randrange(step)::step]
        for count, number in enumerate(chosen):
            call, path = changes[number - 1]
            self.fail(job, number, call, path, REASONS[count % 4], count % 8 < 4, expected)
        self.checks.say(f"{job.name}: {len(chosen)} of {len(changes)} changes failed once, exit codes {dict(self.codes)}")


def jobs(disk):
    out, report = disk.work / "out", disk.work / "report.html"

    def old_report(disk):
        report.write_text("the report of before")

    return [
        Job("quantize", quantize(out, "gptq"), out),
        Job("export", ["convert", disk.work / "first", "--to", "gptq", "--out", out], out),
        Job("report", ["report", disk.work / "first", "--out", report], report, old_report),
    ]


def main():
    options = arguments("A disk that fails at each change", faults=(Path, None), step=(int, 1))
    checks = Checks("disk")
    generator = random.Random(options.seed)
    model = hashlib.sha256((MODEL / "model.safetensors").read_bytes()).digest()
    with scratch("disk") as folder:
        disk = Disk(checks, Program(options.cli, folder), Faults(options.faults))
        for job in jobs(disk):
            disk.run(job, {"quantize": 60, "export": 30, "report": 2}[job.name] if options.short else options.step, generator)
    checks.that(hashlib.sha256((MODEL / "model.safetensors").read_bytes()).digest() == model, "the source model changed")
    checks.end()


if __name__ == "__main__":
    main()
