"""Say what the data of a language lacks: `python -m tools.check_language es`.

Compares its files with those of English, loads each as the program does, and reads the example of
every command with its rules. Prints a line for each thing that is missing or wrong, and returns 1
if there are any.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pisovereign
from pisovereign.actions.registry import COMMANDS
from pisovereign.connectors.home_assistant.types import House, Thing
from pisovereign.languages import (
    LANGUAGES,
    OTHERWISE,
    Language,
    data_names,
    load_data,
    load_traits,
)
from pisovereign.languages.actions import load_actions
from pisovereign.languages.messages import load_messages
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import CatalogEntry
from pisovereign.reading.patterns import load_patterns
from pisovereign.reading.times.patterns import load_times
from pisovereign.reading.times.resolution import Moment

PACKAGE = Path(pisovereign.__file__).parent
ACTIONS = "actions/"
CONNECTORS = PACKAGE / "connectors"
# Tables that have the same keys in every language; those of others are words of the language, or
# names that only its own patterns use.
SAME_KEYS = {
    ACTIONS: "forms|signals|examples|messages",
    "claims": "forms",
    "connections": ".*",
    "commands": "requests|events|reminders",
    "dialogue": "phrases|ordinals|things|anchors",
    "lists": "names",
    "messages": r"(?!dates(?:\.|$)).*",
    "planning": "phrases",
    "queries": ".*",
    "times": "parts|rules",
}
# What not every language has: "half more", a word for this evening, what is taken out of sentences.
OPTIONAL = {
    "actions/.carriers",
    "language.letters", "language.elided", "language.decimal",
    "language.thousands", "statements.verb_last", "times.compounds",
    "times.half_more", "times.hour_words", "times.rules.tonight",
}  # fmt: skip
# Entries of which English has all. Of others a language may have more, where it needs them; what is
# read of them is checked by loading them.
CLOSED = re.compile(
    r"(connections|examples|messages|queries)\..+|actions/\w+\.(example|examples\..+|messages\..+)"
)
# Examples name no thing of a house but by what it is.
HOUSE = House(
    (
        Thing(id="light.one", kind="light", name="1"),
        Thing(id="binary_sensor.two", kind="contact", name="2", device_class="window"),
    ),
    (),
)
AT = dt.datetime(2026, 3, 11, 9, 20, tzinfo=dt.UTC)


def problems(language: str) -> list[str]:
    """Return what is missing or wrong, each in a line."""
    if language not in LANGUAGES:
        return [f"{language}/language.toml: is missing; it makes the folder a language"]
    missing = [*_missing(language), *_missing_of_connectors(language)]
    if missing:
        return missing
    loaders: dict[str, Callable[[], object]] = {
        "language.toml": lambda: load_traits(language),
        "times.toml": lambda: load_times(language),
        "commands.toml": lambda: load_patterns(language),
        "actions": lambda: load_actions(language),
        "messages.toml": lambda: load_messages(language, "actions"),
    }
    return [*_refused(loaders), *_misread(language)]


def _missing(language: str) -> Iterator[str]:
    english, there = data_names(OTHERWISE), frozenset(data_names(language))
    for name in sorted(there.difference(english)):
        if name.startswith(ACTIONS):
            yield f"{language}/{name}.toml: is the file of no action"
    for name in english:
        file = f"{language}/{name}.toml"
        if name not in there:
            yield f"{file}: is missing"
            continue
        theirs, ours = _keys(name, OTHERWISE), _keys(name, language)
        for key in sorted(theirs.keys() - ours.keys()):
            if f"{_kind(name)}.{key}" not in OPTIONAL:
                yield f"{file}: {key} is missing"
        for key in sorted(ours.keys() - theirs.keys()):
            if CLOSED.fullmatch(f"{name}.{key}"):
                yield f"{file}: {key} is nothing that there is"
        for key in sorted(ours.keys() & theirs.keys()):
            said = name == "messages" or (name.startswith(ACTIONS) and key.startswith("messages."))
            if said and _values(ours[key]) != _values(theirs[key]):
                wanted = ", ".join(_values(theirs[key]))
                yield f"{file}: {key} needs the values {wanted or 'of none'}"


def _missing_of_connectors(language: str) -> Iterator[str]:
    for path in sorted(CONNECTORS.glob(f"*/words/{OTHERWISE}.toml")):
        file = path.with_stem(language)
        shown = file.relative_to(PACKAGE)
        if not file.exists():
            yield f"{shown}: is missing"
            continue
        theirs, ours = _dotted(path), _dotted(file)
        yield from (f"{shown}: {key} is missing" for key in sorted(theirs - ours))
        yield from (f"{shown}: {key} is nothing that there is" for key in sorted(ours - theirs))


def _dotted(file: Path) -> set[str]:
    """Return the keys of a file with two levels."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {f"{table}.{key}" for table, entries in tables.items() for key in entries}


def _keys(name: str, language: Language) -> dict[str, Any]:
    """Return the entries of a file by their dotted names."""
    data, same = load_data(language, name), re.compile(SAME_KEYS.get(_kind(name), "(?!)"))
    found: dict[str, Any] = {}
    for key, value in data.items():
        inner = value if isinstance(value, dict) else {}
        below = {f"{key}.{low}": entry for low, entry in inner.items()}
        shared = {dotted: entry for dotted, entry in below.items() if _is_same(same, key, dotted)}
        found |= shared or {key: value}
    return found


def _kind(name: str) -> str:
    """Return the name of a file, or what files of actions have in common."""
    return ACTIONS if name.startswith(ACTIONS) else name


def _is_same(same: re.Pattern[str], table: str, dotted: str) -> bool:
    return bool(same.fullmatch(table) or same.fullmatch(dotted))


def _values(text: object) -> list[str]:
    if not isinstance(text, str):
        return []
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _refused(loaders: Mapping[str, Callable[[], object]]) -> Iterator[str]:
    for name, load in loaders.items():
        try:
            load()
        except (ValueError, re.error) as error:  # a struct or a pattern refuses it
            yield f"{name}: {error}"


def _misread(language: str) -> Iterator[str]:
    """Yield the examples of commands that the rules do not understand."""
    try:
        parser = Parser()
    except (ValueError, re.error) as error:
        yield f"the rules cannot be made: {error}"
        return
    zone = ZoneInfo("Europe/Paris")
    catalog = [CatalogEntry("default-disk-free", "Disk Free Space", requires_approval=False)]
    for spec in COMMANDS:
        said = spec.words(language).example
        if said is None:
            continue
        parsed = parser.parse(said, AT, zone, catalog)
        if spec.needs == "home":
            parsed = parser.at_home(parser.message(said, Moment.of(AT, zone)), HOUSE) or parsed
        if not isinstance(parsed.command, spec.type):
            yield f"actions/{spec.file}.toml: example is not understood: {said}"


def main(arguments: list[str]) -> int:
    """Print what is missing or wrong in the languages that are named, or in all of them."""
    found = [line for language in arguments or LANGUAGES for line in problems(language)]
    for line in found:
        print(line)
    print(f"{len(found)} to do" if found else "complete")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
