#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Writes the user guide as HTML: docs/guide/LANGUAGE/*.md through cmark-gfm, with contents, pictures and links between languages.
"""make-guide-html.py OUT [--cmark PROGRAM]: OUT/LANGUAGE/PAGE.html, OUT/pictures, OUT/style.css, OUT/index.html."""
import argparse
import html
import re
import shutil
import subprocess
from pathlib import Path

DOCS = Path(__file__).resolve().parent
GUIDE = DOCS / "guide"
LANGUAGES = {"en": ("en", "English"), "zh_CN": ("zh-CN", "简体中文")}
FIRST = "en"  # Its headings give all languages their anchors.

STYLE = """
:root { --text: #1b2130; --muted: #5c6578; --back: #fff; --side: #f3f4f7; --line: #d4d9e2; --accent: #2156c9; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e7ee; --muted: #9aa3b5; --back: #171a21; --side: #1f232c; --line: #363c49; --accent: #8fb2ff; }
}
* { box-sizing: border-box; }
body { margin: 0; display: flex; color: var(--text); background: var(--back);
       font: 16px/1.6 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
nav { flex: 0 0 17rem; height: 100vh; position: sticky; top: 0; overflow-y: auto; padding: 1.5rem; background: var(--side);
      border-right: 1px solid var(--line); font-size: 0.94rem; }
nav h2 { margin: 1.2rem 0 0.3rem; font-size: 0.94rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: 0.1rem 0.5rem; border-radius: 4px; color: var(--text); }
nav li a[aria-current] { background: var(--accent); color: var(--back); }
main { flex: 1; min-width: 0; max-width: 52rem; padding: 2rem 3rem 4rem; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
h1 { font-size: 1.9rem; line-height: 1.25; }
h2 { margin-top: 2.2rem; font-size: 1.35rem; }
h3 { margin-top: 1.6rem; font-size: 1.05rem; }
img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
pre, code { background: var(--side); border-radius: 4px; font: 0.88em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
code { padding: 0.1em 0.3em; }
pre { padding: 0.8rem 1rem; overflow-x: auto; }
pre code { padding: 0; font-size: 1em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: 0.35rem 0.7rem; text-align: left; vertical-align: top; }
th { background: var(--side); }
footer { display: flex; justify-content: space-between; margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
@media (max-width: 50rem) { body { display: block; } nav { height: auto; position: static; } main { padding: 1rem; } }
"""

PAGE = """<!DOCTYPE html>
<html lang="{code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Bitlathe</title>
<link rel="stylesheet" href="../style.css">
</head>
<body>
<nav aria-label="{home}">
<p><a href="index.html"><strong>{home}</strong></a> · {others}</p>
{contents}
</nav>
<main>
{body}
<footer>{before}{after}</footer>
</main>
</body>
</html>
"""


def text_of(language, page):
    return (GUIDE / language / f"{page}.md").read_text(encoding="utf-8")


def headings(text):
    plain = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.findall(r"^#+ (.*)$", plain, re.M)


def anchor(heading):
    letters = (c if c.isalnum() else "-" if c in " -_" else "" for c in heading.lower())
    return "".join(letters)


def contents(language):
    """[(section, [(page, title)])] as the index lists them."""
    sections = []
    for line in text_of(language, "index").splitlines():
        if line.startswith("## "):
            sections.append((line[3:], []))
        elif entry := re.match(r"- \[([^\]]+)\]\(([a-z0-9-]+)\.md\)", line):
            sections[-1][1].append((entry[2], entry[1]))
    return sections


def picture(match, used):
    """A picture, in the colours of the reader's system."""
    name = match[1]
    dark = name.replace("-light-", "-dark-")
    used.update((name, dark))
    image = f'<img src="../pictures/{name}" loading="lazy"'
    return f'<picture><source srcset="../pictures/{dark}" media="(prefers-color-scheme: dark)">{image}{match[2]}></picture>'


def body_of(language, page, cmark, used):
    result = subprocess.run([cmark, "--extension", "table"], input=text_of(language, page), capture_output=True, text=True,
                            check=True, encoding="utf-8").stdout
    names = iter(anchor(heading) for heading in headings(text_of(FIRST, page)))
    result = re.sub(r"<h([1-6])>", lambda level: f'<h{level[1]} id="{next(names)}">', result)
    result = re.sub(r'href="([a-z0-9-]+)\.md(#[^"]*)?"', lambda link: f'href="{link[1]}.html{link[2] or ""}"', result)
    return re.sub(r'<img src="\.\./\.\./screenshots/([^"]+)"([^>]*?) ?/>', lambda match: picture(match, used), result)


def nav_of(sections, page):
    lines = []
    for section, pages in sections:
        lines.append(f"<h2>{html.escape(section)}</h2>\n<ul>")
        for name, title in pages:
            current = ' aria-current="page"' if name == page else ""
            lines.append(f'<li><a href="{name}.html"{current}>{html.escape(title)}</a></li>')
        lines.append("</ul>")
    return "\n".join(lines)


def write_language(out, language, cmark, used):
    code, _ = LANGUAGES[language]
    sections = contents(language)
    home = headings(text_of(language, "index"))[0]
    order = [("index", home)] + [entry for _, pages in sections for entry in pages]
    (out / language).mkdir(parents=True, exist_ok=True)
    for place, (page, title) in enumerate(order):
        others = " · ".join(f'<a href="../{other}/{page}.html" lang="{LANGUAGES[other][0]}">{LANGUAGES[other][1]}</a>'
                            for other in LANGUAGES if other != language)
        before = f'<a rel="prev" href="{order[place - 1][0]}.html">← {html.escape(order[place - 1][1])}</a>' if place else "<span></span>"
        after = ""
        if place + 1 < len(order):
            after = f'<a rel="next" href="{order[place + 1][0]}.html">{html.escape(order[place + 1][1])} →</a>'
        text = PAGE.format(code=code, title=html.escape(title), home=html.escape(home), others=others, before=before, after=after,
                           contents=nav_of(sections, page), body=body_of(language, page, cmark, used))
        (out / language / f"{page}.html").write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cmark", default="cmark-gfm")
    arguments = parser.parse_args()
    out = arguments.out
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    used = set()
    for language in LANGUAGES:
        write_language(out, language, arguments.cmark, used)
    for name in sorted(used):
        shutil.copyfile(DOCS / "screenshots" / name, out / "pictures" / name)
    (out / "style.css").write_text(STYLE.lstrip(), encoding="utf-8")
    (out / "index.html").write_text(
        '<!DOCTYPE html>\n<meta charset="utf-8">\n<title>Bitlathe</title>\n'
        f'<meta http-equiv="refresh" content="0; url={FIRST}/index.html">\n'
        + "\n".join(f'<p><a href="{language}/index.html">{name}</a></p>' for language, (_, name) in LANGUAGES.items())
        + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
