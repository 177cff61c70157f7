"""Typed places in a command that its caller fills, such as `{host:hostname}`.

The kinds are a closed set. A value is checked before anything runs, becomes exactly one entry of
the argument list, and never begins with a hyphen, so it cannot become an option.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from pisovereign.text.canonical import MOST_BLANKS

LONGEST_VALUE = 255
# What a path argument may lie below. Not /etc, /proc, /sys, /dev or the own data.
FOLDERS = ("/home", "/media", "/mnt", "/srv", "/var/log")

# What a program that is not listed sees only where that is said.
HOME_FOLDERS = ("/home", "/root", "/media", "/mnt", "/srv", "/run/user")

_NAME = r"[a-z][a-z0-9_]{0,31}"
_PLACEHOLDER = re.compile(rf"\{{({_NAME}):([a-z]+)(?::([^{{}}]+))?\}}")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@:-]{0,127}")
_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.@-]{0,199}")
_OTHER_UNIT = re.compile(r".*\.(socket|device|mount|automount|swap|target|path|timer|slice|scope)")
_DIGITS = re.compile(r"[0-9]{1,9}")
_RANGE = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})")
_STEP = re.compile(r"[^/.-][^/]*|\.[^/.][^/]*")


def bad_character(text: str) -> str | None:
    """Return the first character that is not allowed, in printable form; None if all are.

    What an approval shows must be what runs, so nothing may be invisible, turn the direction of the
    text around, or look like another character. Left are printable ASCII and the letters of Western
    and Central European names.
    """
    return next((f"U+{ord(char):04X}" for char in text if not _is_allowed(char)), None)


def has_long_blank(text: str) -> bool:
    """Return whether so many blanks follow each other that they push an end out of sight."""
    return " " * (MOST_BLANKS + 1) in text


def _is_allowed(char: str) -> bool:
    if " " <= char <= "~":
        return True
    # Letters with and without marks, but none that is another way to write something else.
    latin = "\u00c0" <= char <= "\u017f" and char.isalpha()
    return latin and unicodedata.normalize("NFKC", char) == char


def folders_rule(values: Sequence[str]) -> str | None:
    """Return why paths are no folders of people that a command may see; None if they are."""
    return next((text for value in values if (text := _folder_rule(value))), None)


def _folder_rule(value: str) -> str | None:
    if not any(value == folder or value.startswith(f"{folder}/") for folder in HOME_FOLDERS):
        return f"must be one of {', '.join(HOME_FOLDERS)}, or below"
    if bad_character(value) or not all(map(_STEP.fullmatch, value[1:].split("/"))):
        return "must be a path from the root, without . or .."
    return None


class Placeholder(msgspec.Struct, frozen=True):
    """One entry of an argument list that is still to be filled.

    `bound` narrows the kind: the range of an `int` ("1..10"), the folder of a `path`.
    """

    name: str
    kind: str
    bound: str = ""


Word = str | Placeholder
"""One word of a command."""


class ValueRefused(ValueError):
    """A value or a placeholder that breaks a rule; the text says which."""


def parse_placeholder(text: str) -> Placeholder:
    """Read `{name:kind}` or `{name:kind:bound}`.

    Raises:
        ValueRefused: it is none, or the kind or its bound does not exist.
    """
    match = _PLACEHOLDER.fullmatch(text)
    if match is None:
        raise ValueRefused("has braces that are no placeholder such as {host:hostname}")
    name, kind, bound = match[1], match[2], match[3] or ""
    if kind not in _KINDS:
        raise ValueRefused(f"has a placeholder whose type is none of {', '.join(_KINDS)}")
    _KINDS[kind].check_bound(bound)
    return Placeholder(name, kind, bound)


def fill(placeholder: Placeholder, value: str) -> str:
    """Return the argument that `value` becomes.

    Raises:
        ValueRefused: it is not of the placeholder's kind.
    """
    if not 0 < len(value) <= LONGEST_VALUE:
        raise ValueRefused(f"must have 1 to {LONGEST_VALUE} characters")
    if has_long_blank(value):
        raise ValueRefused(f"cannot hold more than {MOST_BLANKS} blanks in a row")
    filled = _KINDS[placeholder.kind].read(value, placeholder.bound)
    assert filled
    assert not filled.startswith("-")
    return filled


def _hostname(value: str, _: str) -> str:
    labels = value.removesuffix(".").split(".")
    if len(value) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueRefused("must be a host name such as example.org")
    if labels[-1].isdigit():  # no top-level domain is a number: this is meant to be an address
        return _address(value, _)
    return value


def _address(value: str, _: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        address = None
    if address is None or "%" in value:
        raise ValueRefused("must be an IP address such as 192.168.1.1")
    return str(address)


def _integer(value: str, bound: str) -> str:
    low, high = _range(bound)
    if not _DIGITS.fullmatch(value) or not low <= int(value) <= high:
        raise ValueRefused(f"must be a whole number between {low} and {high}")
    return str(int(value))


def _unit(value: str, _: str) -> str:
    if not _UNIT.fullmatch(value) or _OTHER_UNIT.fullmatch(value):
        raise ValueRefused("must be the name of a service such as ssh.service")
    return value if value.endswith(".service") else f"{value}.service"


def _path(value: str, folder: str) -> str:
    """Return a path below `folder`; it may be given from there or from the root."""
    relative = value.removeprefix(f"{folder}/")
    steps = relative.split("/")
    if bad_character(relative) is not None or not all(_STEP.fullmatch(step) for step in steps):
        raise ValueRefused(f"must be a path below {folder}, without . or ..")
    return f"{folder}/{relative}"


def _word(value: str, _: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueRefused("must be one word of letters, digits and . _ + @ : -")
    return value


def _range(bound: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(bound)
    if match is None or int(match[1]) > int(match[2]):
        raise ValueRefused("has an int placeholder without a range such as {count:int:1..10}")
    return int(match[1]), int(match[2])


def _check_folder(bound: str) -> None:
    below = any(bound == folder or bound.startswith(f"{folder}/") for folder in FOLDERS)
    if not below or bad_character(bound) or not all(map(_STEP.fullmatch, bound[1:].split("/"))):
        raise ValueRefused(
            "has a path placeholder without a folder such as {file:path:/var/log};"
            f" it must be one of {', '.join(FOLDERS)}, or below"
        )


def _check_unbound(bound: str) -> None:
    if bound:
        raise ValueRefused("has a placeholder with a limit that its type does not take")


class _Kind(NamedTuple):
    read: Callable[[str, str], str]
    check_bound: Callable[[str], object]


_KINDS = {
    "hostname": _Kind(_hostname, _check_unbound),
    "ip": _Kind(_address, _check_unbound),
    "int": _Kind(_integer, _range),
    "unit": _Kind(_unit, _check_unbound),
    "path": _Kind(_path, _check_folder),
    "word": _Kind(_word, _check_unbound),
}
