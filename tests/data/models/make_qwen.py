#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes qwen and qwen-ntk of this folder: models of the first Qwen with random weights, and their logits, computed here
in float64 after the published description of the architecture. Needs numpy and safetensors; README.md names the
versions."""

import json
import math
import pathlib

import numpy as np
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = {
    "architectures": ["QWenLMHeadModel"], "model_type": "qwen", "vocab_size": 64, "hidden_size": 32,
    "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "kv_channels": 8,
    "layer_norm_epsilon": 1e-6, "max_position_embeddings": 128, "no_bias": True, "rotary_emb_base": 100,
    "rotary_pct": 1.0, "scale_attn_weights": True, "seq_length": 32, "tie_word_embeddings": False,
    "tokenizer_class": "QWenTokenizer", "use_dynamic_ntk": False, "use_logn_attn": True, "bf16": False, "fp16": False,
    "fp32": True, "torch_dtype": "float32"}


def weights(config, seed):
    random = np.random.default_rng(seed)
    hidden, inner = config["hidden_size"], config["intermediate_size"] // 2

    def matrix(rows, columns):
        return random.normal(0.0, 0.2, (rows, columns)).astype(np.float32)

    def norm():
        return random.uniform(0.5, 1.5, hidden).astype(np.float32)

    tensors = {"transformer.wte.weight": matrix(config["vocab_size"], hidden)}
    for block in range(config["num_hidden_layers"]):
        name = f"transformer.h.{block}."
        tensors[name + "ln_1.weight"] = norm()
        tensors[name + "attn.c_attn.weight"] = matrix(3 * hidden, hidden)
        tensors[name + "attn.c_attn.bias"] = random.normal(0.0, 0.5, 3 * hidden).astype(np.float32)
        tensors[name + "attn.c_proj.weight"] = matrix(hidden, hidden)
        tensors[name + "ln_2.weight"] = norm()
        tensors[name + "mlp.w1.weight"] = matrix(inner, hidden)
        tensors[name + "mlp.w2.weight"] = matrix(inner, hidden)
        tensors[name + "mlp.c_proj.weight"] = matrix(hidden, inner)
    tensors["transformer.ln_f.weight"] = norm()
    tensors["lm_head.weight"] = matrix(config["vocab_size"], hidden)
    return tensors


class Qwen:
    """Feeds tokens in passes; keys and values of earlier passes are kept."""

    def __init__(self, config, tensors):
        self.config = config
        self.tensors = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
        self.past = [None] * config["num_hidden_layers"]
        self.length = 0
        self.alpha = 1.0

    def norm(self, x, name):
        scale = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.config["layer_norm_epsilon"])
        return x / scale * self.tensors[name]

    def turn(self, x, first):
        """Rotates pairs (i, i + d / 2) of x [heads, tokens, d]. Angles are those of float32, as in the model's code."""
        dims = self.config["kv_channels"]
        base = self.config["rotary_emb_base"] * self.alpha ** (dims / (dims - 2))
        exponents = np.arange(0, dims, 2, dtype=np.float32) / np.float32(dims)
        frequencies = np.float32(1.0) / np.power(np.float32(base), exponents)
        angles = np.outer(np.arange(first, first + x.shape[1], dtype=np.float32), frequencies).astype(np.float64)
        low, high = x[..., :dims // 2], x[..., dims // 2:]
        cosine, sine = np.cos(angles), np.sin(angles)
        return np.concatenate([low * cosine - high * sine, high * cosine + low * sine], axis=-1)

    def attention(self, x, block):
        heads, dims = self.config["num_attention_heads"], self.config["kv_channels"]
        name = f"transformer.h.{block}.attn."
        fused = x @ self.tensors[name + "c_attn.weight"].T + self.tensors[name + "c_attn.bias"]
        q, k, v = (part.reshape(-1, heads, dims).transpose(1, 0, 2) for part in np.split(fused, 3, axis=-1))
        first = self.length
        q, k = self.turn(q, first), self.turn(k, first)
        if self.past[block] is not None:
            k = np.concatenate([self.past[block][0], k], axis=1)
            v = np.concatenate([self.past[block][1], v], axis=1)
        self.past[block] = (k, v)
        trained = self.config["seq_length"]
        if self.config["use_logn_attn"]:
            for row in range(q.shape[1]):
                if first + row + 1 > trained:
                    q[:, row] *= math.log(first + row + 1, trained)
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(dims)
        hidden = np.arange(k.shape[1])[None, :] > first + np.arange(q.shape[1])[:, None]
        scores = np.where(hidden, -np.inf, scores)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed = (shares @ v).transpose(1, 0, 2).reshape(x.shape[0], -1)
        return mixed @ self.tensors[name + "c_proj.weight"].T

    def mlp(self, x, block):
        name = f"transformer.h.{block}.mlp."
        up, gate = x @ self.tensors[name + "w1.weight"].T, x @ self.tensors[name + "w2.weight"].T
        return (up * gate / (1.0 + np.exp(-gate))) @ self.tensors[name + "c_proj.weight"].T

    def logits(self, ids):
        if self.length == 0 and self.config["use_dynamic_ntk"]:
            doublings = math.ceil(math.log2(len(ids) / self.config["seq_length"]) + 1)
            self.alpha = max(2 ** doublings - 1, 1)
        x = self.tensors["transformer.wte.weight"][ids]
        for block in range(self.config["num_hidden_layers"]):
            x = x + self.attention(self.norm(x, f"transformer.h.{block}.ln_1.weight"), block)
            x = x + self.mlp(self.norm(x, f"transformer.h.{block}.ln_2.weight"), block)
        self.length += len(ids)
        return (self.norm(x, "transformer.ln_f.weight") @ self.tensors["lm_head.weight"].T).astype(np.float32)


def idsOf(count):
    return (np.arange(count) * 7 + 3) % 61 + 2


def write(name, config, tensors, goldens):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    save_file(goldens, folder / "golden_logits.safetensors")


def main():
    tensors = weights(CONFIG, 7)
    ids = idsOf(72)
    logits = Qwen(CONFIG, tensors).logits(ids)
    write("qwen", CONFIG, tensors, {"logits": logits})
    scored = logits[:-1].astype(np.float64)
    largest = scored.max(axis=-1)
    nll = np.log(np.exp(scored - largest[:, None]).sum(axis=-1)) + largest - scored[np.arange(71), ids[1:]]
    (HERE / "qwen/golden.json").write_text(
        json.dumps({"input_ids": ids.tolist(), "nll_sum": float(nll.sum())}) + "\n")

    config = dict(CONFIG, num_hidden_layers=1, use_dynamic_ntk=True, seq_length=16)
    tensors = weights(config, 8)
    goldens = {}
    for count in (12, 40):
        goldens[f"ids.{count}"] = idsOf(count)
        goldens[f"logits.{count}"] = Qwen(config, tensors).logits(idsOf(count))
    stepped = Qwen(config, tensors)
    passes = [stepped.logits(idsOf(12))] + [stepped.logits(idsOf(40)[at:at + 1]) for at in range(12, 40)]
    goldens["stepped"] = np.concatenate(passes)
    write("qwen-ntk", config, tensors, goldens)


if __name__ == "__main__":
    main()
