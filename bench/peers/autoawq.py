# SPDX-License-Identifier: Apache-2.0
# AutoAWQ quantizes a folder to 4 bits in groups of 128: processor seconds of its quantize call.
#   autoawq.py MODEL ROWS.json       ROWS: lists of token ids
import json
import os
import sys
import time

import torch

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
from awq import AutoAWQForCausalLM  # noqa: E402 # after the number of threads is set
from awq.quantize import quantizer as awq_quantizer  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

# On a processor its search writes into the weights it wants to restore: they are the module's own there.
search = awq_quantizer.AwqQuantizer._compute_best_scale


def search_with_copies(self, x, w_mean, x_mean, module2inspect, *rest, **named):
    state_dict = module2inspect.state_dict
    module2inspect.state_dict = lambda *a, **k: {name: tensor.clone() for name, tensor in state_dict(*a, **k).items()}
    try:
        return search(self, x, w_mean, x_mean, module2inspect, *rest, **named)
    finally:
        del module2inspect.state_dict


awq_quantizer.AwqQuantizer._compute_best_scale = search_with_copies
with open(sys.argv[2], encoding="utf-8") as file:
    rows = json.load(file)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoAWQForCausalLM.from_pretrained(sys.argv[1], device_map="cpu", safetensors=True)
began = time.process_time()
model.quantize(tokenizer, quant_config={"zero_point": True, "q_group_size": 128, "w_bit": 4, "version": "GEMM"}, calib_data=rows,
               max_calib_samples=len(rows), max_calib_seq_len=len(rows[0]))
print()
print(json.dumps({"cpu_seconds": time.process_time() - began}))
