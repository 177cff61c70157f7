"""Random schemas, and whether a grammar takes a text."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from hypothesis import strategies as st

from pisovereign.engine.grammar import GrammarConstraint
from pisovereign.engine.templates import Segment
from pisovereign.engine.vocab import Vocab


def accepts(
    vocab: Vocab, grammar: str, segments: list[Segment], controls: Collection[int] = ()
) -> bool:
    """Whether the grammar takes all of these segments, and may end there."""
    constraint = GrammarConstraint(vocab, grammar, controls)
    for token in vocab.encode(segments):
        if not constraint.allowed(np.array([token]))[0]:
            return False
        constraint.accept(token)
    possible = np.flatnonzero(constraint.mask(vocab.size)).tolist()
    return any(vocab.ends_answer(token) for token in possible)


NAMES = st.text("abcXYZ_09", min_size=1, max_size=6)
# The small model's vocabulary lacks the bytes of some rare characters.
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0x24F) | st.sampled_from("你😀"),
    max_size=12,
)


def _leaf() -> st.SearchStrategy[dict[str, Any]]:
    small = st.integers(-2000, 2000)
    return st.one_of(
        st.just({"type": "boolean"}),
        st.just({"type": "null"}),
        st.just({"type": "number"}),
        st.just({"type": "string"}),
        st.just({"type": "string", "format": "date"}),
        st.builds(lambda a, b: {"type": "string", "minLength": a, "maxLength": a + b}, *_small(2)),
        st.builds(
            lambda kind, a, b: {"type": kind, "minimum": min(a, b), "maximum": max(a, b)},
            st.sampled_from(["integer", "number"]),
            small,
            small,
        ),
        st.builds(lambda values: {"enum": values}, st.lists(WORDS, min_size=1, max_size=4)),
        st.just({"type": ["integer", "null"]}),
        st.just({"enum": ["one", 2, None, True]}),
        st.just({"anyOf": [{"type": "integer", "minimum": 3}, {"type": "string"}]}),
    )


def _small(count: int) -> list[st.SearchStrategy[int]]:
    return [st.integers(0, 4)] * count


def _objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def build(properties: dict[str, Any], keep: list[bool], *, closed: bool) -> dict[str, Any]:
        required = [name for name, kept in zip(properties, keep, strict=False) if kept]
        schema = {"type": "object", "properties": properties, "required": required}
        return schema | ({"additionalProperties": False} if closed else {})

    properties = st.dictionaries(NAMES, inner, max_size=4)
    keep = st.lists(st.booleans(), min_size=4, max_size=4)
    return st.builds(build, properties, keep, closed=st.booleans())


def _wider(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    arrays = st.builds(
        lambda items, a, b: {"type": "array", "items": items, "minItems": a, "maxItems": a + b},
        inner,
        *_small(2),
    )
    return st.one_of(_objects(inner), arrays)


SCHEMAS = st.recursive(_leaf(), _wider, max_leaves=6)
PARAMETERS = _objects(SCHEMAS)
