# SPDX-License-Identifier: Apache-2.0
# Pictures with logarithmic axes: exponents, places of points, and a roofline of a device whose figures are known.
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))
from loglog import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Picture, short, slope  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def test_slope():
    assert abs(slope([(x, 3 * x ** 2) for x in (1, 10, 50, 1000)]) - 2) < 1e-12
    assert abs(slope([(1, 4), (10, 4), (100, 4)])) < 1e-12


def test_short():
    assert [short(value) for value in (0.01, 1, 1e3, 2e9, 1e12)] == ["0.01", "1", "1 k", "2 G", "1 T"]


def test_places():
    picture = Picture("a < b", "x", "y", (2, 900), (0.02, 5))  # Whole decades: 1 to 1000, 0.01 to 10.
    assert picture.place(1, 0.01) == (LEFT, HEIGHT - BOTTOM)
    assert picture.place(1000, 10) == (WIDTH - RIGHT, TOP)
    across, down = picture.place(10, 1)
    assert abs(across - (LEFT + (WIDTH - LEFT - RIGHT) / 3)) < 1e-9 and abs(down - (TOP + (HEIGHT - TOP - BOTTOM) / 3)) < 1e-9


def test_roofline(folder):
    operation = {"shape": "[8, 8]", "arithmetic": "bf16", "seconds": 1e-3, "share_of_limit": 0.5}
    bench = {"device": "a & b",
             "limits": {"copy_bytes_per_second": 1e10, "f32_flops_per_second": 1e11, "bf16_flops_per_second": 1e12},
             "operations": [operation | {"name": "gemm", "bytes": 1e6, "flops": 1e8}, operation | {"name": "copy", "bytes": 1e7, "flops": 0}]}
    cli = folder / "cli"
    cli.write_text("#!/bin/sh\ncat <<'END'\n" + json.dumps(bench) + "\nEND\n")
    cli.chmod(0o755)
    out = folder / "roofline.svg"
    child = subprocess.run([sys.executable, BENCH / "roofline", cli, out], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    assert child.stdout.startswith("1 operations"), child.stdout  # A copy has no arithmetic.
    tree = xml.parse(out)
    texts = [text.text for text in tree.iter(SVG + "text")]
    assert "Operations of a & b" in texts and "gemm [8, 8], 50 %" in texts, texts
    assert len(list(tree.iter(SVG + "polyline"))) == 2 and len(list(tree.iter(SVG + "circle"))) == 1
    for circle in tree.iter(SVG + "circle"):
        assert LEFT <= float(circle.get("cx")) <= WIDTH - RIGHT and TOP <= float(circle.get("cy")) <= HEIGHT - BOTTOM


test_slope()
test_short()
test_places()
with tempfile.TemporaryDirectory(prefix="bitlathe-pictures-") as scratch:
    test_roofline(Path(scratch))
