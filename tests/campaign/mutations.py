# SPDX-License-Identifier: Apache-2.0
# Ways to damage a model folder, each a function of a folder and a seeded generator that says what it did.
import io
import json
import os
import pickle
import struct
import zipfile

import modelfolder

CANARY = "canary-7f3a91"  # In a file that no model folder may lead to.
HOSTILE = (0, -1, 1, 3, 65, 2**31, 2**63 - 1, 2**64, 10**30, 1e308, -1e308, 0.5, True, None, "", "x", "256", [], [1], {}, {"a": []},
           "../../../etc/passwd", "a" * 70000, "\u0000", "\ud800")


def tensor_file(folder, generator):
    return generator.choice(sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin")))


def split(file):
    """Header and data of a safetensors file."""
    content = file.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8:8 + length]), content[8 + length:]


def cut(folder, generator):
    file = generator.choice(sorted(path for path in folder.iterdir()))
    size = file.stat().st_size
    at = generator.choice((0, 1, 7, 8, 9, size - 1, generator.randrange(size)))
    os.truncate(file, max(at, 0))
    return f"{file.name} cut at {at}"


def flip(folder, generator):
    file = generator.choice(sorted(path for path in folder.iterdir()))
    content = bytearray(file.read_bytes())
    reach = generator.choice((64, 4096, len(content)))
    count = generator.choice((1, 3, 30))
    for _ in range(count):
        content[generator.randrange(min(reach, len(content)))] = generator.getrandbits(8)
    file.write_bytes(content)
    return f"{file.name}: {count} bytes of the first {reach} changed"


def tensor_lie(folder, generator):
    file = generator.choice(sorted(folder.glob("*.safetensors")))
    header, data = split(file)
    name = generator.choice([name for name in header if name != "__metadata__"])
    entry = header[name]
    kind = generator.choice(("shape", "dimension", "offset", "offsets", "dtype", "key", "missing", "whole", "rename", "extra"))
    if kind == "shape":
        entry["shape"] = generator.choice(HOSTILE + ([2**32, 2**32], [0], [-1, -1], [1] * 100, [2**63, 2], list(reversed(entry["shape"]))))
    elif kind == "dimension":
        entry["shape"][generator.randrange(len(entry["shape"]))] = generator.choice(HOSTILE)
    elif kind == "offset":
        entry["data_offsets"][generator.randrange(2)] = generator.choice(HOSTILE + (len(data), len(data) + 1))
    elif kind == "offsets":
        entry["data_offsets"] = generator.choice(HOSTILE + ([0, 0], [8, 0], [0, 2**63], [2**64 - 8, 8], [0, len(data)]))
    elif kind == "dtype":
        entry["dtype"] = generator.choice(HOSTILE + ("F32", "F16", "I64", "U8", "F8_E4M3", "BOOL", "bf16", "COMPLEX64"))
    elif kind == "key":
        del entry[generator.choice(list(entry))]
    elif kind == "missing":
        del header[name]
    elif kind == "whole":
        header[name] = generator.choice(HOSTILE)
    elif kind == "rename":
        header[generator.choice(("", "../x", "a\nb", "\u0000", "\u202e", "x" * 100000, "model.layers.99.mlp.up_proj.weight"))] = header.pop(name)
    else:
        header[generator.choice(("model.layers.9999999999.mlp.up_proj.weight", "lm_head.weight"))] = dict(entry)
    file.write_bytes(modelfolder.safetensors(header, data))
    return f"{file.name}: {kind} of {name}"


def duplicate_name(folder, generator):
    file = generator.choice(sorted(folder.glob("*.safetensors")))
    header, data = split(file)
    text = json.dumps(header)
    name = generator.choice([name for name in header if name != "__metadata__"])
    more = f', {json.dumps(name)}: {json.dumps(header[generator.choice([n for n in header if n != "__metadata__"])])}}}'
    file.write_bytes(modelfolder.safetensors((text[:-1] + more).encode(), data))
    return f"{file.name}: {name} twice"


def header_length(folder, generator):
    file = generator.choice(sorted(folder.glob("*.safetensors")))
    length = generator.choice((0, 1, 2**31, 100 * 10**9, 2**63, 2**64 - 1, 2**64 - 8))
    content = file.read_bytes()
    file.write_bytes(struct.pack("<Q", length) + content[8:])
    if length == 100 * 10**9:
        os.truncate(file, length + 8 + len(content))  # A file of that size, without its blocks.
    return f"{file.name}: a header of {length} bytes"


