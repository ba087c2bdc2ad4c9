# SPDX-License-Identifier: Apache-2.0
# What is measured: models of known shapes, their quantized forms and files of llama.cpp, and tokens.
import json
import random
import shutil
from pathlib import Path

DEMO = Path(__file__).resolve().parents[1] / "resources/demo/model"


class Models:
    """Folders and files that rows read, made when first asked for and kept in the work folder."""

    def __init__(self, bitlathe, work, llama=None, pythons=None):
        self.bitlathe, self.work, self.llama, self.pythons = bitlathe, work, llama, pythons

    def folder(self, shape):
        if shape == "demo":
            return DEMO
        out = self.work / shape
        if not out.exists():
            self.bitlathe.run("generate-model", "--shape", shape, "--out", out)
            if shape == "82m":  # Peers want a tokenizer; this shape has the demo model's number of words.
                for file in DEMO.glob("*token*"):
                    shutil.copy(file, out)
        return out

    def quantized(self, shape, bits, group=128):
        out = self.work / f"{shape}-w{bits}g{group}"
        if not out.exists():
            self.bitlathe.run("quantize", self.folder(shape), "--method", "rtn", "--bits", bits, "--group-size", group, "--symmetric",
                              "--format", "gptq", "--out", out)
        return out

    def gguf(self, shape, kind="F16"):
        file = self.work / f"{shape}.gguf"
        if not file.exists():
            self.llama.tool("llama-bench")
            tree = self.llama.folder / "src/gguf-py" if self.llama.folder else None
            local = [tree] if tree is not None and tree.is_dir() else []
            try:
                self.pythons.run(("numpy",) if local else ("numpy", "gguf"), "gguf_file.py", self.folder(shape), file, *local)
            except (RuntimeError, KeyboardInterrupt):
                file.unlink(missing_ok=True)
                raise
        return file if kind == "F16" else self.llama.quantized(file, kind)

    def ids(self, count):
        """Token ids below every vocabulary here, and a text that gives llama.cpp as many."""
        file, text = self.work / f"ids-{count}.json", self.work / f"text-{count}.txt"
        if not file.exists():
            chance = random.Random(1)
            file.write_text(json.dumps([chance.randrange(3, 8192) for _ in range(count)]))
            text.write_text("".join(chance.choice("abcdefghijklmnop ") for _ in range(count)))
        return file, text

    def rows(self, count, length):
        """Tokens to calibrate on, one list for each sample as peers take them, and one of all for this project."""
        file, flat = self.work / f"rows-{count}x{length}.json", self.work / f"rows-{count}x{length}-flat.json"
        if not file.exists():
            chance = random.Random(2)
            rows = [[chance.randrange(3, 8192) for _ in range(length)] for _ in range(count)]
            flat.write_text(json.dumps(sum(rows, [])))
            file.write_text(json.dumps(rows))
        return file, flat
