# SPDX-License-Identifier: Apache-2.0
# What an earlier version wrote opens; what a newer one wrote is refused by name and stays as it is.
import json
import sqlite3
from pathlib import Path

from campaign import CALIBRATION, MODEL, RECORD, SOURCE, Checks, Program, arguments, contents, quantize, remove, scratch

OLD = SOURCE / "tests/data/upgrade"


def make_history(file, version=None):
    """The database of the first version, or one that says it is of another."""
    file.parent.mkdir(parents=True)
    quoted = {name: "'" + (OLD / path).read_text().replace("'", "''") + "'" for name, path in (("@recipe", "recipe.yaml"), ("@record", "record.json"))}
    script = (OLD / "history-1.sql").read_text()
    for name, text in quoted.items():
        script = script.replace(name, text)
    with sqlite3.connect(file) as connection:
        connection.executescript(script)
        if version is not None:
            connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def old_history(checks, program):
    home = program.folder / "old"
    database = home / "data/bitlathe/history.sqlite"
    make_history(database)
    listed = program.run("runs", "--json", home=home)
    runs = {run["id"]: run for run in json.loads(listed.out)["runs"]} if checks.that(listed.code == 0, f"old history: {listed.err}") else {}
    checks.that(set(runs) == {1, 2}, f"old history: runs {set(runs)}")
    checks.that(runs.get(1, {}).get("note") == "the first try" and runs[1]["state"] == "failed", f"old history: {runs.get(1)}")
    checks.that(runs.get(2, {}).get("perplexity") == 12.5 and runs[2]["bits_per_weight"] == 4.125, f"old history: {runs.get(2)}")
    report = program.folder / "old.json"
    made = program.run("report", 2, "--out", report, home=home)
    checks.that(made.code == 0, f"report of an old run: {made.err}")
    layers = json.loads(report.read_text())["runs"][0]["layers"] if report.exists() else []
    checks.that(len(layers) == 3 and layers[0]["name"] == "model.layers.0.self_attn.q_proj", f"report of an old run: {len(layers)} layers")
    out = program.folder / "out"
    checks.that(program.run(*quantize(out, samples=0), home=home).code == 0, "a run beside an old history")
    runs = json.loads(program.run("runs", "--json", home=home).out)["runs"]
    checks.that([run["id"] for run in runs] == [3, 2, 1], f"an old history goes on: {[run['id'] for run in runs]}")
    remove(out)


def newer_history(checks, program):
    home = program.folder / "newer"
    database = home / "data/bitlathe/history.sqlite"
    make_history(database, version=99)
    before = database.read_bytes()
    out = program.folder / "out"
    listed = program.run("runs", home=home)
    checks.that(listed.code == 3 and str(database) in listed.error() and "99" in listed.error(), f"newer history: {listed.code} {listed.err}")
    run = program.run(*quantize(out, samples=0), home=home)
    checks.that(run.code == 0 and program.run("verify", out).code == 0, f"a run beside a newer history: {run.err}")
    checks.that(database.read_bytes() == before, "a newer history was changed")
    checks.that([path.name for path in database.parent.iterdir()] == [database.name], f"beside it: {list(database.parent.iterdir())}")
    remove(out)


def records(checks, program):
    folder = program.folder / "record"
    folder.mkdir()
    old = (OLD / "record.json").read_text()
    (folder / RECORD).write_text(old)
    for ending in (".html", ".csv", ".json"):
        made = program.run("report", folder, "--out", program.folder / ("report" + ending))
        checks.that(made.code == 0, f"report{ending} of an old record: {made.err}")
    newer = json.dumps(json.loads(old) | {"version": 2})
    (folder / RECORD).write_text(newer)
    refused = program.run("report", folder, "--out", program.folder / "newer.html")
    checks.that(refused.code == 3 and RECORD in refused.error() and "Update the program" in refused.error(), f"newer record: {refused.code} {refused.err}")
    checks.that((folder / RECORD).read_text() == newer and not (program.folder / "newer.html").exists(), "a newer record was changed")


def recipes(checks, program):
    out = program.folder / "recipe-out"
    places = {'"/models/demo"': f'"{MODEL}"', '"/texts/calibration.jsonl"': f'"{CALIBRATION}"', '"/models/demo-gptq"': f'"{out}"'}
    recipe = (OLD / "recipe.yaml").read_text()
    for old, new in places.items():
        recipe = recipe.replace(old, new)
    file = program.folder / "recipe.yaml"
    file.write_text(recipe)
    run = program.run("run", file)
    checks.that(run.code == 0, f"old recipe: {run.err}")
    same = program.folder / "same"
    checks.that(program.run(*quantize(same, "gptq")).code == 0, "the same by options")
    checks.that(contents(out) == contents(same), "an old recipe gives other bytes")
    for change in ({"version: 1": "version: 2"}, {"strict: false": "strict: false\nfrom_the_future: 1"}):
        (before, after), = change.items()
        file.write_text(recipe.replace(before, after))
        refused = program.run("run", file)
        checks.that(refused.code == 3 and file.name in refused.error(), f"newer recipe: {refused.code} {refused.err}")


def caches_and_settings(checks, program):
    home = program.folder / "home"
    key, = (home / "cache/bitlathe/statistics").glob("*/key.json")
    out = program.folder / "from-cache"
    program.run(*quantize(out, "gptq"))
    expected = contents(out)
    for text in (json.dumps(json.loads(key.read_text()) | {"version": 99, "more": {}}), "{}", "not json"):
        key.write_text(text)
        remove(out)
        run = program.run(*quantize(out, "gptq"))
        checks.that(run.code == 0 and contents(out) == expected, f"a cache entry with the key {text[:30]}: {run.err}")
    settings = home / "config/bitlathe/cache.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    for text in ('{"folder": "", "bytes_max": 1000000000}', '{"folder": "", "bytes_max": 1000000000, "version": 99, "more": []}', '{"folder": 7}', "not json"):
        settings.write_text(text)
        shown = program.run("cache")
        checks.that(shown.code == 0, f"settings {text}: {shown.err}")
        checks.that(settings.read_text() == text, f"settings {text}: changed by looking")


def main():
    options = arguments("Files of earlier and of newer versions")
    checks = Checks("upgrade")
    with scratch("upgrade") as folder:
        program = Program(options.cli, Path(folder) / "work")
        for part in (old_history, newer_history, records, recipes, caches_and_settings):
            part(checks, program)
    checks.end()


if __name__ == "__main__":
    main()
