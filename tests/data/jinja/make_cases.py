# SPDX-License-Identifier: Apache-2.0
"""Writes cases.json: snippets of templates, and what transformers makes of them.

Use: python make_cases.py (transformers 5 and jinja2 3.1). A snippet that raises has "error" in place of "text". The clock
says 2024-07-26 14:05:09.
"""
import datetime
import json
import pathlib

import jinja2
import transformers
from transformers.utils import chat_template_utils

VARIABLES = {
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": " Hi <there> & \"you\"\n", "n": 3},
        {"role": "assistant", "content": "Olá — 谢谢 👍", "tool_calls": [
            {"type": "function", "function": {"name": "f", "arguments": {"b": [1, 2.5, None], "a": True}}}]},
    ],
    "tools": [{"type": "function", "function": {"name": "get", "parameters": {"type": "object", "required": ["x", "y"]}}}],
    "none_value": None, "yes": True, "number": 7, "real": 2.5, "text": "Hello World, hello", "empty": [],
    "list": [3, 1, 2], "names": ["bob", "Alice", "eve", "alice"], "map": {"z": 1, "a": {"k": "v"}, "items": 5, "M": 0},
    "lines": "one\n\ntwo\r\nthree", "add_generation_prompt": True, "bos_token": "<s>", "nested": [[1, [2, 3]], (4,)],
}

# Each line is a template; \n in it is a line break of the template.
SNIPPETS = pathlib.Path(__file__).with_name("snippets.txt").read_text(encoding="utf-8")


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26, 14, 5, 9)


def main():
    chat_template_utils.datetime = FixedTime
    variables = json.loads(json.dumps(VARIABLES))
    cases = []
    for line in SNIPPETS.splitlines():
        if not line.strip() or line.startswith("##"):
            continue
        template = line.replace("\\\\n", "\0").replace("\\n", "\n").replace("\0", "\\n")
        case = {"template": template}
        try:
            case["text"] = chat_template_utils._compile_jinja_template(template).render(**variables)
            case["text"].encode("utf-8")
        except Exception as error:  # Whatever a template raises is what is recorded.
            case.pop("text", None)
            case["error"] = f"{type(error).__name__}: {error}"
        cases.append(case)
    document = {"transformers": transformers.__version__, "jinja2": jinja2.__version__, "variables": variables,
                "cases": cases}
    out = pathlib.Path(__file__).with_name("cases.json")
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(len(cases), "cases,", sum("error" in case for case in cases), "of them errors")


if __name__ == "__main__":
    main()
