# SPDX-License-Identifier: Apache-2.0
# What the campaigns share: the program under test in folders of its own, measured children, checks that are counted.
import argparse
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
MODEL = SOURCE / "resources/demo/model"
CALIBRATION = SOURCE / "resources/demo/text/calibration.jsonl"
EVALUATION = SOURCE / "resources/demo/text/evaluation.txt"
RECORD = "bitlathe-run.json"  # The one file of a result with times in it.


@dataclass
class Outcome:
    """How a child ended. code: exit code, or minus the signal; seconds: of the clock; bytes_peak: its peak resident set;
    timed_out: killed by us."""

    code: int
    out: str
    err: str
    seconds: float
    seconds_processor: float
    bytes_peak: int
    timed_out: bool

    def error(self):
        """The sentence of a refusal, without the notes before it; empty where there is none."""
        lines = [line for line in self.err.splitlines() if line.startswith("error: ")]
        return lines[-1] if lines else ""

    def crashed(self):
        return self.code < 0 or "terminate called" in self.err or "Sanitizer" in self.err


class Checks:
    """Counts what held. A campaign goes on after a failure, and ends with exit code 1 where there was one."""

    def __init__(self, name):
        self.name = name
        self.held = 0
        self.failed = []
        self.started = time.monotonic()

    def that(self, condition, what):
        if condition:
            self.held += 1
        else:
            self.failed.append(what)
            print(f"{self.name}: FAILED: {what}", flush=True)
        return bool(condition)

    def say(self, text):
        print(f"{self.name}: {text}", flush=True)

    def end(self):
        seconds = time.monotonic() - self.started
        self.say(f"{self.held} checks held, {len(self.failed)} failed, {seconds:.0f} s")
        sys.exit(1 if self.failed or not self.held else 0)


class Program:
    """bitlathe-cli with cache, history and settings below a folder of its own."""

    def __init__(self, cli, folder):
        self.cli = str(Path(cli).resolve())
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self, home=None, **more):
        home = Path(home or self.folder / "home")
        own = {"HOME": home, "XDG_CACHE_HOME": home / "cache", "XDG_DATA_HOME": home / "data", "XDG_CONFIG_HOME": home / "config"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "BITLATHE_"))}
        return kept | {name: str(value) for name, value in (own | more).items()}

    def start(self, arguments, home=None, bytes_address_max=None, before=None, **more):
        """Starts a child; its output goes to files, so that a pipe never holds it up. before: called in the child."""

        def limit():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if before:
                before()
            if bytes_address_max:
                resource.setrlimit(resource.RLIMIT_AS, (bytes_address_max, bytes_address_max))

        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        child = subprocess.Popen(
            [self.cli, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            cwd=self.folder, env=self.environment(home, **more), preexec_fn=limit, start_new_session=True)
        child.files = (out, err)
        child.began = time.monotonic()
        return child

    def end(self, child, seconds_max=300.0):
        """Waits for a child, kills it after so many seconds, and says how it ended."""
        timed_out = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - child.began > seconds_max and not timed_out:
                timed_out = True
                os.kill(child.pid, signal.SIGKILL)
            time.sleep(0.002)
        seconds = time.monotonic() - child.began
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in child.files:
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
            file.close()
        return Outcome(child.returncode, *texts, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, timed_out)

    def run(self, *arguments, seconds_max=300.0, **more):
        return self.end(self.start(arguments, **more), seconds_max)


def quantize(out, method="rtn", model=MODEL, samples=4, length=128, more=()):
    """Arguments of a short run."""
    text = [] if method == "rtn" and not samples else ["--data", CALIBRATION, "--samples", samples, "--length", length]
    return ["quantize", model, "--method", method, "--bits", 4, "--group-size", 128, "--out", out, "--threads", 2, *text, *more]


def contents(folder):
    """Digest of every file of a result but its record, and of the record what is no time, size of memory or path. A journal
    that a run did not come to take away after it gave the result its name is no part of it."""
    files = {}
    for file in sorted(Path(folder).rglob("*")):
        if file.is_file() and file.name != RECORD and not file.name.startswith(".bitlathe-"):
            files[str(file.relative_to(folder))] = hashlib.sha256(file.read_bytes()).hexdigest()
    record = Path(folder) / RECORD
    if record.exists():
        files[RECORD] = timeless(json.loads(record.read_text()))
    return files


def timeless(value):
    """A record without what differs from run to run."""
    if isinstance(value, dict):
        ours = ("seconds", "peak_rss_bytes", "out", "recipe", "statistics", "from_cache")
        return {key: timeless(part) for key, part in value.items() if key not in ours}
    return [timeless(part) for part in value] if isinstance(value, list) else value


def remove(*paths):
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def arguments(description, **options):
    """The command line of a campaign: the program, --short for the form that is part of the suite, and its own options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("cli", help="path of bitlathe-cli")
    parser.add_argument("--short", action="store_true", help="a few seconds of it, as part of the test suite")
    parser.add_argument("--seed", type=int, default=1)
    for name, (kind, default) in options.items():
        parser.add_argument("--" + name, type=kind, default=default)
    return parser.parse_args()


def scratch(name):
    """A folder that goes when the campaign ends."""
    return tempfile.TemporaryDirectory(prefix=f"bitlathe-{name}-")