def deep_json(folder, generator):
    name = generator.choice(("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "model.safetensors.index.json", "header"))
    depth = generator.choice((1000, 200_000))
    text = generator.choice(("[" * depth, '{"a":' * depth, "[" * depth + "]" * depth, '{"weight_map":' + "[" * depth + "]" * depth + "}"))
    if name == "header" and list(folder.glob("*.safetensors")):
        tensor_file(folder, generator).write_bytes(modelfolder.safetensors(text.encode(), b""))
    else:
        (folder / ("config.json" if name == "header" else name)).write_text(text)
    return f"{name}: {depth} levels"


def index_lie(folder, generator):
    file = folder / "model.safetensors.index.json"
    index = json.loads(file.read_text())
    names = index["weight_map"]
    name = generator.choice(list(names))
    kind = generator.choice(("path", "swap", "absent", "value", "map", "extra", "itself"))
    if kind == "path":
        names[name] = generator.choice(("../outside/model.safetensors", "/etc/passwd", "..", ".", "a/../../outside/model.safetensors",
                                        "..\\outside", "model-00001-of-00002.safetensors/../../outside/model.safetensors", "\u0000x"))
    elif kind == "swap":
        for key, value in names.items():
            names[key] = value.replace("00001-of", "x-of").replace("00002-of", "00001-of").replace("x-of", "00002-of")
    elif kind == "absent":
        names[name] = "model-00003-of-00002.safetensors"
    elif kind == "value":
        names[name] = generator.choice(HOSTILE)
    elif kind == "map":
        index["weight_map"] = generator.choice(HOSTILE)
    elif kind == "extra":
        names["model.layers.7.mlp.up_proj.weight"] = names[name]
    else:
        names[name] = file.name
    file.write_text(json.dumps(index))
    return f"{file.name}: {kind}"


def swapped_shards(folder, generator):
    first, second = sorted(folder.glob("model-*.safetensors"))
    first.rename(folder / "x")
    second.rename(first)
    (folder / "x").rename(second)
    return "the shards have one another's name"


def config_lie(folder, generator):
    file = folder / "config.json"
    config = json.loads(file.read_text())
    target, path = config, "config.json"
    quantization = config.get("quantization_config")
    if isinstance(quantization, dict) and generator.random() < 0.7:
        target, path = quantization, "quantization_config"
        inner = [key for key, value in target.items() if isinstance(value, dict) and value]
        while inner and generator.random() < 0.7:
            key = generator.choice(inner)
            target, path = target[key], f"{path}.{key}"
            inner = [key for key, value in target.items() if isinstance(value, dict) and value]
    key = generator.choice(list(target) + ["rope_scaling", "quantization_config", "layer_types"])
    target[key] = generator.choice(HOSTILE + ({"type": "yarn", "factor": 0}, {"rope_type": "llama3"}, {"quant_method": "gptq"},
                                              {"quant_method": "awq", "bits": 4, "group_size": 0}, {"factor": 1e308, "type": "linear"}))
    file.write_text(json.dumps(config))
    return f"{path}: {key} is {str(target[key])[:40]!r}"


def link(folder, generator):
    name = generator.choice(("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "LICENSE", "model.safetensors",
                             "tokenization_own.py"))
    target = generator.choice(("../outside/secret.txt", "/dev/zero", "/dev/stdin", "/proc/self/mem", "/proc/kmsg", name, "../outside", "fifo", "nowhere"))
    path = folder / name
    path.unlink(missing_ok=True)
    if target == "fifo":
        os.mkfifo(path)  # Opening it waits for a writer.
    else:
        path.symlink_to(target)
    return f"{name} leads to {target}"


class Evil:
    def __init__(self, function, arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def pickle_payload(folder, generator):
    """A pickle that runs a command, reads a file or takes all memory when it is loaded as Python does."""
    made = str(folder.parent / "payload-ran")
    kind = generator.choice(("system", "eval", "open", "getattr", "bomb", "memo", "long", "many"))
    if kind == "system":
        state = pickle.dumps({"x": Evil(os.system, (f"touch {made}",))}, 2)
    elif kind == "eval":
        state = pickle.dumps({"x": Evil(eval, (f"open({made!r}, 'w')",))}, 2)
    elif kind == "open":
        state = pickle.dumps({"x": Evil(open, (str(folder.parent / "outside/secret.txt"),))}, 2)
    elif kind == "getattr":
        state = b"\x80\x04c__builtin__\ngetattr\ncos\nsystem\nX\x01\x00\x00\x00a\x86R."
    elif kind == "bomb":
        state = b"\x80\x02]q\x00" + b"h\x00h\x00h\x00\x87q\x00" * 10_000 + b"."
    elif kind == "memo":
        state = b"\x80\x02}r\xff\xff\xff\xffj\xff\xff\xff\xff."
    elif kind == "long":
        state = b"\x80\x02\x8b\xff\xff\xff\x7f1."
    else:
        state = b"\x80\x02(" + b"]" * 3_000_000 + b"l."
    tensors = modelfolder.weights()
    if generator.random() < 0.3 and kind in ("system", "eval", "open"):
        state = modelfolder.torch_pickle(tensors, pickle.loads(b"\x80\x02}.") | {"extra": Evil(os.system, (f"touch {made}",))})
    plain = generator.random() < 0.3
    if plain:
        (folder / "pytorch_model.bin").write_bytes(state)
    else:
        modelfolder.write_torch_zip(folder / "pytorch_model.bin", tensors, state)
    return f"pytorch_model.bin: {kind}{' without a zip' if plain else ''}"


def zip_lie(folder, generator):
    file = folder / "pytorch_model.bin"
    kind = generator.choice(("slip", "bomb", "bytes", "end", "twice", "comment"))
    tensors = modelfolder.weights()
    state = modelfolder.torch_pickle(tensors)
    if kind == "slip":
        modelfolder.write_torch_zip(file, tensors, state, [(name, b"x", zipfile.ZIP_STORED) for name in ("../../slipped", "/slipped", "archive/../../slipped")])
    elif kind == "bomb":
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("archive/data.pkl", b"]" * 300_000_000, compresslevel=9)
        file.write_bytes(content.getvalue())
    elif kind == "twice":
        modelfolder.write_torch_zip(file, tensors, state, [("archive/data.pkl", b"\x80\x02}.", zipfile.ZIP_STORED)])
    else:
        content = bytearray(file.read_bytes())
        if kind == "comment":
            content[-2:] = b"\xff\xff"
        reach = 4000 if kind == "bytes" else 22
        for _ in range(generator.choice((1, 2, 8))):
            content[len(content) - 1 - generator.randrange(reach)] = generator.choice((0, 255, generator.getrandbits(8)))
        file.write_bytes(content)
    return f"pytorch_model.bin: zip, {kind}"


def endless_template(folder, generator):
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text())
    config["chat_template"] = generator.choice((
        "{% for a in range(1000000000) %}{% for b in range(1000000000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(t='x') %}{% for i in range(64) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}{{ ns.t }}",
        "{{ 'x' * 100000000000 }}", "{{ range(100000000000) | list }}", "{{ 9**9**9**9 }}", "{{ messages | tojson * 1000000000 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{% include '/etc/passwd' %}", "{{" * 100000, "{% if 1 %}" * 100000,
        "{{ " + "(" * 100000 + "1" + ")" * 100000 + " }}", "{{ 'a' | replace('', 'a' * 1000000) * 100000 }}",
        "{{ '%1000000000d' | format(1) }}", "{{ 'x' | center(100000000000) }}"))
    file.write_text(json.dumps(config))
    return f"chat template {config['chat_template'][:60]}"


def tokenizer_lie(folder, generator):
    file = folder / "tokenizer.json"
    tokenizer = json.loads(file.read_text())
    kind = generator.choice(("part", "regex", "merge", "vocabulary", "added", "recursion"))
    if kind == "part":
        key = generator.choice(list(tokenizer))
        tokenizer[key] = generator.choice(HOSTILE + ({"type": "Sequence"}, {"type": "Nothing"}))
    elif kind == "regex":
        pattern = generator.choice(("(a+)+$", "(a|a)*b", "(?=(a+))a*b\\1", "(((((a{1,999}){1,999}){1,999})", "[", "(?:" * 5000 + ")" * 5000))
        tokenizer["pre_tokenizer"] = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    elif kind == "merge":
        tokenizer["model"]["merges"] = generator.choice(([["a"]], ["a b c"], [1, 2], ["a  b"] * 1000, "x", [["\u0000", "zz"]]))
    elif kind == "vocabulary":
        token = generator.choice(list(tokenizer["model"]["vocab"]))
        tokenizer["model"]["vocab"][token] = generator.choice(HOSTILE)
    elif kind == "added":
        tokenizer["added_tokens"] = [{"id": generator.choice(HOSTILE), "content": generator.choice(HOSTILE), "special": True}]
    else:
        inner = {"type": "Sequence", "normalizers": []}
        for _ in range(5000):
            inner = '{"type":"Sequence","normalizers":[' + (inner if isinstance(inner, str) else "") + "]}"
        file.write_text(json.dumps(tokenizer | {"normalizer": None}).replace('"normalizer": null', '"normalizer": ' + inner))
        return "tokenizer.json: sequences in sequences"
    file.write_text(json.dumps(tokenizer))
    return f"tokenizer.json: {kind}"


ALWAYS = (cut, flip, flip, deep_json, config_lie, config_lie, link, link, endless_template, tokenizer_lie)
SAFETENSORS = (tensor_lie, tensor_lie, tensor_lie, duplicate_name, header_length)
BY_BASE = {
    "single": ALWAYS + SAFETENSORS,
    "shards": ALWAYS[:3] + SAFETENSORS + (index_lie, index_lie, index_lie, swapped_shards),
    "torch": ALWAYS[:3] + (pickle_payload, pickle_payload, zip_lie, zip_lie),
}
QUANTIZED = (cut, flip, config_lie, config_lie, tensor_lie, tensor_lie)


def of(base):
    """The mutations for a folder of this kind."""
    return BY_BASE.get(base, QUANTIZED)
