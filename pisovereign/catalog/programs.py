"""Programs that a catalog command may not be, because they run whatever they are told.

A command shows what it does: `df -h`. One that hands a text of its own to an interpreter, or starts
another program, does not, and would leave everything that is checked here behind. No such list is
complete. It stands behind the approval that shows the command to a person, not in its place.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from importlib import resources

import msgspec

_LOADER = re.compile(r"ld(-linux.*|-musl.*)?\.so.*")
_VERSION = re.compile(r"[-.]?[0-9][0-9.]*$")


class _Lists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`programs.toml`: names between white space."""

    shells: str
    privilege: str
    builtins: str
    interpreters: str
    launchers: str
    options: dict[str, str]


def refusal(program: str, words: Sequence[str]) -> str | None:
    """Return why this program may not be run with these words; None if it may."""
    reasons, options = _known()
    plain = _VERSION.sub("", program)  # python3.11 is python
    reason = reasons.get(program) or reasons.get(plain)
    if reason is None and _LOADER.fullmatch(program):
        reason = reasons["env"]
    if reason is not None:
        return f"runs {program}, which {reason}"
    option = next((word for word in words if _matches(word, options.get(program, ()))), None)
    return option and f"runs {program} with {option}, by which it would run another program"


@functools.cache
def _known() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return why each program is refused, and which options of others are."""
    file = resources.files("pisovereign.catalog") / "programs.toml"
    lists = msgspec.toml.decode(file.read_bytes(), type=_Lists)
    reasons = {
        "is a shell: name the program itself": lists.shells,
        "would change its rights": lists.privilege,
        "is a part of shells and no program": lists.builtins,
        "would run whatever its arguments say": lists.interpreters,
        "would run another program: name that one": lists.launchers,
    }
    by_name = {name: reason for reason, names in reasons.items() for name in names.split()}
    return by_name, {name: tuple(words.split()) for name, words in lists.options.items()}


def _matches(word: str, refused: Sequence[str]) -> bool:
    if word in refused:
        return True
    if word.startswith("--"):
        name = word.partition("=")[0]
        return len(name) > 2 and any(option.startswith(name) for option in refused)
    letters = [option[1] for option in refused if option.endswith("*")]
    return word.startswith("-") and any(letter in word for letter in letters)
