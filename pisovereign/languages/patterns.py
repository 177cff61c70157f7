"""Patterns in the data of languages: made of each other, and of lists of words.

In a data file a pattern is a text, whose line breaks and indentation do not count, or a list of
texts any of which may match. `{name}` in it stands for another pattern of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Pattern = str | tuple[str, ...]
_REFERENCE = re.compile(r"\{([a-z]\w*)\}")
_BREAK = re.compile(r"\n[ \t]*|\A[ \t]{2,}")
_GROUP = re.compile(r"\(\?P<([a-z_]+)>")


class PatternExpander:
    """Puts patterns into each other.

    Args:
        named: What a pattern may refer to, by name.
    """

    def __init__(self, named: Mapping[str, Pattern]) -> None:
        self._named = named
        self._expanded: dict[str, str] = {}

    def expand(self, pattern: Pattern) -> str:
        """Return a pattern without references.

        A group's name that occurs several times gets digits at its end, as `re` asks for.

        Raises:
            ValueError: It refers to a pattern that there is not, or to itself.
        """
        counts: dict[str, int] = {}

        def number(group: re.Match[str]) -> str:
            counts[group[1]] = counts.get(group[1], 0) + 1
            return f"(?P<{group[1]}{counts[group[1]]}>"

        return _GROUP.sub(number, self._resolve(pattern, ()))

    def _resolve(self, pattern: Pattern, within: tuple[str, ...]) -> str:
        text = "|".join(map(in_one_line, (pattern,) if isinstance(pattern, str) else pattern))
        return _REFERENCE.sub(lambda found: f"(?:{self._get(found[1], within)})", text)

    def _get(self, name: str, within: tuple[str, ...]) -> str:
        if name not in self._expanded:
            if name not in self._named or name in within:
                raise ValueError(f"{{{name}}} stands for no pattern, or for itself")
            self._expanded[name] = self._resolve(self._named[name], (*within, name))
        return self._expanded[name]


def in_one_line(text: str) -> str:
    """Return a pattern of a data file without its line breaks and indentation."""
    return _BREAK.sub("", text)


def either(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"
