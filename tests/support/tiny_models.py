"""Model files of a few layers with random numbers: each architecture that the engine must know.

They write nonsense, but they do it by the same functions as models of full size. The vocabulary has
a token for each byte, and the control tokens of the ChatML template.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from tests.support.model_shapes import (
    Field,
    ModelShape,
    Sizes,
    gemma3,
    gemma4,
    granite_hybrid,
    lfm2,
    llama,
    qwen2,
    qwen35,
)

CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_NORMAL, _CONTROL = 1, 3
_BYTES = 256
_BLOCK = 32
VOCABULARY = _BYTES + 1 + len(CONTROL)

_SIZES = Sizes(
    vocabulary=VOCABULARY,
    layers=4,
    width=64,
    feed_forward=96,
    heads=4,
    kept_heads=2,
    head_width=16,
    context=4096,
)
_WIDE = Sizes(
    vocabulary=VOCABULARY,
    layers=5,
    width=64,
    feed_forward=96,
    heads=2,
    kept_heads=1,
    head_width=32,
    context=4096,
)

# In the first two a sequence can be cut anywhere.
TINY: Mapping[str, ModelShape] = {
    "llama": llama(_SIZES),
    "qwen2": qwen2(_SIZES),
    "gemma3": gemma3(_WIDE, window=48, interval=3),
    "gemma4": gemma4(_WIDE, window=48, wide_head=64, each=16, shared=2, interval=3),
    "qwen35": qwen35(_SIZES, state=16, groups=4),
    "lfm2": lfm2(_SIZES, attention=(2,)),
    "granitehybrid": granite_hybrid(_SIZES, attention=(2,), state=16, heads=4),
}

Values = Callable[[str, tuple[int, ...]], NDArray[np.float32]]


def write_tiny(path: Path, name: str, *, quantized: bool = False) -> Path:
    """Write one of `TINY` to a path, and return it."""
    write_model(path, TINY[name], _values, quantized=quantized)
    return path


def write_model(path: Path, shape: ModelShape, values: Values, *, quantized: bool = False) -> None:
    """Write a model in float32, with a token for each byte.

    Args:
        path: the file.
        shape: what is in it.
        values: the numbers of a tensor, by its name and shape, the slowest dimension first.
        quantized: write matrices in 8 bits, for which there are other kernels.
    """
    writer = gguf.GGUFWriter(path, shape.architecture)
    add_fields(writer, shape)
    _add_vocabulary(writer, shape.vocabulary)
    for name, dimensions in shape.tensors.items():
        numbers = values(name, dimensions[::-1])
        if quantized and numbers.ndim == 2 and not any(size % _BLOCK for size in numbers.shape):
            blocks = gguf.quants.quantize(numbers, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_fields(writer: gguf.GGUFWriter, shape: ModelShape) -> None:
    """Add the metadata of a shape."""
    for name, value in shape.fields.items():
        _add(writer, f"{shape.architecture}.{name}", value)


def _add(writer: gguf.GGUFWriter, key: str, value: Field) -> None:
    match value:
        case bool():
            writer.add_bool(key, value)
        case int():
            writer.add_uint32(key, value)
        case float():
            writer.add_float32(key, value)
        case str():
            writer.add_string(key, value)
        case _:
            writer.add_array(key, list(value))


def _add_vocabulary(writer: gguf.GGUFWriter, size: int) -> None:
    tokens = [*map(_written, range(_BYTES)), _written(ord("t")) + _written(ord("h")), *CONTROL]
    kinds = [_NORMAL] * (_BYTES + 1) + [_CONTROL] * len(CONTROL)
    assert len(tokens) == size, "the shape is for another vocabulary"
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))


def _written(byte: int) -> str:
    """Return how byte-level BPE writes a byte: as itself if that can be seen, else beyond 255."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in visible:
        return chr(byte)
    return chr(256 + sorted(set(range(_BYTES)) - set(visible)).index(byte))


def _values(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return random numbers that are the same in every run, of a size that keeps logits apart."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    random = np.random.default_rng(seed)
    if "norm" in name or name.startswith("rope_freqs") or "output_scale" in name:
        return np.ones(shape, np.float32)
    if name.endswith("ssm_a"):
        return -random.uniform(0.2, 1.5, shape).astype(np.float32)
    if name.endswith(".bias") or len(shape) == 1:
        return random.normal(0, 0.3, shape).astype(np.float32)
    spread = 1.0 if "embd" in name else 1.5 / np.sqrt(shape[-1])
    return random.normal(0, spread, shape).astype(np.float32)
