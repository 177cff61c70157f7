"""A house as Home Assistant describes it, as far as its owner exposes it.

Names are what people, or whoever made a device, wrote: untrusted text, on one line and cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

import msgspec

Kind = Literal[
    "light",
    "switch",
    "fan",
    "cover",
    "climate",
    "lock",
    "alarm",
    "media",
    "vacuum",
    "scene",
    "script",
    "list",
    "sensor",
    "contact",
]
"""What a thing is; a contact tells whether something is open, or otherwise on or off."""

KINDS: Mapping[str, Kind] = {
    "light": "light",
    "switch": "switch",
    "input_boolean": "switch",
    "fan": "fan",
    "cover": "cover",
    "climate": "climate",
    "lock": "lock",
    "alarm_control_panel": "alarm",
    "media_player": "media",
    "vacuum": "vacuum",
    "scene": "scene",
    "script": "script",
    "todo": "list",
    "sensor": "sensor",
    "binary_sensor": "contact",
}
"""The kinds by Home Assistant's domains; what has another domain is not offered."""

_GATES = frozenset(("garage", "gate", "door", "window"))


class Area(msgspec.Struct, frozen=True):
    """A room: its name, and what else it is called."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return everything it is called."""
        return (self.name, *self.aliases)


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the house: an entity that its owner exposes.

    Attributes:
        id: Home Assistant's, such as `light.kitchen`.
        kind: What it is.
        name: What it is called.
        aliases: What else it is called.
        area: Where it is; None: nowhere in particular.
        device_class: What it is more closely: `door`, `garage`, `temperature`; empty: not known.
        state: As Home Assistant has it, such as `on`.
        attributes: Those of its attributes that are told.
    """

    id: str
    kind: Kind
    name: str
    aliases: tuple[str, ...] = ()
    area: Area | None = None
    device_class: str = ""
    state: str = "unknown"
    attributes: Mapping[str, Any] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return everything it is called."""
        return (self.name, *self.aliases)

    @property
    def domain(self) -> str:
        """Return its domain, whose services change it."""
        return self.id.partition(".")[0]

    @property
    def guards(self) -> bool:
        """Return whether it keeps people out: a lock, an alarm, a garage, gate, door or window."""
        if self.kind in ("lock", "alarm"):
            return True
        return self.kind == "cover" and self.device_class in _GATES

    @property
    def is_there(self) -> bool:
        """Return whether it answers."""
        return self.state not in ("unavailable", "unknown")


class House(msgspec.Struct, frozen=True):
    """Everything that is exposed, as it is now."""

    things: tuple[Thing, ...]
    areas: tuple[Area, ...]

    def find(self, identifier: str) -> Thing | None:
        """Return the thing of an id; None: there is none, or it is exposed no longer."""
        return next((thing for thing in self.things if thing.id == identifier), None)


class ServiceCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a service, such as `light.turn_on`, for these entities."""

    service: str
    entities: tuple[str, ...]
    data: dict[str, str | int | float] = msgspec.field(default_factory=dict)


class HomePolicy(NamedTuple):
    """The rules for what may be changed without an approval.

    Attributes:
        without_approval: Kinds of things; what guards the house is never among them.
        always_ask: Ids of things that need one all the same.
        most_at_once: How many things one request may change.
    """

    without_approval: frozenset[str]
    always_ask: frozenset[str]
    most_at_once: int

    def allows(self, things: Sequence[Thing]) -> bool:
        """Return whether a request that names these may be carried out at once."""
        return len(things) <= self.most_at_once and all(
            thing.kind in self.without_approval
            and not thing.guards
            and thing.id not in self.always_ask
            for thing in things
        )


class HomeSource(Protocol):
    """The house that a user may see and change."""

    def is_set_up(self, user: UUID) -> bool:
        """Return whether there is one for a user."""
        ...

    def policy(self, user: UUID) -> HomePolicy:
        """Return what a user may change without an approval.

        Raises:
            NotConfigured: There is no house for this user.
        """
        ...

    async def house(self, user: UUID) -> House:
        """Return the house as it is now.

        Raises:
            NotConfigured: There is none for this user.
            UpstreamError: Home Assistant is not there.
        """
        ...

    async def call(self, user: UUID, calls: tuple[ServiceCall, ...]) -> None:
        """Call services, one after the other, each once.

        Raises:
            NotConfigured: There is none for this user.
            UpstreamError: Home Assistant is not there, or refuses; nothing more was done.
            OutcomeUnknown: Nobody knows whether it was done.
        """
        ...

    async def items(self, user: UUID, entity: str) -> tuple[str, ...]:
        """Return what is open on a list of the house.

        Raises:
            NotConfigured: There is none for this user.
            UpstreamError: Home Assistant is not there, or refuses.
        """
        ...
