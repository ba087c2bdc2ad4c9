# SPDX-License-Identifier: Apache-2.0
# Damaged and hostile model folders and recipes: each is opened, or refused in a sentence that names file and place, at once, in
# little memory, without running what is in it and without reading what is beside it.
import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import modelfolder
import mutations
from campaign import CALIBRATION, Checks, Program, arguments, remove, scratch

SECONDS_MAX = 2.0  # Of processor time: those of the clock also tell of other programs.
CLOCK_MAX = 20.0
BYTES_RSS_MAX = 200 * 10**6
BYTES_ADDRESS_MAX = 4 * 2**30  # Maps of the files, threads' stacks.
FORMATS = {"gptq": "gptq", "awq": "awq", "compressed-tensors": "rtn", "bitsandbytes": "nf4"}


class Folders:
    """Whole folders of each kind, and damaged copies of them."""

    def __init__(self, program):
        self.bases = program.folder / "bases"
        self.outside = program.folder / "models/outside"
        self.outside.mkdir(parents=True)
        (self.outside / "secret.txt").write_text(mutations.CANARY)
        modelfolder.write_single(self.bases / "single")
        modelfolder.write_shards(self.bases / "shards")
        modelfolder.write_torch(self.bases / "torch")
        shutil.copy(self.bases / "single/model.safetensors", self.outside)
        for name, method in FORMATS.items():
            text = ["--data", CALIBRATION, "--samples", 2, "--length", 64] if method in ("gptq", "awq") else []
            size = ["--group-size", 64 if method == "nf4" else 32]
            zero = ["--asymmetric"] if name == "awq" else []
            made = program.run("quantize", self.bases / "single", "--method", "rtn" if name == "gptq" else method, "--format", name,
                               "--out", self.bases / name, *size, *text, *zero)
            if made.code != 0:
                raise RuntimeError(f"{name}: {made.err}")

    def damaged(self, number, generator, kind):
        bases = [base for base in ("single", "single", "single", "shards", "torch", *FORMATS)
                 if not kind or kind in (mutation.__name__ for mutation in mutations.of(base))]
        base = generator.choice(bases)
        folder = self.outside.parent / f"model{number}"
        shutil.copytree(self.bases / base, folder)
        mutation = generator.choice([mutation for mutation in mutations.of(base) if kind in ("", mutation.__name__)])
        return folder, mutation.__name__, f"{base}, {mutation(folder, generator)}"


