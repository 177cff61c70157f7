"""GGUF files of a given size without a model in them: the tensors are a hole in the file."""

from __future__ import annotations

import os
import struct
from pathlib import Path

_UINT32, _FLOAT32, _STRING = 4, 6, 8
_F32, _ALIGNMENT = 0, 32
VOCABULARY, HEADS, KEPT_HEADS = 1000, 8, 2


def write_hollow(
    path: Path, *, layers: int, width: int, context: int, head_width: int | None = None
) -> int:
    """Write a Llama model of zeros that takes no room on the disk; returns its weights in bytes."""
    tensors = _tensors(layers, width, head_width or width // HEADS)
    fields = [
        _text("general.architecture", "llama"),
        _text("tokenizer.ggml.model", "no_vocab"),
        _number("llama.vocab_size", VOCABULARY),
        _number("llama.context_length", context),
        _number("llama.embedding_length", width),
        _number("llama.block_count", layers),
        _number("llama.feed_forward_length", width),
        _number("llama.attention.head_count", HEADS),
        _number("llama.attention.head_count_kv", KEPT_HEADS),
        _string("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", _FLOAT32, 1e-5),
    ]
    if head_width:
        fields += [_number(f"llama.attention.{n}_length", head_width) for n in ("key", "value")]
        fields.append(_number("llama.rope.dimension_count", head_width))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields)) + b"".join(fields)
    offset = 0
    for name, shape in tensors.items():
        head += _string(name) + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}QIQ", *shape, _F32, offset)
        offset += _aligned(4 * _product(shape))
    path.write_bytes(head)
    os.truncate(path, _aligned(len(head)) + offset)
    return sum(4 * _product(shape) for shape in tensors.values())


def _tensors(layers: int, width: int, head: int) -> dict[str, tuple[int, ...]]:
    tensors: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (width, VOCABULARY),
        "output_norm.weight": (width,),
    }
    for layer in range(layers):
        shapes = {
            "attn_norm": (width,),
            "attn_q": (width, HEADS * head),
            "attn_k": (width, KEPT_HEADS * head),
            "attn_v": (width, KEPT_HEADS * head),
            "attn_output": (HEADS * head, width),
            "ffn_norm": (width,),
            **{f"ffn_{name}": (width, width) for name in ("gate", "down", "up")},
        }
        tensors |= {f"blk.{layer}.{name}.weight": shape for name, shape in shapes.items()}
    return tensors


def _product(shape: tuple[int, ...]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def _text(name: str, value: str) -> bytes:
    return _string(name) + struct.pack("<I", _STRING) + _string(value)


def _number(name: str, value: int) -> bytes:
    return _string(name) + struct.pack("<II", _UINT32, value)
