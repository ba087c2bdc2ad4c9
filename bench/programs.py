# SPDX-License-Identifier: Apache-2.0
# The programs that bench/compare measures: this project's and those of others, each run as a child whose time, processor time
# and peak memory are taken.
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DISTRIBUTIONS = {"awq": "autoawq"}  # Where a package is not called as it is imported.


class Missing(Exception):
    """A peer that this machine does not have, with a word on what to do."""


@dataclass
class Measured:
    """A child that ended well. seconds: of the clock; bytes_peak: its peak resident set."""

    out: str
    err: str
    seconds: float
    seconds_processor: float
    bytes_peak: int


@dataclass
class Figure:
    """What a row compares. value: in the row's unit; bytes_peak: of the whole program."""

    value: float
    bytes_peak: int


def run(arguments, environment=None, folder=None):
    """Runs a program to its end, in a folder if named; another exit code than 0 is an error that shows the end of what it said."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 env=os.environ | (environment or {}), cwd=folder)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))} ended with {child.returncode}:\n{(texts[1] or texts[0])[-2000:]}")
    return Measured(*texts, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


class Bitlathe:
    """bitlathe-cli, with cache, history and settings in a folder of its own."""

    def __init__(self, cli, work, threads):
        self.cli = Path(cli).resolve()
        self.threads = threads
        home = work / "home"
        home.mkdir(parents=True, exist_ok=True)
        self.environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_DATA_HOME": str(home / "data"),
                            "XDG_CONFIG_HOME": str(home / "config")}

    def run(self, command, *arguments, threads=None):
        shutil.rmtree(self.environment["XDG_CACHE_HOME"], ignore_errors=True)  # Nothing is at hand from the run before.
        return run([self.cli, command, *arguments, "--threads", threads or self.threads, "--quiet"], self.environment)

    def result(self, command, *arguments, threads=None):
        """The JSON document of a command, and how it ran."""
        measured = self.run(command, *arguments, "--json", threads=threads)
        return json.loads(measured.out), measured

    def version(self):
        return run([self.cli, "--version"], self.environment).out.splitlines()[0]

    def decode(self, model, tokens, compute):
        """Tokens a second of one sequence."""
        result, measured = self.result("bench", model, "--prompt", 16, "--context", 16, "--batch", 1, "--new-tokens", tokens,
                                       "--repeats", 1, "--compute", compute)
        return Figure(result["decode"][0]["tokens_per_second"], measured.bytes_peak)

    def prompt(self, model, tokens, compute):
        """Tokens a second of a prompt."""
        result, measured = self.result("bench", model, "--prompt", tokens, "--context", 16, "--batch", 1, "--new-tokens", 1,
                                       "--repeats", 1, "--compute", compute)
        return Figure(result["prefill"][0]["tokens_per_second"], measured.bytes_peak)

    def perplexity(self, model, ids, windows, compute):
        """Tokens a second of windows of 2048, with logits and loss."""
        result, measured = self.result("perplexity", model, "--data", f"ids:{ids}", "--windows", windows, "--compute", compute)
        return Figure(result["tokens_per_second"], measured.bytes_peak)

    def quantize(self, model, out, *arguments, threads=None):
        """How a whole run went: model opened, weights and files written and read back."""
        shutil.rmtree(out, ignore_errors=True)
        measured = self.run("quantize", model, "--out", out, *arguments, threads=threads)
        shutil.rmtree(out)
        return measured


class LlamaCpp:
    """llama-bench, llama-quantize and llama-perplexity, in a folder or on PATH."""

    def __init__(self, folder, work, threads):
        self.folder = Path(folder).resolve() if folder else None
        self.threads = threads
        self.work = work
        self.commit = None

    def tool(self, name):
        places = [self.folder, self.folder / "bin", self.folder / "build/bin"] if self.folder else []
        found = next((place / name for place in places if (place / name).is_file()), None) or shutil.which(name)
        if not found:
            raise Missing(f"{name} is neither on PATH nor in --llama-cpp DIR")
        return found

    def versions(self):
        """The commit, which llama-bench names with each result and has no other way to say."""
        return [f"llama.cpp {self.commit}"] if self.commit else []

    def bench(self, file, *arguments):
        measured = run([self.tool("llama-bench"), "-m", file, "-t", self.threads, "-r", 1, "-o", "json", *arguments])
        result = json.loads(measured.out)[0]
        self.commit = result["build_commit"]
        return Figure(result["avg_ts"], measured.bytes_peak)

    def decode(self, file, tokens):
        return self.bench(file, "-p", 0, "-n", tokens)

    def prompt(self, file, tokens):
        return self.bench(file, "-p", tokens, "-n", 0)

    def perplexity(self, file, text, windows):
        measured = run([self.tool("llama-perplexity"), "-m", file, "-f", text, "-c", 2048, "-b", 2048, "--chunks", windows,
                        "-t", self.threads])
        said = measured.err + measured.out
        if found := re.search(r"prompt eval time\s*=\s*([0-9.]+) ms /\s*([0-9]+) tokens", said):
            rate = float(found[2]) / (1e-3 * float(found[1]))
        elif found := re.search(r"([0-9.]+) seconds per pass", said):  # What newer ones say: of one window.
            rate = 2048 / float(found[1])
        else:
            raise RuntimeError(f"llama-perplexity does not say how fast it was:\n{said[-2000:]}")
        return Figure(rate, measured.bytes_peak)

    def quantize(self, file, kind):
        out = self.work / f"llama-quantize-{kind}.gguf"
        measured = run([self.tool("llama-quantize"), file, out, kind, self.threads])
        out.unlink()
        return measured

    def quantized(self, file, kind):
        """A file of that kind, kept for the rows that read it."""
        out = file.with_name(f"{file.stem}-{kind}.gguf")
        if not out.exists():
            draft = out.with_suffix(".part")
            run([self.tool("llama-quantize"), file, draft, kind, self.threads])
            draft.rename(out)  # Whole, or not there.
        return out


class Pythons:
    """Interpreters with the packages of peers, whose requirements clash: the first that has what a script imports runs it."""

    def __init__(self, programs, work, threads):
        self.programs = [os.path.abspath(program) if "/" in program else program for program in programs]
        self.work = work  # GPTQModel leaves files where it is called.
        self.threads = threads
        self.found = {}

    def having(self, *packages):
        if packages not in self.found:
            look = "import importlib.util as u, sys; sys.exit(any(u.find_spec(p) is None for p in sys.argv[1:]))"
            self.found[packages] = next((program for program in self.programs
                                         if subprocess.run([program, "-c", look, *packages], check=False).returncode == 0), None)
        if self.found[packages] is None:
            raise Missing(f"no --python BIN has {' and '.join(packages)}")
        return self.found[packages]

    def run(self, packages, script, *arguments, threads=None):
        """The JSON document that a script below peers/ ends with, and how it ran."""
        count = str(threads or self.threads)  # GPTQModel refuses fewer than two workers; arithmetic keeps to the count.
        measured = run([self.having(*packages), HERE / "peers" / script, *arguments],
                       {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "GPTQMODEL_CPU_WORKERS": str(max(2, int(count))),
                        "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
                       self.work)
        return json.loads(measured.out.splitlines()[-1]), measured

    def versions(self):
        """Of the peers that were used: "torch 2.15.0"."""
        code = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
        names = {packages[0]: program for packages, program in self.found.items() if program is not None}
        names.pop("numpy", None)  # Only writes files.
        return [f"{of} {run([program, '-c', code, of]).out.strip()}" for of, program in
                ((DISTRIBUTIONS.get(name, name), program) for name, program in names.items())]
