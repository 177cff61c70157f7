"""Words that are not what they look like: letters of other alphabets, and addresses a letter apart.

Nothing here is refused, since people write in many alphabets. Where a person decides about
something, a word that poses as another one is named, with the letters that it is written with.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Iterator
from importlib import resources
from typing import NamedTuple

_LETTERS = re.compile(r"[^\W\d_]+")
_TOKENS = re.compile(r"\S+")
# Letters of usual alphabets; what they look like is known to everybody who reads them.
_USUAL = frozenset("ıſƒøłđħ")
# What ASCII letters are taken for in most fonts.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SAME = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "-": None, "_": None})
_LEAST_NAME = 5
"""Shorter names have too many neighbors that are one letter apart."""


class Lookalike(NamedTuple):
    """A word that poses as another one.

    Attributes:
        word: As it is written; a name of a domain in its own letters.
        reads: What it looks like.
        letters: Which of its letters are others than they look like.
    """

    word: str
    reads: str
    letters: tuple[str, ...]


def lookalikes(text: str) -> list[Lookalike]:
    """Return the words of a text that pose as others, each once."""
    if text.isascii() and "xn--" not in text.lower():
        return []
    found: dict[str, Lookalike] = {}
    written = _written_in(text)
    for token in _TOKENS.findall(text):
        address = "@" in token or "." in token.strip(".,;:!?…")
        for run in _LETTERS.findall(_with_own_letters(token)):
            if run not in found and (posing := _posing(run, written, address=address)):
                found[run] = posing
    return list(found.values())


def resembled(address: str, known: Collection[str]) -> str | None:
    """Return the known address that another one is easily taken for; None: there is none.

    An address that is known itself is taken for no other.
    """
    wanted = address.casefold()
    others = sorted({each.casefold() for each in known})
    if wanted in others or "@" not in wanted:
        return None
    return next((each for each in others if "@" in each and _easily_taken_for(wanted, each)), None)


def _easily_taken_for(one: str, other: str) -> bool:
    (name, _, host), (known_name, _, known_host) = _seen(one), _seen(other)
    if name == known_name:
        return _one_apart(host, known_host)
    long_enough = min(len(name), len(known_name)) >= _LEAST_NAME
    return host == known_host and long_enough and _one_apart(name, known_name)


def _seen(address: str) -> tuple[str, str, str]:
    """Return an address as a hurried reader sees it, parted at the @."""
    text = "".join(_ascii_letter(char) or char for char in _with_own_letters(address)).casefold()
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text.translate(_SAME).partition("@")


def _one_apart(one: str, other: str) -> bool:
    """Return whether two texts differ in one letter at most, or in two that changed places."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long[at:]


def _with_own_letters(token: str) -> str:
    """Return a text with names of domains in their own letters in place of `xn--`."""
    if "xn--" not in token.lower():
        return token

    def decoded(match: re.Match[str]) -> str:
        try:
            return match[1].encode("ascii").decode("punycode")
        except UnicodeError:
            return match[0]

    return re.sub(r"(?i)\bxn--([a-z0-9-]+)", decoded, token)


def _posing(run: str, written: Collection[str], *, address: bool) -> Lookalike | None:
    """Return what a run of letters poses as; None: it is what it looks like.

    Args:
        run: Letters without anything between them.
        written: The alphabets that the whole text shows itself to be written in.
        address: It belongs to an address, which is read as Latin letters.
    """
    if run.isascii():
        return None
    reads = "".join(_ascii_letter(char) or char for char in run)
    strange = [char for char in dict.fromkeys(run) if _ascii_letter(char)]
    if not strange:
        return None
    if not any(char.isascii() for char in run):  # no word of two alphabets
        alone = len(run) > 1 and not any(_script(char) in written for char in run)
        if not reads.isascii() or not (address or alone):
            return None
    return Lookalike(run, reads, tuple(strange))


def _written_in(text: str) -> frozenset[str]:
    """Return the alphabets of those letters that look like nothing but themselves."""
    letters = (char for char in set(text) if char.isalpha() and not char.isascii())
    return frozenset(_script(char) for char in letters if _ascii_letter(char) is None)


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _ascii_letter(char: str) -> str | None:
    """Return the ASCII letter that another one looks like; None: it is one, or looks like none."""
    if char.isascii() or char in _USUAL:
        return None
    if found := _table().get(char):
        return found
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain.isascii() and plain.isalpha() else None


@functools.cache
def _table() -> dict[str, str]:
    text = resources.files(__package__).joinpath("lookalike_letters.txt").read_text("utf-8")
    return dict(_rows(text))


def _rows(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            letter, _, like = line.partition(" ")
            yield from ((char, letter) for char in like)


def described(char: str) -> str:
    """Return a letter with its number and name: `а (U+0430 CYRILLIC SMALL LETTER A)`."""
    return f"{char} (U+{ord(char):04X} {unicodedata.name(char, '?')})"
