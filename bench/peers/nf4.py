# SPDX-License-Identifier: Apache-2.0
# bitsandbytes encodes all linear layers of a folder to NF4 and writes them: seconds, imports left out.
#   nf4.py MODEL OUT.safetensors
import json
import os
import sys
import time
from pathlib import Path

import bitsandbytes.functional as functional
import torch
from safetensors import safe_open
from safetensors.torch import save_file

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
began = time.perf_counter()
made = {}
for file in sorted(Path(sys.argv[1]).glob("*.safetensors")):
    with safe_open(file, "pt") as tensors:
        for name in tensors.keys():
            weight = tensors.get_tensor(name)
            if name.endswith("_proj.weight"):
                codes, state = functional.quantize_4bit(weight, quant_type="nf4")
                made[name] = codes
                made[name + ".absmax"] = state.absmax
            else:
                made[name] = weight
save_file(made, sys.argv[2])
print(json.dumps({"seconds": time.perf_counter() - began}))
os.remove(sys.argv[2])
