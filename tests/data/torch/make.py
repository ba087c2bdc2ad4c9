#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the files of this folder: state dicts by torch.save in all its containers, the same tensors by the package
safetensors, and a small model in both. Needs torch, safetensors and transformers; README.md names the versions."""

import collections
import io
import json
import pathlib
import pickle
import struct
import sys
import tarfile

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent

PLAIN = {
    "f64": torch.float64,
    "f32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "i64": torch.int64,
    "i32": torch.int32,
    "i16": torch.int16,
    "i8": torch.int8,
    "u8": torch.uint8,
}
# Their storages have no class of their own, which the older container needs.
NEW_ONLY = {
    "f8_e4m3": torch.float8_e4m3fn,
    "f8_e5m2": torch.float8_e5m2,
    "u16": torch.uint16,
    "u32": torch.uint32,
    "u64": torch.uint64,
}


def plain_tensors():
    tensors = collections.OrderedDict()
    for number, (name, dtype) in enumerate(PLAIN.items()):
        values = torch.arange(6, dtype=torch.float64) * 1.5 - (0 if name == "u8" else 3)
        tensors[name] = (values + number).to(dtype).reshape(2, 3)
    tensors["bool"] = torch.tensor([True, False, True])
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 4)
    base = torch.arange(24, dtype=torch.float32)
    tensors["base"] = base
    tensors["base.part"] = base[4:12].reshape(2, 4)
    tensors["base.transposed"] = base.reshape(4, 6).t()
    tensors["base.every.second"] = base[1::2]
    tensors["base.block"] = base.reshape(4, 6)[1:3, 2:5]
    tensors["expanded"] = torch.tensor([[1], [2]], dtype=torch.int32).expand(2, 3)
    tensors["parameter"] = torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float16))
    return tensors


def save_expected(tensors, file):
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, file)


def save_containers():
    tensors = plain_tensors()
    tensors._metadata = collections.OrderedDict({"": {"version": 1}})
    torch.save(tensors, HERE / "sequence.bin", _use_new_zipfile_serialization=False)
    save_expected(tensors, HERE / "sequence.safetensors")
    for name, dtype in NEW_ONLY.items():
        tensors[name] = torch.arange(4, dtype=torch.float32).to(dtype)
    torch.save(tensors, HERE / "zip.bin")
    torch.save(tensors, HERE / "zip-protocol4.bin", pickle_protocol=4)
    save_expected(tensors, HERE / "zip.safetensors")
    inside = {"epoch": 3, "state_dict": {"a": torch.ones(2)}, "optimizer": {"b": torch.zeros(3)}}
    torch.save(inside, HERE / "inside.bin")
    torch.save(inside, HERE / "inside-sequence.bin", _use_new_zipfile_serialization=False)
    torch.save({"z": torch.zeros(2, dtype=torch.complex64)}, HERE / "complex.bin")
    torch.save({"q": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, HERE / "quantized.bin")


class OldPickler(pickle.Pickler):
    """Names tensors by number, as the first versions did."""

    def __init__(self, file, numbers):
        super().__init__(file, protocol=2)
        self.numbers = numbers

    def persistent_id(self, value):
        return self.numbers.get(id(value)) if isinstance(value, torch.Tensor) else None


def named_class(dtype):
    return {torch.float32: torch.FloatStorage, torch.float16: torch.HalfStorage, torch.int64: torch.LongStorage}[dtype]


def save_tar():
    """Nothing writes these any more: made as PyTorch's reader of them, legacy_load, expects, and read with it."""
    base = torch.arange(12, dtype=torch.float32)
    tensors = collections.OrderedDict(
        a=base.reshape(3, 4),
        transposed=base.reshape(3, 4).t(),
        half=torch.tensor([1.5, -2.0], dtype=torch.float16),
        whole=torch.tensor([[7, -8]]),
        scalar=torch.tensor(4.0),
    )
    storages, keys = [], {}
    for tensor in tensors.values():
        pointer = tensor.untyped_storage().data_ptr()
        if pointer not in keys:
            keys[pointer] = 100 + len(keys)
            storages.append((keys[pointer], tensor))
    out = io.BytesIO()
    pickle.dump(len(storages), out, protocol=2)
    for key, tensor in storages:
        pickle.dump((key, "cpu", named_class(tensor.dtype)), out, protocol=2)
        raw = bytes(tensor.untyped_storage())
        out.write(struct.pack("<q", len(raw) // tensor.element_size()) + raw)
    pickle.dump([], out, protocol=2)
    parts = {"storages": out.getvalue()}
    out, numbers = io.BytesIO(), {}
    pickle.dump(len(tensors), out, protocol=2)
    for number, tensor in enumerate(tensors.values()):
        numbers[id(tensor)] = number
        pickle.dump((number, keys[tensor.untyped_storage().data_ptr()], torch.Tensor), out, protocol=2)
        rank = tensor.dim()
        out.write(struct.pack(f"<i4x{rank}q{rank}qq", rank, *tensor.shape, *tensor.stride(), tensor.storage_offset()))
    parts["tensors"] = out.getvalue()
    out = io.BytesIO()
    OldPickler(out, numbers).dump(tensors)
    parts["pickle"] = out.getvalue()
    with tarfile.open(HERE / "tar.bin", "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    read = torch.load(HERE / "tar.bin", weights_only=False)
    assert all(torch.equal(read[name], tensor) for name, tensor in tensors.items())
    save_expected(tensors, HERE / "tar.safetensors")


def save_model():
    """A LLaMA of two blocks, once as safetensors and once as two PyTorch shards with an index."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
    model = LlamaForCausalLM(config).to(torch.bfloat16)
    folder = HERE / "model-safetensors"
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    shards = HERE / "model-bin"
    shards.mkdir(exist_ok=True)
    (shards / "config.json").write_bytes((folder / "config.json").read_bytes())
    names = list(model.state_dict())
    weight_map = {}
    for number, part in enumerate((names[: len(names) // 2], names[len(names) // 2:]), start=1):
        file = f"pytorch_model-{number:05}-of-00002.bin"
        torch.save(collections.OrderedDict((name, model.state_dict()[name]) for name in part), shards / file)
        weight_map.update(dict.fromkeys(part, file))
    (shards / "pytorch_model.bin.index.json").write_text(
        json.dumps({"metadata": {"total_size": 0}, "weight_map": weight_map}, indent=1))


if __name__ == "__main__":
    save_containers()
    save_tar()
    save_model()
    print(sys.version.split()[0], torch.__version__)
