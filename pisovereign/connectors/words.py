"""Words of forms and trials of connectors, in each language."""

from __future__ import annotations

from collections.abc import Mapping


class Words:
    """The texts of one language.

    Args:
        tables: By table and key; values are put in for what stands in braces. `words` are those
            that all connectors share, the others those of one kind of connection.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._tables = tables

    def say(self, key: str, /, **named: object) -> str:
        """Return a text that all kinds of connections share."""
        return self._tables["words"][key].format(**named)

    def of(self, kind: str, key: str) -> str:
        """Return a text of one kind."""
        return self._tables[kind][key]
