# SPDX-License-Identifier: Apache-2.0
# Every fuzz target under libFuzzer for so many minutes of processor time, from its corpus: no crash, no leak, nothing slow,
# nothing that takes much memory. What is found stays in FINDINGS.
#   fuzz.py BUILD [--minutes M] [--only NAME,...] [--findings FOLDER] [--inputs FOLDER]
# BUILD is a tree with BITLATHE_FUZZ, as tests/fuzz/CMakeLists.txt says. Inputs that reached something new are kept in a
# folder for each target under INPUTS, from where a later run goes on.
import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from campaign import SOURCE, Checks

SECONDS_SLOW = 10  # Of one input; under sanitizers everything takes several times as long.
MIB_MOST = 1024
INTERRUPTED = 72  # libFuzzer's exit code when it is asked to stop.
COVERED = r"cov: (\d+)"
KEPT = r"corp: (\d+)"
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    """That a process has used so far; None once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS


def fuzz(program, name, seconds, findings, inputs):
    """Runs a target; gives how it ended, its log and the processor time it had."""
    corpus = SOURCE / "tests/fuzz/corpus" / name
    new = inputs / name
    new.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"bitlathe-fuzz-{name}-") as scratch, tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            [program, f"-timeout={SECONDS_SLOW}", f"-rss_limit_mb={MIB_MOST}", f"-artifact_prefix={findings}/{name}-",
             "-print_final_stats=1", "-reload=0", str(new), str(corpus)],
            stdout=log, stderr=log, env=os.environ | {"TMPDIR": scratch})
        used = 0.0
        while child.poll() is None:
            now = processor_seconds(child.pid)
            used = used if now is None else max(used, now)
            if used >= seconds:
                child.send_signal(signal.SIGINT)
                child.wait()
            time.sleep(0.5)
        log.seek(0)
        return child.returncode, log.read().decode("utf-8", "replace"), used


def last(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def main():
    parser = argparse.ArgumentParser(description="Long runs of the fuzz targets")
    parser.add_argument("build")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--only", default="")
    parser.add_argument("--findings", default="fuzz-findings")
    parser.add_argument("--inputs", default="fuzz-inputs")
    options = parser.parse_args()
    tests = Path(options.build).resolve() / "tests"
    names = sorted(file.name.removeprefix("fuzz_") for file in tests.glob("fuzz_*") if not file.name.startswith("fuzz_replay"))
    if options.only:
        names = options.only.split(",")
    if not names:
        sys.exit("There are no libFuzzer programs in " + str(tests))
    findings = Path(options.findings).resolve()
    findings.mkdir(parents=True, exist_ok=True)
    inputs = Path(options.inputs).resolve()
    checks = Checks("fuzz")
    for name in names:
        code, log, used = fuzz(tests / f"fuzz_{name}", name, 60 * options.minutes, findings, inputs)
        executions = last(r"stat::number_of_executed_units:\s+(\d+)", log) or last(r"#(\d+)", log)
        checks.say(f"{name}: {executions} inputs in {used / 60:.1f} min, {last(COVERED, log)} edges, "
                   f"{last(KEPT, log)} inputs kept")
        if not checks.that(code in (0, INTERRUPTED) and executions > 0, f"{name} ended with {code}"):
            print(log[-3000:], flush=True)
    checks.that(not any(findings.iterdir()), f"nothing in {findings}")
    checks.end()


main()
