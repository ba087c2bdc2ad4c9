#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The guide as HTML: every page in every language, every link, anchor and picture leads somewhere, twice the same bytes.
"""check_guide_html.py MAKE_GUIDE_HTML CMARK"""
import hashlib
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

GUIDE = Path(sys.argv[1]).resolve().parent / "guide"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.targets, self.ids, self.depth = [], [], 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.targets += [values[name] for name in ("href", "src", "srcset") if name in values]
        self.ids += [values["id"]] if "id" in values else []
        if tag in ("main", "table", "ul", "ol", "nav", "p"):
            self.depth += 1

    def handle_endtag(self, tag):
        if tag in ("main", "table", "ul", "ol", "nav", "p"):
            self.depth -= 1


def fingerprint(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(str(p.relative_to(folder)).encode() + p.read_bytes() for p in files)).hexdigest()


def check(out):
    wrong = []
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in out.rglob("*.html")}
    for source in GUIDE.glob("*/*.md"):
        if out / source.parent.name / (source.stem + ".html") not in pages:
            wrong.append(f"no page of {source}")
    seen = 0
    for path, page in pages.items():
        if len(set(page.ids)) != len(page.ids):
            wrong.append(f"{path}: an id twice")
        if page.depth != 0:
            wrong.append(f"{path}: an element is not closed")
        for target in page.targets:
            file, _, name = target.partition("#")
            place = (path.parent / file).resolve() if file else path
            if not place.exists():
                wrong.append(f"{path}: {target}")
            elif name and name not in pages[place].ids:
                wrong.append(f"{path}: {target}")
            seen += 1
    if seen < 1000:
        wrong.append(f"only {seen} links were found")
    return wrong


def main():
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        for out in (first, second):
            subprocess.run([sys.executable, sys.argv[1], out, "--cmark", sys.argv[2]], check=True)
        wrong = check(Path(first).resolve())
        if fingerprint(Path(first)) != fingerprint(Path(second)):
            wrong.append("two calls wrote different files")
    print("\n".join(wrong) or "all links of the guide lead somewhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
