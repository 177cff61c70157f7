"""Constraining answers to a JSON schema with llama.cpp's grammar engine.

A schema is a program that others write: only known keywords, a bounded size and bounded counts get
as far as the converter and native code.
"""

from __future__ import annotations

import codecs
import ctypes
import json
from typing import Any

import llama_cpp
import numpy as np
from llama_cpp.llama_grammar import SchemaConverter
from numpy.typing import NDArray

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.sampling import Ids
from pisovereign.engine.vocab import Vocab

_MAX_DEPTH = 16
_MAX_NODES = 500
_MAX_COUNT = 500
_MAX_GRAMMAR = 256 * 1024

_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
_SCHEMAS = frozenset({"items", "additionalProperties"})
_SCHEMA_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SCHEMA_MAPS = frozenset({"properties", "$defs", "definitions"})
_VALUES = frozenset({"type", "enum", "const", "required", "format", "$ref"})
_NOTES = frozenset({"title", "description", "default", "examples", "$schema", "$id", "$comment"})

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def compile_schema(schema: dict[str, Any]) -> str:
    """Turn a JSON schema into a grammar.

    Raises:
        InvalidRequest: a keyword that is not supported, or a schema that is too large or wrong.
    """
    checked = _Check().schema(schema, 0)
    try:
        grammar = _to_grammar(checked)
    except (ValueError, AssertionError, KeyError, TypeError, AttributeError, RecursionError) as e:
        # These are what the converter raises for a schema that makes no sense.
        raise InvalidRequest(f"response_format: the JSON schema cannot be used: {e}") from None
    if len(grammar) > _MAX_GRAMMAR:
        raise InvalidRequest("response_format: the JSON schema is too large")
    return grammar


class _Converter(SchemaConverter):  # type: ignore[misc]  # llama_cpp has no types
    """llama-cpp-python's converter, with its literals and strings fixed."""

    def _format_literal(self, literal: str) -> str:
        """Quote a JSON text for the grammar; the original forgets to escape backslashes."""
        text = json.dumps(json.loads(literal), ensure_ascii=False)
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _to_grammar(schema: Any) -> str:
    converter = _Converter(prop_order={}, allow_fetch=False, dotall=False, raw_pattern=False)
    converter.visit(converter.resolve_refs(schema, "schema"), "")
    grammar: str = converter.format_grammar()
    # Control characters have to be escaped in JSON; the original lets them through.
    return grammar.replace('char ::= [^"\\\\] |', 'char ::= [^"\\\\\\x7F\\x00-\\x1F] |')


class _Check:
    """Copies a schema without its notes, as far as everything in it is known."""

    def __init__(self) -> None:
        self._nodes = 0

    def schema(self, schema: Any, depth: int) -> Any:
        """Convert a schema or subschema."""
        self._nodes += 1
        if depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            raise InvalidRequest("response_format: the JSON schema is too deep or too large")
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise InvalidRequest("response_format: a JSON schema must be an object")
        return {
            key: self._keyword(key, value, depth + 1)
            for key, value in schema.items()
            if key not in _NOTES
        }

    def _keyword(self, key: str, value: Any, depth: int) -> Any:
        if key in _VALUES:
            return value
        if key in _SCHEMAS:
            return self.schema(value, depth)
        if key in _SCHEMA_LISTS and isinstance(value, list):
            return [self.schema(item, depth) for item in value]
        if key in _SCHEMA_MAPS and isinstance(value, dict):
            return {name: self.schema(item, depth) for name, item in value.items()}
        if key in _COUNTS and isinstance(value, int) and 0 <= value <= _MAX_COUNT:
            return value
        raise InvalidRequest(f"response_format: {key!r} is not supported, or not with this value")


class GrammarConstraint:
    """A grammar's state along one answer.

    llama.cpp sees a control token as its name, which a string of the schema could hold. Here such a
    token is never allowed, except those that end an answer, where the grammar is complete.

    Args:
        vocab: the model's vocabulary.
        grammar: what `compile_schema` returned.

    Raises:
        InvalidRequest: llama.cpp does not accept the grammar.
    """

    def __init__(self, vocab: Vocab, grammar: str) -> None:
        self._handle: Any = llama_cpp.llama_sampler_init_grammar(
            vocab.handle, grammar.encode("utf-8", "replace"), b"root"
        )
        if not self._handle:
            raise InvalidRequest("response_format: the JSON schema cannot be used as a grammar")
        self._vocab = vocab
        self._forest = vocab.forest
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def allowed(self, ids: Ids) -> NDArray[np.bool_]:
        """Return which of these tokens may come next; the cost is linear in their number."""
        candidates = np.zeros(len(ids), _CANDIDATE)
        candidates["id"] = ids
        array = llama_cpp.llama_token_data_array(
            data=ctypes.cast(candidates.ctypes.data, llama_cpp.llama_token_data_p),
            size=len(ids),
            selected=-1,
            sorted=False,
        )
        llama_cpp.llama_sampler_apply(self._handle, ctypes.byref(array))
        # The grammar only sets logits to minus infinity; it neither moves nor removes candidates.
        finite: NDArray[np.bool_] = np.isfinite(candidates["logit"])
        return finite & self._forest.known[ids]

    def mask(self, size: int) -> NDArray[np.bool_]:
        """Return which of the `size` tokens of the vocabulary may come next.

        Where the text has to go on in one of few ways, as between the values of a JSON text, this
        asks about few of them; inside a string about nearly all: some 0.1 microseconds each.
        """
        mask = np.zeros(size, np.bool_)
        if self._utf8.getstate()[0]:
            # In the middle of a character the forest, which is one of whole ones, says nothing.
            ids = np.arange(size)
            mask[ids] = self.allowed(ids)
        else:
            mask[self._forest.allowed(self.allowed)] = True
        return mask

    def accept(self, token: int) -> None:
        """Move on by a token that `allowed` has let through."""
        llama_cpp.llama_sampler_accept(self._handle, token)
        self._utf8.decode(self._vocab.piece(token))

    def forced(self, most: int) -> list[int]:
        """Return the tokens that must come next, at most so many."""
        return []

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            llama_cpp.llama_sampler_free(self._handle)
