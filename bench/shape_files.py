"""Model files with random weights in the exact sizes of real models.

    python -m bench.shape_files --folder DIR --shape qwen2.5-1.5b --quant q4_0

What a model says does not matter to its speed; how many numbers of which format it has does. The
quantized blocks are filled with random bits, and their scales keep the numbers in the usual range.
The tokenizer is that of the development model, filled up with words that nobody writes.

Sizes are those of the publishers' configurations. Qwen2.5-1.5B and LFM2-1.2B are certain, and
LFM2.5-1.2B has the same; of Qwen3.5-2B and 4B and Gemma 4 E2B they are as far as llama.cpp's loader
and the publishers' pages tell: some hundred thousand small numbers (rotary factors, gates) may be
missing or more, which no figure notices. Which matrices keep more bits in Q4_K_M follows
`llama-quantize` closely, not in every layer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import gguf
import numpy as np
from numpy.typing import NDArray

from pisovereign.config.loading import models_dir
from tests.support.model_shapes import ModelShape, Sizes, gemma4, lfm2, qwen2, qwen35
from tests.support.tiny_models import add_fields

Quant = Literal["q4_0", "q4_k_m"]
QUANTS: tuple[Quant, ...] = ("q4_0", "q4_k_m")
Kind = gguf.GGMLQuantizationType

SHAPES: Mapping[str, ModelShape] = {
    "qwen2.5-1.5b": qwen2(Sizes(151936, 28, 1536, 8960, 12, 2, 128)),
    "qwen3.5-2b": qwen35(Sizes(248320, 24, 2048, 6144, 8, 2, 256), state=128, groups=16),
    "qwen3.5-4b": qwen35(
        Sizes(248320, 32, 2560, 9216, 16, 4, 256), state=128, groups=16, values=32
    ),
    "lfm2.5-1.2b": lfm2(Sizes(65536, 16, 2048, 8192, 32, 8, 64), attention=(2, 5, 8, 10, 12, 14)),
    "gemma4-e2b": gemma4(
        Sizes(262144, 35, 1536, 6144, 8, 1, 256), window=512, wide_head=512, each=256, shared=20
    ),
}
# GGUF's numbers for the format of most weights.
_FILE_TYPES: Mapping[Quant, int] = {"q4_0": 2, "q4_k_m": 15}
# Below this many numbers a matrix stays as it is.
_SMALL = 1 << 17
_TOKENIZER = "smollm2-135m-instruct"
_NORMAL = 1


def ensure_shape(folder: Path, name: str, quant: Quant) -> Path:
    """Return the file, made if it is not there; 1 to 3 GB, a few seconds."""
    path = folder / f"{name}-{quant}.gguf"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        _write(unfinished, SHAPES[name], quant)
        unfinished.rename(path)
    return path


def token_bytes(name: str, quant: Quant) -> int:
    """Return the bytes of weights that one token reads; of embeddings that are looked up, none."""
    shape = SHAPES[name]
    tensors = [t for t in shape.tensors.items() if t[0] != "per_layer_token_embd.weight"]
    return sum(_bytes(dimensions, _kind(t, dimensions, quant)) for t, dimensions in tensors)


def _write(path: Path, shape: ModelShape, quant: Quant) -> None:
    writer = gguf.GGUFWriter(path, shape.architecture)
    add_fields(writer, shape)
    writer.add_file_type(_FILE_TYPES[quant])
    _add_tokenizer(writer, shape.vocabulary)
    kinds = {name: _kind(name, size, quant) for name, size in shape.tensors.items()}
    for name, size in shape.tensors.items():
        kind = kinds[name]
        rows = gguf.quant_shape_to_byte_shape(size[::-1], kind) if kind != Kind.F32 else size[::-1]
        dtype = np.dtype(np.float32 if kind == Kind.F32 else np.uint8)
        writer.add_tensor_info(name, rows, dtype, _bytes(size, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    random = np.random.default_rng(1)
    for name, size in shape.tensors.items():
        writer.write_tensor_data(_numbers(random, name, size, kinds[name]))
    writer.close()


def _bytes(size: tuple[int, ...], kind: Kind) -> int:
    block, width = gguf.GGML_QUANT_SIZES[kind]
    return int(np.prod(size)) // block * width


def _kind(name: str, size: tuple[int, ...], quant: Quant) -> Kind:
    if len(size) < 2 or int(np.prod(size)) < _SMALL or size[0] % 256:
        return Kind.F32
    if name == "token_embd.weight":
        return Kind.Q6_K  # it is the output's matrix as well
    if quant == "q4_0":
        return Kind.Q4_0
    layer = int(name.split(".")[1]) if name.startswith("blk.") else 0
    more = any(part in name for part in ("attn_v.", "ffn_down.")) and layer % 2 == 0
    return Kind.Q6_K if more else Kind.Q4_K


def _numbers(
    random: np.random.Generator, name: str, size: tuple[int, ...], kind: Kind
) -> NDArray[np.uint8] | NDArray[np.float32]:
    if kind == Kind.F32:
        return _plain(random, name, size[::-1])
    block, width = gguf.GGML_QUANT_SIZES[kind]
    count = int(np.prod(size)) // block
    blocks = np.frombuffer(random.bytes(count * width), np.uint8).reshape(count, width).copy()
    spread = 1 / np.sqrt(size[0])
    match kind:
        case Kind.Q4_0:
            _set(blocks, 0, spread / 5)
        case Kind.Q4_K:
            # Six bits of scale for four of a number, and the least of them, which is taken off.
            _set(blocks, 0, spread / 150)
            _set(blocks, 2, spread / 20)
        case _:
            # Q6_K: eight bits of scale for six of a number; the scale of all is at the end.
            _set(blocks, width - 2, spread / 1200)
    return blocks.reshape(*size[:0:-1], -1)


def _set(blocks: NDArray[np.uint8], at: int, value: float) -> None:
    blocks[:, at : at + 2] = np.frombuffer(np.float16(value).tobytes(), np.uint8)


def _plain(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if "norm" in name or "scale" in name or name.startswith("rope"):
        return np.ones(shape, np.float32)
    if name.endswith("ssm_a"):
        return -random.uniform(0.2, 1.5, shape).astype(np.float32)
    spread = 1 / np.sqrt(shape[-1])
    return random.normal(0, spread, shape).astype(np.float32)


@cache
def _tokenizer() -> gguf.GGUFReader:
    return gguf.GGUFReader(models_dir() / _TOKENIZER / "model.gguf")


def _add_tokenizer(writer: gguf.GGUFWriter, size: int) -> None:
    fields = _tokenizer().fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    more = range(size - len(tokens))
    writer.add_tokenizer_model(fields["tokenizer.ggml.model"].contents())
    writer.add_tokenizer_pre(fields["tokenizer.ggml.pre"].contents())
    writer.add_token_list([*tokens, *(f"qx{number}" for number in more)])
    writer.add_token_types([*kinds, *(_NORMAL for _ in more)])
    writer.add_token_merges(fields["tokenizer.ggml.merges"].contents())
    writer.add_bos_token_id(fields["tokenizer.ggml.bos_token_id"].contents())
    writer.add_eos_token_id(fields["tokenizer.ggml.eos_token_id"].contents())
    template = fields.get("tokenizer.chat_template")
    if template is not None:
        writer.add_chat_template(template.contents())


def main() -> int:
    """Make a file and print its path."""
    parser = argparse.ArgumentParser(prog="bench.shape_files")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--shape", choices=list(SHAPES), required=True)
    parser.add_argument("--quant", choices=QUANTS, default="q4_0")
    args = parser.parse_args()
    print(ensure_shape(args.folder, args.shape, args.quant))
    return 0


if __name__ == "__main__":
    sys.exit(main())
