# SPDX-License-Identifier: Apache-2.0
"""Small random models whose rotary frequencies depend on a sequence's length, with the logits that transformers gives.

Run with torch and transformers installed: python make.py. Writes one folder a model beside this file.
"""
import pathlib

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, Phi3Config, Phi3ForCausalLM

ORIGINAL = 32  # positions
LENGTHS = {"within": 24, "beyond": 56}
SHAPE = dict(vocab_size=48, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2,
             num_key_value_heads=1, pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=True)


def save(name, model):
    folder = pathlib.Path(__file__).parent / name
    model = model.eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(6.0)  # so that attention looks at positions
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    tensors = {}
    for key, length in LENGTHS.items():
        ids = torch.randint(3, SHAPE["vocab_size"], (length,), generator=torch.Generator().manual_seed(length))
        with torch.no_grad():
            tensors[f"{key}.logits"] = model(ids[None]).logits[0].float().contiguous()
        tensors[f"{key}.ids"] = ids.to(torch.int32)
    save_file(tensors, folder / "golden_logits.safetensors")


torch.manual_seed(7)
pairs = 8
save("phi3-longrope", Phi3ForCausalLM(Phi3Config(
    **SHAPE, max_position_embeddings=4 * ORIGINAL, original_max_position_embeddings=ORIGINAL,
    rope_parameters={"rope_type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": ORIGINAL,
                     "short_factor": [1.0 + 0.05 * i for i in range(pairs)],
                     "long_factor": [1.5 + 0.75 * i for i in range(pairs)]})))
save("llama-dynamic", LlamaForCausalLM(LlamaConfig(
    **SHAPE, max_position_embeddings=ORIGINAL,
    rope_parameters={"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 2.0})))
