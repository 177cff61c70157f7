"""Which things of the house are meant, by names, areas and kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pisovereign.actions.outcome import Choice, Unclear
from pisovereign.actions.word_matching import fitting
from pisovereign.connectors.home_assistant.types import Area, House, Kind, Thing

_MOST_CHOICES = 12


class Found(NamedTuple):
    """The things that are meant, or may be.

    Attributes:
        things: Clearly these; empty: it is not clear.
        choices: What may be meant instead, or what there is.
        missing: Whether nothing fits.
    """

    things: tuple[Thing, ...]
    choices: tuple[Thing, ...] = ()
    missing: bool = False

    @property
    def status(self) -> Unclear:
        """Return why nothing is done where it is not clear what is meant."""
        return "not_found" if self.missing else "needs_choice"


def find_things(
    house: House,
    able: Callable[[Thing], bool],
    *,
    names: Sequence[str],
    areas: Sequence[str],
    kind: Kind | None,
    everything: bool,
) -> Found:
    """Return the things that are meant.

    Args:
        house: What there is.
        able: Whether something can do, or tell, what is asked for.
        names: What things are called, in words or by their ids; none: all of a kind.
        areas: Where they are; none: anywhere.
        kind: What they are; None: anything.
        everything: Whether all of them are meant if there are several.
    """
    there = [t for t in house.things if able(t) and kind in (None, t.kind)]
    rooms = [area for name in areas for area in named_areas(house, name)]
    if areas and not rooms:
        return Found((), tuple(there[:_MOST_CHOICES]), missing=True)
    inside = [t for t in there if t.area in rooms] if areas else there
    if names:
        return _by_names(inside, there, names)
    # Who speaks of blinds does not mean the garage: what keeps people out has to be named.
    group = [t for t in inside if not t.guards] or inside
    if not group:
        return Found((), tuple(there[:_MOST_CHOICES]), missing=True)
    if areas or everything or len(group) == 1:
        return Found(tuple(group))
    return Found((), tuple(group[:_MOST_CHOICES]))


def named_areas(house: House, name: str) -> list[Area]:
    """Return the areas of a name, else those whose names fit its words."""
    wanted = name.casefold()
    exact = [a for a in house.areas if any(wanted == known.casefold() for known in a.names)]
    return exact or fitting(name, house.areas, lambda area: " ".join(area.names))


def as_choices(things: Iterable[Thing]) -> list[Choice]:
    """Return things as what can be chosen, each with where it is."""
    return [Choice(id=thing.id, title=full_name(thing)) for thing in things]


def full_name(thing: Thing) -> str:
    """Return what a thing is called, and where it is."""
    return thing.name if thing.area is None else f"{thing.name} ({thing.area.name})"


def _by_names(inside: list[Thing], there: list[Thing], names: Sequence[str]) -> Found:
    chosen: list[Thing] = []
    for name in names:
        found = _named(inside, name)
        if len(found) != 1:
            # None at all: what there is, so that people see what things are called.
            return Found((), tuple((found or there)[:_MOST_CHOICES]), missing=not found)
        chosen += [thing for thing in found if thing not in chosen]
    return Found(tuple(chosen))


def _named(things: list[Thing], name: str) -> list[Thing]:
    wanted = name.casefold()
    if by_id := [thing for thing in things if thing.id == name]:
        return by_id
    exact = [t for t in things if any(wanted == known.casefold() for known in t.names)]
    return exact or fitting(name, things, _all_names)


def _all_names(thing: Thing) -> str:
    where = () if thing.area is None else thing.area.names
    return " ".join((*thing.names, *where))
