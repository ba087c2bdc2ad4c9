# SPDX-License-Identifier: Apache-2.0
# A tiny model folder made here, in each container that the program reads: one safetensors file, two shards, a file of PyTorch.
import io
import json
import pickle
import random
import struct
import sys
import types
import zipfile
from pathlib import Path

from campaign import MODEL

HIDDEN, INNER, LAYERS, VOCABULARY = 64, 128, 2, 8192


def config():
    return json.loads((MODEL / "config.json").read_text()) | {
        "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": LAYERS, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 32, "vocab_size": VOCABULARY}


def shapes():
    """Names and shapes of the tensors of a small LLaMA whose head is its embedding."""
    yield "model.embed_tokens.weight", (VOCABULARY, HIDDEN)
    for layer in range(LAYERS):
        name = f"model.layers.{layer}."
        yield name + "input_layernorm.weight", (HIDDEN,)
        yield name + "self_attn.q_proj.weight", (64, HIDDEN)
        yield name + "self_attn.k_proj.weight", (32, HIDDEN)
        yield name + "self_attn.v_proj.weight", (32, HIDDEN)
        yield name + "self_attn.o_proj.weight", (HIDDEN, 64)
        yield name + "post_attention_layernorm.weight", (HIDDEN,)
        yield name + "mlp.gate_proj.weight", (INNER, HIDDEN)
        yield name + "mlp.up_proj.weight", (INNER, HIDDEN)
        yield name + "mlp.down_proj.weight", (HIDDEN, INNER)
    yield "model.norm.weight", (HIDDEN,)


def weights(seed=7):
    """Tensors in bf16: random ones of about 0.03, norms of 1. Name to (shape, bytes)."""
    generator = random.Random(seed)
    # A bf16 with any sign and mantissa whose exponent is that of 1/32.
    values = [struct.pack("<H", (generator.getrandbits(1) << 15) | (122 << 7) | generator.getrandbits(7)) for _ in range(4096)]
    block = b"".join(values)
    tensors = {}
    for name, shape in shapes():
        bytes_total = 2 * (shape[0] * (shape[1] if len(shape) > 1 else 1))
        one = len(shape) == 1
        tensors[name] = (shape, struct.pack("<H", 0x3F80) * shape[0] if one else (block * (bytes_total // len(block) + 1))[:bytes_total])
    return tensors


def header_of(tensors):
    """The header of a safetensors file as a dictionary."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, (shape, data) in tensors.items():
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    return header


def safetensors(header, data, length=None):
    """A file of a header (a dictionary, or its bytes) that tells the length it has, or another."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def data_of(tensors):
    return b"".join(data for _, data in tensors.values())


def write_rest(folder):
    """config.json and the tokenizer."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config(), indent=1))
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "special_tokens_map.json"):
        (folder / name).write_bytes((MODEL / name).read_bytes())


def write_single(folder):
    write_rest(folder)
    tensors = weights()
    (folder / "model.safetensors").write_bytes(safetensors(header_of(tensors), data_of(tensors)))


def write_shards(folder):
    write_rest(folder)
    tensors = weights()
    names = list(tensors)
    index = {}
    for number, part in enumerate((names[:10], names[10:]), 1):
        file = f"model-{number:05}-of-00002.safetensors"
        chosen = {name: tensors[name] for name in part}
        (folder / file).write_bytes(safetensors(header_of(chosen), data_of(chosen)))
        index |= {name: file for name in part}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}, indent=1))


class Storage:
    """What torch.save names by a persistent id."""

    def __init__(self, key, count):
        self.key, self.count = key, count


class TensorPickler(pickle.Pickler):
    """Writes tensors as torch.save does, without torch: calls of functions of its names."""

    def __init__(self, file):
        super().__init__(file, protocol=2)
        self.modules = {name: types.ModuleType(name) for name in ("torch", "torch._utils")}
        self.modules["torch"].BFloat16Storage = type("BFloat16Storage", (), {"__module__": "torch"})

        def _rebuild_tensor_v2(*_):
            pass

        _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
        self.modules["torch._utils"]._rebuild_tensor_v2 = _rebuild_tensor_v2

    def persistent_id(self, item):
        kind = self.modules["torch"].BFloat16Storage
        return ("storage", kind, item.key, "cpu", item.count) if isinstance(item, Storage) else None

    def dump_state(self, tensors, more):
        rebuild = self.modules["torch._utils"]._rebuild_tensor_v2

        class Tensor:
            def __init__(self, arguments):
                self.arguments = arguments

            def __reduce__(self):
                return rebuild, self.arguments

        state = {}
        for number, (name, (shape, data)) in enumerate(tensors.items()):
            strides = (shape[1], 1) if len(shape) > 1 else (1,)
            state[name] = Tensor((Storage(str(number), len(data) // 2), 0, shape, strides, False, {}))
        sys.modules.update(self.modules)
        try:
            self.dump(state | more)
        finally:
            for name in self.modules:
                del sys.modules[name]


def torch_pickle(tensors, more=None):
    file = io.BytesIO()
    TensorPickler(file).dump_state(tensors, more or {})
    return file.getvalue()


def write_torch_zip(file, tensors, data_pkl, more=()):
    """A file of torch.save: a zip with the pickle and a member for each tensor, and other members."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", data_pkl)
        for number, (_, data) in enumerate(tensors.values()):
            archive.writestr(f"archive/data/{number}", data)
        archive.writestr("archive/version", "3\n")
        for name, content, kind in more:
            archive.writestr(zipfile.ZipInfo(name), content, kind)


def write_torch(folder):
    write_rest(folder)
    tensors = weights()
    write_torch_zip(folder / "pytorch_model.bin", tensors, torch_pickle(tensors))
