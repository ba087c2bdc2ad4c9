# SPDX-License-Identifier: Apache-2.0
# Writes a folder of the LLaMA shape as GGUF in f16, with a vocabulary of bytes and made-up pieces: for measuring speed, which
# does not depend on the words.
#   gguf_file.py MODEL OUT.gguf [FOLDER OF gguf-py]
import json
import sys
from pathlib import Path

import numpy

if len(sys.argv) > 3:
    sys.path.insert(0, sys.argv[3])
import gguf  # noqa: E402 # from llama.cpp's tree where that is given

NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
         "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
         "post_attention_layernorm": "ffn_norm"}
WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
         "lm_head.weight": "output.weight"}


def tensors(folder):
    """Name and values in f32 of each tensor."""
    for file in sorted(folder.glob("*.safetensors")):
        data = numpy.memmap(file, dtype=numpy.uint8, mode="r")
        length = int(data[:8].view(numpy.uint64)[0])
        for name, facts in json.loads(bytes(data[8:8 + length])).items():
            if name == "__metadata__":
                continue
            begin, end = (8 + length + offset for offset in facts["data_offsets"])
            raw = data[begin:end]
            if facts["dtype"] == "BF16":
                values = (raw.view(numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
            else:
                values = raw.view({"F16": numpy.float16, "F32": numpy.float32}[facts["dtype"]]).astype(numpy.float32)
            yield name, values.reshape(facts["shape"])


def name_there(name):
    if name in WHOLE:
        return WHOLE[name]
    _, _, block, rest = name.split(".", 3)
    return f"blk.{block}.{NAMES[rest.removesuffix('.weight')]}.weight"


def turned(values, heads):
    """Halves of each head's rotation side by side, as llama.cpp turns them."""
    rows, columns = values.shape
    return values.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def main():
    folder = Path(sys.argv[1])
    config = json.loads((folder / "config.json").read_text())
    heads, heads_kv, vocabulary = config["num_attention_heads"], config["num_key_value_heads"], config["vocab_size"]
    writer = gguf.GGUFWriter(sys.argv[2], "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads_kv)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config.get("head_dim") or config["hidden_size"] // heads)
    writer.add_rope_freq_base(config.get("rope_theta", 10000.0))
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("llama")
    kind = gguf.TokenType
    words = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256))]
    kinds = [kind.UNKNOWN, kind.CONTROL, kind.CONTROL, *[kind.BYTE] * 256]
    more = vocabulary - len(words)
    writer.add_token_list(words + [f"piece{number}".encode() for number in range(more)])
    writer.add_token_scores([0.0] * len(words) + [-float(number) for number in range(more)])
    writer.add_token_types(kinds + [kind.NORMAL] * more)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    for name, values in tensors(folder):
        if name.endswith("q_proj.weight"):
            values = turned(values, heads)
        elif name.endswith("k_proj.weight"):
            values = turned(values, heads_kv)
        writer.add_tensor(name_there(name), values if values.ndim == 1 else values.astype(numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(json.dumps({"file": sys.argv[2]}))


main()
