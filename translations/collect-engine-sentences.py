#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Collects the engine's sentences, marked BITLATHE_TEXT("...") or kept in resources/verdicts.json, into a C++ file that
lupdate understands.

Use: collect-engine-sentences.py SOURCE_DIR OUT.cpp
"""
import json
import pathlib
import re
import sys

MARK = re.compile(r'BITLATHE_TEXT\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def sentences(source: pathlib.Path):
    """Every marked sentence below kernels/, core/, ui/ and app/, adjacent literals joined, in file order, once."""
    seen = {}
    for room in ("kernels", "core", "ui", "app"):
        for file in sorted((source / room).rglob("*")):
            if file.suffix in (".h", ".cpp"):
                for mark in MARK.finditer(file.read_text(encoding="utf-8")):
                    seen["".join(LITERAL.findall(mark.group(1)))] = None
    seen.pop("...", None)  # the macro's own example
    table = json.loads((source / "resources" / "verdicts.json").read_text(encoding="utf-8"))
    for verdict in table["verdicts"]:
        seen[json.dumps(verdict["reason"], ensure_ascii=False)[1:-1]] = None
    return list(seen)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    lines = ["#include <QtGlobal>", "static const char* const sentences[] = {"]
    lines += [f'    QT_TRANSLATE_NOOP("core", "{sentence}"),' for sentence in sentences(pathlib.Path(sys.argv[1]))]
    lines += ["};", ""]
    out = pathlib.Path(sys.argv[2])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
