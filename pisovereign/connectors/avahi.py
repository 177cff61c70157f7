"""Tells the local network what can be reached here, through Avahi, over the system's D-Bus.

Avahi takes back what a program told it when that program leaves the bus, however it ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dbus_fast import BusType, DBusError, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

from pisovereign.errors import UpstreamError

_log = logging.getLogger(__name__)
_AVAHI = "org.freedesktop.Avahi"
_GROUP = f"{_AVAHI}.EntryGroup"
_ANY_INTERFACE, _ANY_PROTOCOL, _NO_FLAGS = -1, -1, 0
_COLLISION = f"{_AVAHI}.CollisionError"
_COLLIDED, _FAILED = 3, 4  # states of a group
_CALL_S = 5.0
_MOST_NAMES = 10


class Service(NamedTuple):
    """A service, as others find it.

    Attributes:
        type: Such as `_wyoming._tcp`.
        port: Where it is reached.
        about: What else is told of it.
    """

    type: str
    port: int
    about: Mapping[str, str]


class _Place(NamedTuple):
    """An object on the bus, and which of its interfaces is called."""

    path: str
    interface: str


_SERVER = _Place("/", f"{_AVAHI}.Server")


class Announcement:
    """An announcement that Avahi was told; it holds until this is closed.

    Args:
        bus: The system's D-Bus.
        group: The path of the group of entries.
    """

    def __init__(self, bus: MessageBus, group: str) -> None:
        self._bus = bus
        self._group = group

    async def holds(self) -> bool:
        """Return whether Avahi still tells it: not where it was restarted, or another has the name.

        Whoever asks and is told no closes it.
        """
        try:
            (state,) = await _call(self._bus, _Place(self._group, _GROUP), "GetState")
        except UpstreamError:
            return False
        return state not in (_COLLIDED, _FAILED)

    def close(self) -> None:
        """Take it back."""
        self._bus.disconnect()


async def announce(name: str, services: Sequence[Service]) -> Announcement:
    """Tell the local network of services.

    Args:
        name: What they are called; another one is found if somebody has it.
        services: What there is.

    Raises:
        UpstreamError: There is no Avahi, or it does not take that.
    """
    bus = await _connected()
    try:
        for _ in range(_MOST_NAMES):
            (group,) = await _call(bus, _SERVER, "EntryGroupNew")
            try:
                for service in services:
                    await _add(bus, group, name, service)
                await _call(bus, _Place(group, _GROUP), "Commit")
            except _NameTaken:
                (name,) = await _call(bus, _SERVER, "GetAlternativeServiceName", "s", [name])
                continue
            return Announcement(bus, group)
    except BaseException:
        bus.disconnect()
        raise
    bus.disconnect()
    raise UpstreamError("Avahi finds no name that nobody has")


class _NameTaken(UpstreamError):
    """Somebody has the name."""


async def _connected() -> MessageBus:
    try:
        async with asyncio.timeout(_CALL_S):
            return await MessageBus(bus_type=BusType.SYSTEM).connect()
    except (OSError, TimeoutError, AuthError, InvalidAddressError, DBusError):
        raise UpstreamError("The system has no D-Bus that could be asked") from None


async def _add(bus: MessageBus, group: str, name: str, service: Service) -> None:
    about = [f"{key}={value}".encode() for key, value in service.about.items()]
    await _call(
        bus,
        _Place(group, _GROUP),
        "AddService",
        "iiussssqaay",
        [
            _ANY_INTERFACE,
            _ANY_PROTOCOL,
            _NO_FLAGS,
            name,
            service.type,
            "",  # .local
            "",  # this machine
            service.port,
            about,
        ],
    )


async def _call(
    bus: MessageBus,
    place: _Place,
    member: str,
    signature: str = "",
    body: Sequence[Any] = (),
) -> list[Any]:
    message = Message(
        destination=_AVAHI,
        path=place.path,
        interface=place.interface,
        member=member,
        signature=signature,
        body=list(body),
    )
    try:
        async with asyncio.timeout(_CALL_S):
            reply = await bus.call(message)
    except (OSError, EOFError, TimeoutError, DBusError):
        raise UpstreamError("Avahi does not answer") from None
    if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
        error = reply.error_name if reply is not None else ""
        raise (_NameTaken if error == _COLLISION else UpstreamError)("Avahi refuses: " + str(error))
    return list(reply.body)
