# SPDX-License-Identifier: Apache-2.0
# No call leads to a network, everything works where there is none, and what is passed on does not name the user's home.
import shutil
import subprocess
import sys
from pathlib import Path

from campaign import CALIBRATION, EVALUATION, MODEL, Checks, Program, arguments, scratch

NAMESPACE = ["unshare", "--net"]


class Offline:
    """Runs programs in a network namespace without interfaces, under a library that notes calls of the network."""

    def __init__(self, program, library):
        self.program, self.library = program, Path(library).resolve()
        self.log = program.folder / "network.log"

    def run(self, *command, home=None):
        environment = self.program.environment(home, LD_PRELOAD=self.library, BITLATHE_NETWORK_LOG=self.log, QT_QPA_PLATFORM="offscreen")
        return subprocess.run([*NAMESPACE, *map(str, command)], env=environment, capture_output=True, text=True, errors="replace",
                              cwd=self.program.folder, timeout=1200)

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


def flow(home):
    """One of each command that a person uses, on a model below the home folder."""
    model, out, gptq = home / "models/demo", home / "models/demo-int4", home / "models/demo-gptq"
    text = ["--data", CALIBRATION, "--samples", 2, "--length", 64]
    windows = ["--windows", 1, "--length", 64]
    measured = ["--evaluate", EVALUATION, "--windows", 1, "--eval-length", 64]
    reports = [["report", out, "--out", home / f"report.{ending}"] for ending in ("html", "csv", "json")]
    return [
        ["inspect", model], ["advise", model, "--no-gpu"], ["estimate", model], ["memory", model],
        ["quantize", model, "--method", "gptq", "--format", "gptq", "--out", gptq, *text],
        ["quantize", model, "--out", out, "--recipe-out", home / "recipe.yaml", *text, *measured],
        ["verify", out], *reports, ["compare", model, out, "--data", EVALUATION, *windows, "--out", home / "comparison.html"],
        ["compare", model, out, "--data", EVALUATION, *windows, "--out", home / "comparison.json"],
        ["convert", gptq, "--to", "compressed-tensors", "--out", home / "models/converted"],
        ["generate", out, "--prompt", "The", "-n", 2], ["tokenize", model, "--text", "The"], ["diff", model, out],
        ["perplexity", out, "--data", EVALUATION, *windows], ["runs"], ["cache"],
    ]


def main():
    options = arguments("No network, no home folder in what is passed on", network=(Path, None), suites=(str, ""))
    if not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode != 0:
        print("privacy: skipped: a network namespace can't be made here")
        sys.exit(77)
    checks = Checks("privacy")
    with scratch("privacy") as folder:
        home = Path(folder) / "somebody-s-home"
        shutil.copytree(MODEL, home / "models/demo")
        program = Program(options.cli, home / "work")
        offline = Offline(program, options.network)
        # What tells calls apart must see one that there is.
        offline.run(sys.executable, "-c", "import socket; socket.socket().close()")
        checks.that(offline.calls() == ["socket 2"], f"a call is not seen: {offline.calls()}")
        offline.log.unlink(missing_ok=True)
        commands = flow(home)
        for command in commands:
            done = offline.run(program.cli, *command, home=home)
            checks.that(done.returncode == 0, f"{command[0]} without a network: {done.returncode} {done.stderr[-300:]}")
        suites = [suite for suite in options.suites.split(",") if suite]
        for suite in suites:
            done = offline.run(Path(suite).resolve())
            checks.that(done.returncode == 0, f"{Path(suite).name} without a network: {done.stdout[-600:]}")
        checks.that(not offline.calls(), f"calls of the network: {offline.calls()[:5]}")
        passed_on = [*home.glob("*.html"), *home.glob("*.csv"), *home.glob("*.json"), *home.glob("models/demo-*/*.json"), *home.glob("models/converted/*")]
        for file in passed_on:
            checks.that(str(home).encode() not in file.read_bytes(), f"{file.relative_to(home)} names the home folder")
        checks.that(len(passed_on) > 15, f"only {len(passed_on)} files looked at")
        again = program.run("report", home / "models/demo-int4", "--out", home / "again.json", home=home)
        checks.that(again.code == 0, f"a record that does not name the home folder: {again.err}")
        checks.say(f"{len(commands)} commands and {len(suites)} suites without a network; {len(passed_on)} files without the home folder")
    checks.end()


if __name__ == "__main__":
    main()
