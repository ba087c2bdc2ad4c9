# SPDX-License-Identifier: Apache-2.0
# bench/compare with a llama-bench that always says the same, and without any peer: rows, ratios, words on what is missing.
#   compare_test.py CLI
import json
import subprocess
import sys
import tempfile
from pathlib import Path

COMPARE = Path(__file__).resolve().parents[2] / "bench/compare"
TOKENS_PER_SECOND = 0.5  # Of the peer; ours is surely faster.


def compare(*arguments):
    child = subprocess.run([sys.executable, COMPARE, *arguments], capture_output=True, text=True, check=False)
    return child.returncode, child.stdout, child.stderr


def main():
    cli = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="bitlathe-compare-test-") as scratch:
        work, peers = Path(scratch) / "work", Path(scratch) / "peers"
        work.mkdir()
        peers.mkdir()
        (work / "demo.gguf").touch()
        (work / "demo-Q4_0.gguf").touch()
        bench = peers / "llama-bench"
        bench.write_text("#!/bin/sh\necho '" + json.dumps([{"avg_ts": TOKENS_PER_SECOND, "build_commit": "0123abc"}]) + "'\n")
        bench.chmod(0o755)

        file = work / "figures.json"
        code, out, err = compare(cli, "--rounds", "2", "--only", "decode, demo", "--work", work, "--llama-cpp", peers, "--json", file)
        assert code == 0, err
        result = json.loads(file.read_text())
        assert result["peers"] == ["llama.cpp 0123abc"] and "Peers: llama.cpp 0123abc" in out, result
        (row,) = result["rows"]
        assert row["theirs"] == [TOKENS_PER_SECOND] * 2 and len(row["ours"]) == 2, row
        assert abs(row["ratio"] - row["ours_median"] / TOKENS_PER_SECOND) < 1e-9 * row["ratio"], row
        assert row["ratio"] > 1 and row["memory_ratio"] > 0, row
        assert f"llama.cpp Q4_0 {TOKENS_PER_SECOND}" in out, out

        code, out, err = compare(cli, "--rounds", "1", "--only", "awq", "--work", work)
        assert code == 0, err
        assert "AutoAWQ: no --python BIN has awq" in out, out

        bench.write_text("#!/bin/sh\necho 'cannot read the file' >&2\nexit 1\n")
        code, out, err = compare(cli, "--rounds", "1", "--only", "decode, demo", "--work", work, "--llama-cpp", peers)
        assert code != 0 and "cannot read the file" in err, (code, err)

        code, _, err = compare(cli, "--only", "nothing of that name", "--work", work)
        assert code != 0 and "leaves no row" in err, (code, err)


main()
