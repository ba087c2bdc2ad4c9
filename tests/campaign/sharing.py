# SPDX-License-Identifier: Apache-2.0
# Processes that share an output, a cache, a history: one of them waits or is refused by name, and nothing is corrupt.
import json
import random
import sqlite3
import time
from pathlib import Path

from campaign import EVALUATION, MODEL, Checks, Program, arguments, contents, quantize, remove, scratch


def same_output(checks, program, rounds, generator):
    """Runs that write one folder: one makes it, the others are refused by the folder's name."""
    out, home = program.folder / "out", program.folder / "home"
    expected = {}
    for method in ("gptq", "rtn"):
        checks.that(program.run(*quantize(out, method)).code == 0, f"{method}: undisturbed")
        expected[method] = contents(out)
        remove(out)
    won = {"gptq": 0, "rtn": 0}
    for turn in range(rounds):
        remove(out, home)
        children = {}
        for method in generator.sample(list(expected), 2):
            children[method] = program.start(quantize(out, method))
            time.sleep(generator.choice((0, 0, 0.05, 0.2)))
        outcomes = {method: program.end(child) for method, child in children.items()}
        where = f"one output, round {turn}"
        winners = [method for method, outcome in outcomes.items() if outcome.code == 0]
        checks.that(len(winners) == 1, f"{where}: {[(o.code, o.err) for o in outcomes.values()]}")
        for method, outcome in outcomes.items():
            if outcome.code != 0:
                checks.that(outcome.code == 3 and str(out) in outcome.error(), f"{where}: refused with: {outcome.err}")
        if winners:
            won[winners[0]] += 1
            checks.that(contents(out) == expected[winners[0]], f"{where}: the bytes of neither run")
            checks.that(program.run("verify", out).code == 0, f"{where}: verify")
        checks.that(not (program.folder / "out.partial").exists(), f"{where}: out.partial is left")
    checks.say(f"one output: {rounds} rounds of two processes, won by {won}")


def same_cache(checks, program, rounds, processes):
    """Runs and comparisons that make the same statistics and scores at the same time, while another empties the cache."""
    outs = [program.folder / f"out{i}" for i in range(processes)]
    home = program.folder / "home"
    checks.that(program.run(*quantize(outs[0], "gptq")).code == 0, "undisturbed")
    expected = contents(outs[0])
    compare = ["compare", MODEL, MODEL, "--data", EVALUATION, "--windows", 2, "--length", 128, "--threads", 1, "--json"]
    for turn in range(rounds):
        remove(home, *outs)
        children = [program.start(quantize(out, "gptq")) for out in outs]
        comparisons = [program.start(compare) for _ in range(2)]
        clears = [program.run("cache", "--clear") for _ in range(3)] if turn % 2 else []
        where = f"one cache, round {turn}"
        for out, child in zip(outs, children):
            outcome = program.end(child)
            checks.that(outcome.code == 0, f"{where}: {outcome.err}")
            checks.that(contents(out) == expected, f"{where}: other bytes")
        for child in comparisons:
            outcome = program.end(child)
            checks.that(outcome.code == 0, f"{where}: compare: {outcome.err}")
        checks.that(all(clear.code == 0 for clear in clears), f"{where}: {[clear.err for clear in clears if clear.code]}")
        left = [path for path in (home / "cache").rglob("*") if "XXXXXX" in path.name or path.suffix == ".new"]
        checks.that(not left, f"{where}: drafts are left: {left}")
        again = program.run(*quantize(program.folder / "again", "gptq"))
        checks.that(again.code == 0 and contents(program.folder / "again") == expected, f"{where}: from what they left")
        remove(program.folder / "again")
    checks.say(f"one cache: {rounds} rounds of {processes} runs and 2 comparisons, every other one with the cache cleared")


def same_history(checks, program, rounds, processes):
    """Processes that make one new database together: every run is in it, and SQLite finds no fault."""
    home = program.folder / "home"
    database = home / "data/bitlathe/history.sqlite"
    for turn in range(rounds):
        outs = [program.folder / f"out{i}" for i in range(processes)]
        remove(home, *outs)
        children = [program.start(quantize(out, samples=0)) for out in outs]
        readers = [program.run("runs", "--json") for _ in range(5)]
        outcomes = [program.end(child) for child in children]
        where = f"one history, round {turn}"
        checks.that(all(outcome.code == 0 for outcome in outcomes), f"{where}: {[o.err for o in outcomes if o.code]}")
        checks.that(all(reader.code == 0 for reader in readers), f"{where}: {[r.err for r in readers if r.code]}")
        listed = json.loads(program.run("runs", "--json").out)["runs"]
        checks.that(sorted(run["out"] for run in listed) == sorted(map(str, outs)), f"{where}: {len(listed)} runs listed")
        checks.that(all(run["state"] in ("done", "done with findings", "findings") for run in listed),
                    f"{where}: {[run['state'] for run in listed]}")
        with sqlite3.connect(database) as connection:
            checks.that(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), f"{where}: damaged")
    checks.say(f"one history: {rounds} rounds of {processes} processes")


def main():
    options = arguments("Processes that share an output, a cache, a history", rounds=(int, 40))
    checks = Checks("sharing")
    generator = random.Random(options.seed)
    rounds = 2 if options.short else options.rounds
    with scratch("sharing") as folder:
        same_output(checks, Program(options.cli, Path(folder) / "output"), rounds, generator)
        same_cache(checks, Program(options.cli, Path(folder) / "cache"), max(rounds // 4, 2), 2 if options.short else 4)
        same_history(checks, Program(options.cli, Path(folder) / "history"), max(rounds // 4, 1), 4 if options.short else 8)
    checks.end()


if __name__ == "__main__":
    main()