class Damaged:
    def __init__(self, checks, program):
        self.checks, self.program = checks, program
        self.outcomes = Counter()
        self.seconds_most = self.bytes_most = 0

    def call(self, where, names, *command):
        """One command under limits. names: the error has to tell one of them."""
        outcome = self.program.run(*command, seconds_max=CLOCK_MAX, bytes_address_max=BYTES_ADDRESS_MAX)
        where = f"{where}: {command[0]}"
        checks = self.checks
        checks.that(not outcome.crashed(), f"{where}: crashed with {outcome.code}: {outcome.err[-300:]}")
        checks.that(not outcome.timed_out, f"{where}: hangs")
        checks.that(outcome.seconds_processor <= SECONDS_MAX, f"{where}: {outcome.seconds_processor:.1f} s")
        checks.that(outcome.bytes_peak <= BYTES_RSS_MAX, f"{where}: {outcome.bytes_peak / 1e6:.0f} MB")
        checks.that(mutations.CANARY not in outcome.out + outcome.err, f"{where}: tells what is outside the folder")
        self.seconds_most = max(self.seconds_most, outcome.seconds_processor)
        self.bytes_most = max(self.bytes_most, outcome.bytes_peak)
        if outcome.code != 0 and not outcome.crashed() and not outcome.timed_out:
            errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
            checks.that(outcome.code in (1, 2, 3) and len(errors) == 1, f"{where}: code {outcome.code}: {outcome.err[-300:]}")
            sentence = " ".join(errors)
            checks.that(any(name in sentence for name in names), f"{where}: names no place: {sentence[:300]}")
            checks.that(len(sentence) < 2000, f"{where}: a sentence of {len(sentence)} characters")
        self.outcomes["refused" if outcome.code else "taken"] += 1
        return outcome

    def folder(self, folder, kind, what):
        before = sorted(path.name for path in folder.iterdir())
        out = self.program.folder / "out"
        remove(out, self.program.folder / "out.partial")
        names = [str(folder), "model.layers", "model.embed", *[path.name for path in folder.iterdir()]]
        self.call(what, names, "inspect", folder)
        self.call(what, names, "verify", folder)
        made = self.call(what, names, "quantize", folder, "--group-size", 32, "--out", out, "--threads", 2)
        self.checks.that(made.code == 0 or not out.exists(), f"{what}: a result of a run that failed")
        if kind in ("endless_template", "tokenizer_lie"):
            self.call(what, [*names, "chat template"], "generate", folder, "--chat", "--prompt", "a" * 300, "-n", 1)
        canary = mutations.CANARY.encode()
        leaks = [file.name for file in out.rglob("*") if file.is_file() and canary in file.read_bytes()]
        self.checks.that(not leaks, f"{what}: what is outside the folder is in the result: {leaks}")
        ran = [folder.parent / "payload-ran", folder.parent / "slipped", folder.parent.parent / "slipped", Path("/slipped")]
        self.checks.that(not any(path.exists() for path in ran), f"{what}: a payload ran")
        self.checks.that(before == sorted(path.name for path in folder.iterdir()), f"{what}: files in the model's folder changed")
        if made.code == 0:
            self.checks.that(self.program.run("verify", out).code == 0, f"{what}: a result that can't be read")

    def recipe(self, number, generator, whole):
        """A recipe with one value replaced, or whose text is hostile."""
        file = self.program.folder / f"recipe{number}.yaml"
        lines = whole.splitlines()
        kind = generator.choice(("value", "value", "bytes", "alias", "deep", "path", "key"))
        at = generator.randrange(len(lines))
        if kind == "value":
            key = lines[at].split(":")[0]
            hostile = generator.choice(mutations.HOSTILE)
            lines[at] = f"{key}: {json.dumps(str(self.program.folder / 'out') if key == '  out' and str(hostile).startswith('..') else hostile)}"
            text = "\n".join(lines)
        elif kind == "path":
            text = re.sub(r"model: .*", "model: " + generator.choice(("../../../../etc", "/proc/self/fd", "/dev", "~root", '"\\0"')), whole, count=1)
        elif kind == "alias":
            text = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)) + whole
        elif kind == "deep":
            text = whole + "x: " + generator.choice(("[", "{a: ")) * generator.choice((1000, 100_000))
        elif kind == "key":
            text = whole + generator.choice(("export: {out: /}", "model: x\nmodel: y", "? [a]\n: b", "<<: *x", "!!python/object/apply:os.system ['x']"))
        else:
            content = bytearray(whole.encode())
            content[generator.randrange(len(content))] = generator.getrandbits(8)
            text = content.decode("latin-1")
        file.write_text(text + "\n", errors="replace")
        remove(self.program.folder / "out")
        # The recipe with its line or key, or the file that the value names.
        names = [file.name, *(line.split(":")[0].strip() for line in lines if line.strip()), "error: /", "~root"]
        self.call(f"recipe, {kind}: {lines[at][:60]!r}", names, "run", file)
        file.unlink()


def main():
    options = arguments("Damaged and hostile model folders and recipes", folders=(int, 600), recipes=(int, 200), only=(int, -1), kind=(str, ""))
    checks = Checks("damaged")
    with scratch("damaged") as folder:
        program = Program(options.cli, folder)
        folders, damaged = Folders(program), Damaged(checks, program)
        kinds = Counter()
        for number in range(40 if options.short else options.folders) if options.only < 0 else [options.only]:
            generator = random.Random(options.seed * 1_000_003 + number)
            model, kind, what = folders.damaged(number, generator, options.kind)
            kinds[kind] += 1
            damaged.folder(model, kind, f"folder {number}, {what}")
            remove(model)
        checks.say(f"{sum(kinds.values())} folders: {dict(kinds)}")
        recipe = program.folder / "whole.yaml"
        program.run("quantize", folders.bases / "single", "--group-size", 32, "--out", program.folder / "out", "--dry-run", "--recipe-out", recipe)
        recipes = 10 if options.short else options.recipes
        for number in range(recipes) if options.only < 0 and not options.kind else []:
            damaged.recipe(number, random.Random(options.seed * 7 + number), recipe.read_text())
        checks.say(f"{recipes} recipes; all calls: {dict(damaged.outcomes)}; at most {damaged.seconds_most:.2f} s of a processor, "
                   f"{damaged.bytes_most / 1e6:.0f} MB")
    checks.end()


if __name__ == "__main__":
    main()
