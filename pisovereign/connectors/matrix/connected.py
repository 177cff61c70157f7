"""The account that is connected now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.diagnostics import Probe
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.matrix.client import MatrixClient
from pisovereign.connectors.matrix.events import Events
from pisovereign.connectors.matrix.rooms import PrivateRooms
from pisovereign.connectors.matrix.settings import MatrixConfig
from pisovereign.connectors.messaging import MessengerFailed, Shown, Source, Traits
from pisovereign.connectors.messenger_service import ListingService
from pisovereign.connectors.people import People, people_of
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.sending import NotSent, Outgoing
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import NotConfigured, PiSovereignError, StartError
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound

SETTING = "matrix.homeserver"
_AGAIN_S = 5.0
_REPAIR_S = 300.0  # until its owner may have repaired something


class MatrixParts(NamedTuple):
    """An account, who may write to it, its rooms, and a check that does not ask too often."""

    client: MatrixClient
    config: MatrixConfig
    events: Events
    people: People
    rooms: PrivateRooms
    health: CachedCheck
    probe: Probe


def build(config: MatrixConfig, outbound: Outbound) -> MatrixParts | None:
    """Return an account; None: it is not configured.

    Raises:
        StartError: Its token is missing, or cannot be read.
    """
    if not config.homeserver:
        return None
    token = load_secret("matrix.access_token", config.access_token, config.access_token_file)
    if not token:
        raise StartError("matrix.homeserver is set, but not matrix.access_token")
    client = MatrixClient(outbound.client, config.homeserver, token, config.timeout_s)
    people = people_of(config.senders, lambda sender: sender.account)
    rooms = PrivateRooms(client)
    events = Events(client, rooms, people, config.poll_s)
    health = CachedCheck(client.probe, bad_s=30.0)
    return MatrixParts(client, config, events, people, rooms, health, client.probe)


class ConnectedMatrix(ListingService[MatrixParts]):
    """The account that is connected now; a `Messenger` that is polled, and lists who may write."""

    traits = Traits(hashed_as=b"pisov-mx", typing_s=20.0)

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(kind, context, lambda section, _: build(section, context.outbound))
        super().__init__(kind, context, "Matrix", SETTING, parts, calls=2)

    @contextmanager
    def source(self) -> Iterator[Source | None]:
        """Hold the account; None: there is none."""
        with self._parts.using(HOUSEHOLD) as parts:
            yield parts and parts.events

    async def deliver(
        self, address: str, message: Outgoing, shown: Shown, *, in_window: bool
    ) -> None:
        """Send a message.

        One that nobody knows of is sent again: with the same reference it is there once.

        Raises:
            NotSent: It was not, or that is not known.
        """
        try:
            with self.required() as parts:
                room = await parts.rooms.of(address)
                if room is None:
                    raise NotSent("They are not invited on Matrix yet", again_s=_AGAIN_S)
                await parts.client.send(room, shown.text, str(message.id))
        except MessengerFailed as error:
            raise _failure(error) from None
        except NotConfigured as error:
            raise NotSent(error.message, again_s=None) from None
        except PiSovereignError as error:
            raise NotSent(error.message, again_s=_AGAIN_S) from None

    async def show_read(self, message: str) -> None:
        """Show that a message was read."""
        room, _, event = message.partition(" ")
        with self.required() as parts:
            await parts.client.show_read(room, event)

    async def show_typing(self, address: str) -> None:
        """Show somebody that an answer is being written."""
        with self.required() as parts:
            if room := await parts.rooms.of(address):
                await parts.client.show_typing(room)


start = ConnectedMatrix


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Ask the homeserver whose token it is."""
    parts = build(section, context.outbound)
    assert parts is not None
    return await try_probe(section.homeserver, "sign_in", parts.probe, context.outbound, words)


def _failure(error: MessengerFailed) -> NotSent:
    if error.answered == 429 or error.answered >= 500:
        return NotSent(error.message, again_s=error.retry_after_s or _AGAIN_S)
    if error.answered == 401:
        return NotSent(error.message, again_s=_REPAIR_S)
    return NotSent(error.message, again_s=None)
