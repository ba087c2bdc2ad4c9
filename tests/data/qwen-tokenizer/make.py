#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes vectors.json: ids that the library tiktoken gives with the ranks of the golden tokenizer "tiktoken", whose folder is
the argument, the pattern of words and the special tokens of the first Qwen, and text in form NFC as its class has it.
Needs tiktoken 0.14."""

import base64
import json
import pathlib
import sys
import unicodedata

import tiktoken

WORDS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
         r"|\s+(?!\S)|\s+")
MORE = [
    "<|endoftext|>", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "a<|extra_0|>b<|extra_204|>c<|extra_205|>",
    "<|im_end|>\u0338 is no mark", "<|im_end|", "12345 1,234.5", "Cafe\u0301 \u212b \u1100\u1161", "I'LL we'Ve DON'T",
    "x\r\n\r\ny \n z", "   tabs\t\tand\u00a0spaces  ", "\u6839\u636e \u6839", "\U0001f44d\U0001f3fd\u200d", "\u0000\u0001",
    "def f(x):\n    return x**2  # square\n\n\n"]


def main():
    source = pathlib.Path(sys.argv[1])
    lines = (source / "tokenizer.tiktoken").read_bytes().split(b"\n")
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + [f"<|extra_{i}|>" for i in range(205)]
    special = {name: len(ranks) + i for i, name in enumerate(names)}
    library = tiktoken.Encoding("qwen", pat_str=WORDS, mergeable_ranks=ranks, special_tokens=special)
    texts = [case["text"] for case in json.loads((source / "vectors.json").read_text())["cases"]]
    cases = []
    for text in [text for text in texts if len(text) < 150] + MORE:
        ids = library.encode(unicodedata.normalize("NFC", text), allowed_special="all", disallowed_special=())
        kept = [i for i in ids if i < len(ranks)]
        cases.append({"text": text, "ids": ids, "ids_special": ids, "decoded": library.decode(ids),
                      "decoded_skip": library.decode(kept)})
    vectors = {"library": f"tiktoken {tiktoken.__version__}", "vocab_size": library.n_vocab, "cases": cases}
    here = pathlib.Path(__file__).resolve().parent
    (here / "vectors.json").write_text(json.dumps(vectors, indent=0, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
