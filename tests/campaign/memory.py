# SPDX-License-Identifier: Apache-2.0
# A model of three times the memory that a run is allowed: rounding and GPTQ end, and take what the estimate said.
import json
import os
import random
import sys
from pathlib import Path

from campaign import Checks, Program, arguments, remove, scratch

TOLERANCE = 0.10


class MemoryGroup:
    """A control group below ours whose processes get so many bytes, files they read included. Version 1 or 2."""

    def __init__(self, bytes_max):
        own = {line.split(":")[1]: line.strip().split(":", 2)[2] for line in open("/proc/self/cgroup")}
        if "memory" in own:
            parent, limit, self.peak_file = Path("/sys/fs/cgroup/memory" + own["memory"]), "memory.limit_in_bytes", "memory.max_usage_in_bytes"
        else:
            parent, limit, self.peak_file = Path("/sys/fs/cgroup" + own.get("", "/")), "memory.max", "memory.peak"
        self.folder = parent / f"bitlathe-campaign-{os.getpid()}"
        self.folder.mkdir()
        try:
            (self.folder / limit).write_text(str(bytes_max))
        except OSError:
            self.folder.rmdir()
            raise

    def enter(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def bytes_peak(self):
        file = self.folder / self.peak_file
        return int(file.read_text()) if file.exists() else 0

    def remove(self):
        self.folder.rmdir()


def write_ids(file, samples, length, vocabulary=32000):
    generator = random.Random(3)
    file.write_text(json.dumps([generator.randrange(vocabulary) for _ in range(samples * length)]))


def limited_run(checks, program, model, method, samples, length):
    bytes_model = sum(path.stat().st_size for path in model.iterdir())
    ids, out = program.folder / "ids.json", program.folder / "out"
    write_ids(ids, samples, length)
    text = ["--data", f"ids:{ids}", "--samples", samples, "--length", length] if method != "rtn" else []
    command = ["quantize", model, "--method", method, "--group-size", 128, "--out", out, "--threads", 2, *text, "--json"]
    dry = program.run(*command, "--dry-run")
    checks.that(dry.code == 0, f"{method}: --dry-run: {dry.err}")
    estimated = json.loads(dry.out)["peak_ram_bytes"]
    group = MemoryGroup(bytes_model // 3)
    try:
        outcome = program.run(*command, seconds_max=3600, before=group.enter)
        group_peak = group.bytes_peak()
    finally:
        group.remove()
    if checks.that(outcome.code == 0, f"{method}: {outcome.code} {outcome.err[-500:]}"):
        peak = json.loads((out / "bitlathe-run.json").read_text())["peak_rss_bytes"]
        checks.that(abs(peak - estimated) <= TOLERANCE * estimated, f"{method}: peak {peak / 1e6:.0f} MB, estimated {estimated / 1e6:.0f} MB")
        verified = program.run("verify", out)
        checks.that(verified.code == 0, f"{method}: verify: {verified.err}")
        checks.say(f"{method}: model {bytes_model / 1e6:.0f} MB, limit {bytes_model / 3e6:.0f} MB, estimated {estimated / 1e6:.0f} MB, "
                   f"peak {peak / 1e6:.0f} MB, with cached files {group_peak / 1e6:.0f} MB, {outcome.seconds:.0f} s")
    remove(out)


def main():
    options = arguments("A model larger than memory", shape=(str, "1.1b"), samples=(int, 8))
    try:
        MemoryGroup(2**30).remove()
    except OSError as error:
        print(f"memory: skipped: no control group with a limit of memory can be made here ({error})")
        sys.exit(77)
    checks = Checks("memory")
    with scratch("memory") as folder:
        program = Program(options.cli, folder)
        model = program.folder / "model"
        made = program.run("generate-model", "--shape", "82m" if options.short else options.shape, "--out", model, "--threads", 2)
        checks.that(made.code == 0, made.err)
        for method in ("rtn",) if options.short else ("rtn", "gptq"):
            limited_run(checks, program, model, method, options.samples, 128)
    checks.end()


if __name__ == "__main__":
    main()
