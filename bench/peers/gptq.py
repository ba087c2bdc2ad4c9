# SPDX-License-Identifier: Apache-2.0
# GPTQModel quantizes a folder to 4 bits in groups of 128: processor seconds of its quantize call.
#   gptq.py MODEL ROWS.json       ROWS: lists of token ids
import json
import os
import sys
import time

import torch

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
from gptqmodel import GPTQModel, QuantizeConfig  # noqa: E402 # after the number of threads is set

with open(sys.argv[2], encoding="utf-8") as file:
    rows = [{"input_ids": row, "attention_mask": [1] * len(row)} for row in json.load(file)]
model = GPTQModel.load(sys.argv[1], QuantizeConfig(bits=4, group_size=128, desc_act=False), device="cpu")
began = time.process_time()
model.quantize(rows, batch_size=1)
seconds = time.process_time() - began
print()
print(json.dumps({"cpu_seconds": seconds}), flush=True)
os._exit(0)  # Its workers would keep it.
