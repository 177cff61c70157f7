"""Reading what somebody asks of their house: only where there is one, and only what it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import cast

from pisovereign.actions.home_services import HomeAction, can, usual_kind
from pisovereign.actions.home_state import About, AskedState, HomeState, HomeWord
from pisovereign.actions.types import Command, ControlHome
from pisovereign.connectors.home_assistant.types import House, Kind, Thing
from pisovereign.languages import Language
from pisovereign.languages.patterns import PatternExpander, either
from pisovereign.parsing.home_words import HomeWords, Target, load_home

_LONGEST = 160
# Where something is may follow: "the lights off in the bedroom".
_WHERE = "(?: (?P<where>.+))?"
_NUMBER = r"\d{1,3}(?:[.,]\d)?"
# What a word for an opening is as the target of an order.
_SWITCHING = frozenset[HomeAction](
    ("turn_on", "turn_off", "dim", "brighten", "set_level", "set_temperature")
)
_MOST_UNKNOWN = 6
_ORDERED: Mapping[HomeWord, Kind] = {"window": "cover"}


class HomeReader:
    """Reads orders and questions about a house in one language.

    Args:
        language: Its code.
        numbers: Numbers in words.
    """

    def __init__(self, language: Language, numbers: Mapping[str, float]) -> None:
        file = load_home(language)
        self._numbers = {word: value for word, value in numbers.items() if 2 <= value <= 100}
        self._states: dict[str, AskedState] = {
            word: state for state, words in file.states.items() for word in words.split()
        }
        number = f"{_NUMBER}|{either(self._numbers)}" if self._numbers else _NUMBER
        expander = PatternExpander(
            {
                "target": "(?P<target>.+?)",
                "value": f"(?P<value>{number})",
                "state": f"(?P<state>{either(self._states)})",
                "degrees": file.degrees,
                "percent": file.percent,
            }
        )
        self._forms = [
            (action, re.compile(expander.expand(form + _WHERE)))
            for action, forms in file.forms.items()
            for form in forms
        ]
        # Where anything may come before what is to be done, "never" may, and "I" or "you".
        self._begun = [
            (action, re.compile(expander.expand(form + _WHERE)))
            for action, forms in file.forms.items()
            for form in forms
            if not form.startswith("{target}")
        ]
        self._questions = [
            (about, re.compile(expander.expand(form + _WHERE)))
            for about, forms in file.questions.items()
            for form in forms
        ]
        self._words = HomeWords(language, file)

    def read(self, normalized: str, house: House) -> Command | None:
        """Return the command that a sentence is, if all that it names is in the house."""
        text = normalized.strip(" .!?,")
        if not text or len(text) > _LONGEST:
            return None
        return self._question(text, house) or self._order(text, house)

    def unknown(self, normalized: str, house: House) -> Command | None:
        """Return an order about a kind of things that names something the house has not.

        It begins with what is to be done. Who carries it out says what there is instead.
        """
        text = normalized.strip(" .!?,")
        for action, form in self._begun if len(text) <= _LONGEST else ():
            match = form.fullmatch(text)
            said = "" if match is None else _said(_groups(match))
            if not said or len(said.split()) > _MOST_UNKNOWN or action not in _SWITCHING:
                continue
            if self._words.names_kind(said) and any(can(action, t) for t in house.things):
                return ControlHome(action=action, names=(said,), value=self._value(match))
        return None

    def _order(self, text: str, house: House) -> Command | None:
        for action, groups, match in self._matches(text):
            found = self._target(groups, house, partial(can, action))
            if found is None:
                continue
            kind = _ordered_kind(action, found, house)
            if found.kinds and kind is None:
                continue
            if not found.names and kind is None and usual_kind(action) is None:
                continue
            if found.is_empty and not any(can(action, t) for t in house.things):
                continue
            return ControlHome(
                action=action,
                names=found.names,
                areas=found.areas,
                kind=kind,
                value=self._value(match),
                everything=found.everything and not found.names and not found.areas,
            )
        return None

    def _question(self, text: str, house: House) -> Command | None:
        for about, form in self._questions:
            match = form.fullmatch(text)
            if match is None:
                continue
            groups = _groups(match)
            said = _said(groups)
            state = self._states.get(groups.get("state", ""))
            found = self._words.target(said, house, partial(_can_be, state, about))
            if found is None or found.is_empty:
                continue
            kind = _asked_kind(found, state, about)
            if about == "state" and state is None and not found.names:
                continue
            return HomeState(
                names=found.names, areas=found.areas, kind=kind, about=about, state=state
            )
        return None

    def _matches(self, text: str) -> Iterator[tuple[HomeAction, dict[str, str], re.Match[str]]]:
        for action, form in self._forms:
            if match := form.fullmatch(text):
                yield action, _groups(match), match

    def _target(
        self, groups: Mapping[str, str], house: House, able: Callable[[Thing], bool]
    ) -> Target | None:
        said = _said(groups)
        found = self._words.target(said, house, able) if said else Target()
        # "Turn that down" is about something that was said before.
        return None if said and found is not None and found.says_nothing else found

    def _value(self, match: re.Match[str] | None) -> float | None:
        groups = {} if match is None else _groups(match)
        if "half" in groups:
            return 50.0
        said = groups.get("value")
        if said is None:
            return None
        try:
            return float(said.replace(",", "."))
        except ValueError:
            return self._numbers.get(said)


def _ordered_kind(action: HomeAction, found: Target, house: House) -> Kind | None:
    """Return the kind that an order is about; None: no kind is named that can do it."""
    for word in found.kinds:
        kind = cast("Kind", _ORDERED.get(word, word))
        if any(t.kind == kind and can(action, t) for t in house.things):
            return kind
    return None


def _asked_kind(found: Target, state: AskedState | None, about: About) -> HomeWord | None:
    """Return the kind that a question is about."""
    if not found.kinds or about != "state":
        return None
    if state in ("locked", "unlocked"):
        return "lock"
    openings = [word for word in found.kinds if word in ("window", "door")]
    return openings[0] if openings else found.kinds[0]


def _can_be(state: AskedState | None, about: About, thing: Thing) -> bool:
    """Return whether a thing may be in a state, so that a name means it rather than another."""
    if thing.kind == "alarm":
        return False  # "my alarms" are those of a clock
    if about != "state":
        return thing.kind in ("sensor", "climate")
    if state in ("locked", "unlocked"):
        return thing.kind == "lock"
    if state in ("open", "closed"):
        return thing.kind in ("contact", "cover")
    if state in ("on", "off"):
        return thing.kind not in ("cover", "lock", "scene", "list")
    return thing.kind not in ("scene", "script", "list")


def _said(groups: Mapping[str, str]) -> str:
    return " ".join(filter(None, (groups.get("target"), groups.get("where"))))


def _groups(match: re.Match[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for numbered, value in match.groupdict().items():
        if value is not None:
            name = numbered.rstrip("0123456789")
            found[name] = f"{found[name]} {value.strip()}" if name in found else value.strip()
    return found
