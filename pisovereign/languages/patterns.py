"""Patterns in the data of languages: made of each other, and of lists of words.

In a data file a pattern is a text, whose line breaks and indentation do not count, or a list of
texts any of which may match. `{name}` in it stands for another pattern of the file.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from pisovereign.languages import LANGUAGES, load_data

Pattern = str | tuple[str, ...]
_NOTHING = "(?!)"
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
        """Return a pattern without references; its groups are numbered.

        Raises:
            ValueError: It refers to a pattern that there is not, or to itself.
        """
        return number_groups(self.resolve(pattern))

    def resolve(self, pattern: Pattern, within: tuple[str, ...] = ()) -> str:
        """Return a pattern without references, in which names of groups may occur repeatedly.

        Raises:
            ValueError: It refers to a pattern that there is not, or to itself.
        """
        alternatives = (pattern,) if isinstance(pattern, str) else pattern
        text = "|".join(map(in_one_line, alternatives)) or _NOTHING
        return _REFERENCE.sub(lambda found: f"(?:{self._get(found[1], within)})", text)

    def _get(self, name: str, within: tuple[str, ...]) -> str:
        if name not in self._expanded:
            if name not in self._named or name in within:
                raise ValueError(f"{{{name}}} stands for no pattern, or for itself")
            self._expanded[name] = self.resolve(self._named[name], (*within, name))
        return self._expanded[name]


def number_groups(pattern: str) -> str:
    """Return a pattern whose groups have numbers after their names, as `re` wants other names."""
    counts: Counter[str] = Counter()

    def number(group: re.Match[str]) -> str:
        counts[group[1]] += 1
        return f"(?P<{group[1]}{counts[group[1]]}>"

    return _GROUP.sub(number, pattern)


def groups_of(match: re.Match[str]) -> dict[str, str]:
    """Return what was matched, by name without number; groups without a match are left out."""
    return {k.rstrip("0123456789"): v for k, v in match.groupdict().items() if v is not None}


def in_one_line(text: str) -> str:
    """Return a pattern of a data file without its line breaks and indentation."""
    return _BREAK.sub("", text)


def either(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or _NOTHING


@functools.cache
def patterns_of_all(file: str) -> Mapping[str, str]:
    """Return the patterns of a data file by name, each matching what it matches in any language.

    For what is read before it is known which language it is in. Entries of the file may refer to
    each other and to its table `patterns`; no other table is read.
    """
    every: dict[str, list[str]] = {}
    for language in LANGUAGES:
        data = load_data(language, file)
        entries = {name: value for name, value in data.items() if not isinstance(value, dict)}
        named = msgspec.convert(data.get("patterns", {}) | entries, dict[str, Pattern])
        expander = PatternExpander(named)
        for name, pattern in msgspec.convert(entries, dict[str, Pattern]).items():
            every.setdefault(name, []).append(expander.resolve(pattern))
    return {name: number_groups(f"(?:{'|'.join(found)})") for name, found in every.items()}
