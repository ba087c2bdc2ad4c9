# SPDX-License-Identifier: Apache-2.0
# transformers' forward pass over windows of 2048 tokens with logits and loss: tokens a second, the first window left out.
#   perplexity.py MODEL IDS.json WINDOWS f32|bf16
import json
import os
import sys
import time

import torch
from transformers import AutoModelForCausalLM

folder, ids_file, windows, kind = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
with open(ids_file, encoding="utf-8") as file:
    ids = json.load(file)
model = AutoModelForCausalLM.from_pretrained(folder, dtype={"f32": torch.float32, "bf16": torch.bfloat16}[kind]).eval()
rows = torch.tensor(ids[:2048 * windows]).view(windows, 1, 2048)
loss, seconds = 0.0, 0.0
with torch.inference_mode():
    model(rows[0])
    for row in rows:
        began = time.perf_counter()
        logits = model(row).logits
        loss += torch.nn.functional.cross_entropy(logits[0, :-1].float(), row[0, 1:]).item()
        seconds += time.perf_counter() - began
print(json.dumps({"tokens_per_second": 2048 * windows / seconds, "loss": loss / windows}))
