"""A house that is kept current by Home Assistant's events, over a connection that is made again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from pisovereign.connectors.home_assistant.reading import (
    Registries,
    clean_name,
    is_known,
    read_exposed,
    read_house,
    read_registries,
)
from pisovereign.connectors.home_assistant.session import Session
from pisovereign.connectors.home_assistant.types import House, ServiceCall
from pisovereign.errors import (
    HostFailed,
    LoginRefused,
    OutcomeUnknown,
    PiSovereignError,
    UpstreamError,
)
from pisovereign.logs import log_task_error
from pisovereign.outbound.websocket import WebSocket

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
# Which entities are exposed is changed without an event for some of them.
_REREAD_S = 300.0
_SETTLE_S = 0.3
_FIRST_LOOK_S = 2.0
_REGISTRIES = ("entity_registry_updated", "device_registry_updated", "area_registry_updated")
_MOST_ITEMS = 200
Open = Callable[[], AbstractAsyncContextManager[WebSocket]]


class Home:
    """The house at one Home Assistant. It connects when it is first asked for.

    Args:
        open_socket: Opens a connection to it.
        token: A long-lived access token.
        limit_s: Longest time that an answer may take.
    """

    def __init__(self, open_socket: Open, token: str, limit_s: float) -> None:
        self._open = open_socket
        self._token = token
        self._limit_s = limit_s
        self._session: Session | None = None
        self._states: dict[str, Mapping[str, Any]] = {}
        self._registries: Registries | None = None
        self._house: House | None = None
        self._last: House | None = None
        self._version = ""
        self._error: PiSovereignError = UpstreamError("Home Assistant was not asked yet")
        self._keeping: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._was_tried = asyncio.Event()
        self._at_once = asyncio.Event()
        self._stale = asyncio.Event()

    def begin(self) -> None:
        """Begin to connect, and stay connected from now on."""
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.get_running_loop().create_task(self._always())
            self._keeping.add_done_callback(log_task_error)

    async def known(self) -> House | None:
        """Return the house as it was last seen; None: it never was.

        Its names are good for reading what somebody says, also while the connection is lost; its
        states may be old. Only the first connection is waited for, and not for long.
        """
        self.begin()
        if not self._was_tried.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FIRST_LOOK_S):
                    await self._was_tried.wait()
        return self._current() or self._last

    async def house(self) -> House:
        """Return the house as it is now.

        Raises:
            UpstreamError: Home Assistant is not there, or not usable.
        """
        await self._connected()
        house = self._current()
        assert house is not None
        return house

    async def check(self) -> float | None:
        """Return how long an answer takes, in milliseconds.

        Raises:
            UpstreamError: There is none.
        """
        session = await self._connected()
        began = time.perf_counter()
        await session.command("get_config", self._limit_s)
        return round((time.perf_counter() - began) * 1000, 2)

    async def probe(self) -> str:
        """Return what is there, in a few words.

        Raises:
            UpstreamError: Home Assistant is not there.
        """
        house = await self.house()
        return f"Home Assistant {self._version}, {len(house.things)} exposed"

    async def call(self, calls: tuple[ServiceCall, ...]) -> None:
        """Call services one after the other, each once.

        Raises:
            UpstreamError: Home Assistant is not there, or refuses.
            OutcomeUnknown: It was asked, and the answer is missing.
        """
        session = await self._connected()
        for call in calls:
            domain, _, service = call.service.partition(".")
            try:
                await session.command(
                    "call_service",
                    self._limit_s,
                    domain=domain,
                    service=service,
                    service_data=call.data,
                    target={"entity_id": list(call.entities)},
                )
            except HostFailed:
                # It may have been carried out: whoever wants it again has to look first.
                raise OutcomeUnknown(
                    "Home Assistant was asked, but its answer got lost: nobody can tell whether "
                    "it was done"
                ) from None

    async def items(self, entity: str) -> tuple[str, ...]:
        """Return what is open on a list.

        Raises:
            UpstreamError: Home Assistant is not there, or refuses.
        """
        session = await self._connected()
        answer = await session.command(
            "call_service",
            self._limit_s,
            domain="todo",
            service="get_items",
            service_data={"status": ["needs_action"]},
            target={"entity_id": [entity]},
            return_response=True,
        )
        try:
            found = answer["response"][entity]["items"]
            names = [clean_name(item["summary"]) for item in found[:_MOST_ITEMS]]
        except (KeyError, TypeError):
            raise HostFailed("Home Assistant does not say what is on the list") from None
        return tuple(name for name in names if name)

    async def close(self) -> None:
        """End the connection."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait((self._keeping,))

    def _current(self) -> House | None:
        if self._live() is None or self._registries is None:
            return None
        if self._house is None:
            self._house = self._last = read_house(self._states, self._registries)
        return self._house

    async def _connected(self) -> Session:
        """Return a session, waiting for one that is being made.

        Raises:
            UpstreamError: There is none within the limit.
        """
        self.begin()
        session = self._live()
        if session is None:
            self._tried.clear()
            self._at_once.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limit_s):
                    await self._tried.wait()
            session = self._live()
        if session is None:
            raise UpstreamError(self._error.message)
        return session

    def _tell_tried(self) -> None:
        self._tried.set()
        self._was_tried.set()

    def _live(self) -> Session | None:
        """Return the session; None: there is none, or its connection is lost."""
        return None if self._session is None or self._session.is_lost else self._session

    async def _always(self) -> None:
        """Be connected, again and again; the pauses grow while it fails."""
        pause = _FIRST_PAUSE_S
        while True:
            self._at_once.clear()
            began = time.monotonic()
            try:
                await self._once()
            except PiSovereignError as error:
                if error.message != self._error.message:
                    _log.warning("Home Assistant: %s", error.message)
                self._error = error
                if isinstance(error, LoginRefused):
                    pause = _LONGEST_PAUSE_S  # asking again changes nothing
            if self._session is None:
                self._tell_tried()
            # Who asks while a connection is lost waits for the next attempt.
            self._session, self._house = None, None
            pause = _FIRST_PAUSE_S if time.monotonic() - began > _LONGEST_PAUSE_S else pause
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.8, 1.2)):  # noqa: S311
                    await self._at_once.wait()
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _once(self) -> None:
        """Connect, read everything, and keep it current until the connection is lost."""
        async with self._open() as socket:
            session = Session(socket, self._heard)
            try:
                async with asyncio.timeout(self._limit_s):
                    self._version = await session.sign_in(self._token)
            except TimeoutError:
                raise HostFailed(f"{socket.name} does not answer in time") from None
            work = [asyncio.create_task(session.listen()), asyncio.create_task(self._use(session))]
            try:
                # Neither ends but by failing.
                ended, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in work:
                    task.cancel()
                await asyncio.wait(work)
            for task in ended:
                task.result()

    async def _use(self, session: Session) -> None:
        await self._load(session)
        self._session = session
        self._error = HostFailed("The connection to Home Assistant was lost")
        self._tell_tried()
        await self._reread(session)

    async def _load(self, session: Session) -> None:
        # What changes while everything is read is heard already.
        for event in ("state_changed", *_REGISTRIES):
            await session.command("subscribe_events", self._limit_s, event_type=event)
        self._states = {}
        states = await session.command("get_states", self._limit_s)
        for state in states if isinstance(states, list) else []:
            identifier = state.get("entity_id") if isinstance(state, dict) else None
            if isinstance(identifier, str) and is_known(identifier):
                self._states.setdefault(identifier, state)
        self._registries = await self._read_registries(session)
        self._house = None

    async def _read_registries(self, session: Session) -> Registries:
        listed = await session.command("homeassistant/expose_entity/list", self._limit_s)
        exposed = read_exposed(listed)
        entities, devices, areas = await asyncio.gather(
            # Only this has the aliases; what has no entry is null.
            session.command(
                "config/entity_registry/get_entries", self._limit_s, entity_ids=sorted(exposed)
            ),
            session.command("config/device_registry/list", self._limit_s),
            session.command("config/area_registry/list", self._limit_s),
        )
        return read_registries(entities, devices, areas, exposed)

    async def _reread(self, session: Session) -> None:
        """Read the registries again when one of them changed, and now and then."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REREAD_S):
                    await self._stale.wait()
            await asyncio.sleep(_SETTLE_S)
            self._stale.clear()
            self._registries = await self._read_registries(session)
            self._house = None

    def _heard(self, message: Mapping[str, Any]) -> None:
        event = message.get("event")
        if not isinstance(event, dict):
            return
        if event.get("event_type") in _REGISTRIES:
            self._stale.set()
            return
        data = event.get("data")
        data = data if isinstance(data, dict) else {}
        identifier = data.get("entity_id")
        if not isinstance(identifier, str) or not is_known(identifier):
            return
        state = data.get("new_state")
        if isinstance(state, dict):
            self._states[identifier] = state
        else:
            self._states.pop(identifier, None)
        if self._registries is None or identifier in self._registries.exposed:
            self._house = None
