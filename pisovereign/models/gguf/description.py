"""The description of a model file for people, told from its header."""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from pisovereign.models.gguf.header import BrokenGguf, GgufHeader, Value
from pisovereign.models.gguf.tensor_types import FILE_TYPES, TENSOR_TYPES

_LONGEST = 200
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
# The same one is written in many ways.
_LICENSES = {"apache-2.0": "Apache-2.0", "mit": "MIT", "": "not stated"}


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of memory that a model takes with one conversation of `context` tokens."""

    context: int
    weights: int
    compute: int
    conversation: int

    @property
    def total(self) -> int:
        """Return all of them."""
        return self.weights + self.compute + self.conversation


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A model file as it describes itself, and the memory that it takes.

    Attributes:
        parameters: how many numbers its tensors have.
        quantization: the format of most of them.
        context_length: tokens of the longest text that it was trained on.
        license: as the file says, or `not stated`.
        languages: codes of those that it says it knows.
        template_warning: why it is not talked to in the way of its own file; empty where it is,
            and until that is asked for.
        active_bytes: bytes of the weights that one token needs.
        needs: memory for conversations of several lengths, the longest first; empty until it is
            asked for.
    """

    architecture: str
    name: str
    parameters: int
    quantization: str
    context_length: int
    license: str
    languages: tuple[str, ...]
    size: int
    active_bytes: int
    template_warning: str = ""
    needs: tuple[Need, ...] = ()


def describe(header: GgufHeader, size: int) -> Description:
    """Describe a model by its header.

    Args:
        header: what was read.
        size: bytes of the whole file.

    Raises:
        BrokenGguf: it is no model that could chat.
    """
    metadata = header.metadata
    architecture = _text(metadata.get("general.architecture"))
    kind = _text(metadata.get("general.type"))
    if not architecture:
        raise BrokenGguf("it does not say which architecture it has")
    if kind not in ("", "model") or architecture in ("clip", "mmproj"):
        raise BrokenGguf(f"it is no language model but: {kind or architecture}")
    parts = metadata.get("split.count", 1)
    if isinstance(parts, int) and parts > 1:
        raise BrokenGguf(f"it is one of {parts} parts; join them with llama-gguf-split --merge")
    if metadata.get(f"{architecture}.pooling_type"):
        raise BrokenGguf("it makes vectors and cannot chat")
    if not header.lengths.get("tokenizer.ggml.tokens"):
        raise BrokenGguf("it has no vocabulary")
    context = metadata.get(f"{architecture}.context_length")
    if not isinstance(context, int) or context < 1:
        raise BrokenGguf("it does not say how long a context may be")
    license_ = _text(metadata.get("general.license"))
    return Description(
        architecture=architecture,
        name=_text(metadata.get("general.name")) or architecture,
        parameters=sum(tensor.numbers for tensor in header.tensors),
        quantization=_quantization(header),
        context_length=context,
        license=_LICENSES.get(license_.lower(), license_),
        languages=_languages(metadata.get("general.languages")),
        size=size,
        active_bytes=_active(header, architecture),
    )


def _text(value: Value | None) -> str:
    """Return one printable line of a text that anybody may have written."""
    return _CONTROLS.sub(" ", value[:_LONGEST]).strip() if isinstance(value, str) else ""


def _languages(value: Value | None) -> tuple[str, ...]:
    items = value if isinstance(value, tuple) else (value,)
    codes = (item for item in items if isinstance(item, str) and _LANGUAGE.fullmatch(item))
    return tuple(dict.fromkeys(codes))


def _quantization(header: GgufHeader) -> str:
    """Return the format that the file names, or else the one of most bytes."""
    named = header.metadata.get("general.file_type")
    if isinstance(named, int) and named in FILE_TYPES:
        return FILE_TYPES[named]
    sizes: Counter[int] = Counter()
    for tensor in header.tensors:
        sizes[tensor.type] += tensor.size
    kind = TENSOR_TYPES.get(max(sizes, key=lambda number: sizes[number]))
    return kind.name if kind else "unknown"


def _active(header: GgufHeader, architecture: str) -> int:
    """Return the bytes that one token needs: some of the experts, a line of each table."""
    experts = header.metadata.get(f"{architecture}.expert_count")
    used = header.metadata.get(f"{architecture}.expert_used_count")
    share = 1.0
    if isinstance(experts, int) and isinstance(used, int) and 0 < used <= experts:
        share = used / experts
    sizes = {tensor.name: tensor.size for tensor in header.tensors}
    if "output.weight" in sizes:
        sizes.pop("token_embd.weight", None)
    sizes.pop("per_layer_token_embd.weight", None)
    return max(1, round(sum(sizes[name] * (share if "_exps" in name else 1) for name in sizes)))


def parameters_text(parameters: int) -> str:
    """Return a number of parameters as people write it, such as 135M or 1.5B."""
    if parameters < 999_500_000:
        return f"{max(1, round(parameters / 1e6))}M"
    return f"{parameters / 1e9:.1f}B".replace(".0B", "B")
