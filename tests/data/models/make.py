#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the models of this folder: small ones with random weights, and the logits that transformers computes of them
in float32 for two lengths of input. Needs torch, safetensors and transformers; README.md names the versions."""

import pathlib

import torch
from safetensors.torch import save_file
from transformers import (
    Gemma3Config, Gemma3ForConditionalGeneration, LlamaConfig, LlamaForCausalLM, Phi3Config, Phi3ForCausalLM)

HERE = pathlib.Path(__file__).resolve().parent
SIZES = {
    "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 4,
    "num_key_value_heads": 2, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "initializer_range": 0.4}


def save(name, model):
    model = model.to(torch.bfloat16)
    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = type(model).from_pretrained(folder, dtype=torch.float32).eval()
    tensors = {}
    for count in (12, 40):
        ids = (torch.arange(count) * 7 + 3) % 61 + 2
        with torch.no_grad():
            tensors[f"logits.{count}"] = model(input_ids=ids[None]).logits[0].contiguous()
        tensors[f"ids.{count}"] = ids
    save_file(tensors, folder / "golden_logits.safetensors")


def main():
    torch.manual_seed(7)
    save("phi3-longrope", Phi3ForCausalLM(Phi3Config(
        **SIZES, max_position_embeddings=64, original_max_position_embeddings=16, rope_theta=100.0,
        rope_scaling={"type": "longrope", "short_factor": [1.0, 1.25, 1.5, 2.0], "long_factor": [1.0, 2.0, 4.0, 8.0]})))
    save("llama-dynamic", LlamaForCausalLM(LlamaConfig(
        **SIZES, max_position_embeddings=16, rope_theta=100.0, rope_scaling={"type": "dynamic", "factor": 2.0})))
    text = dict(SIZES, num_hidden_layers=2, head_dim=8, sliding_window=8, sliding_window_pattern=2,
                query_pre_attn_scalar=8, max_position_embeddings=64, model_type="gemma3_text")
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 28, "patch_size": 14, "initializer_range": 0.4, "model_type": "siglip_vision_model"}
    save("gemma3", Gemma3ForConditionalGeneration(Gemma3Config(
        text_config=text, vision_config=vision, mm_tokens_per_image=4, image_token_index=63)))


if __name__ == "__main__":
    main()
