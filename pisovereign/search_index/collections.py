"""Which tables hold the texts that an index is made of.

Each collection has the same tables under its own names: the texts, numbered in the order in which
they came (`seq`); their words as keyed hashes; their vectors; the version of each owner's texts;
and which text each version changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Collection(NamedTuple):
    """The names of one collection's tables and columns, which stand in SQL as they are.

    Attributes:
        texts: The table of the texts, `m` in the expressions below.
        terms: Of their words.
        embeddings: Of their vectors.
        owners: Of the versions.
        changes: Of what each version changed.
        key: The column that refers to a text in all tables but the first.
        kind: An expression: what kind of text it is, one of `kinds`.
        hidden: An expression: whether another text has taken its place.
        told_at: An expression: seconds since 1970. Texts that follow each other within an hour are
            neighbors.
        kinds: Every kind there is.
    """

    texts: str
    terms: str
    embeddings: str
    owners: str
    changes: str
    key: str
    kind: str
    hidden: str
    told_at: str
    kinds: Sequence[str]

    def sql(self, template: str) -> str:
        """Return a statement with the names in place of `{texts}`, `{key}` and so on."""
        for name in ("texts", "terms", "embeddings", "owners", "changes", "key", "kind", "hidden"):
            template = template.replace(f"{{{name}}}", getattr(self, name))
        return template.replace("{told_at}", self.told_at)
