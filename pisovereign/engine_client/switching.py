"""Asking the process that looks after the engine to exchange its model, over a UNIX socket.

One request and one answer for each connection, each a line of JSON. The socket lies beside the
engine's, so that whoever may use the engine may ask; the API lets only administrators do so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from pisovereign.errors import Conflict, EngineMisbehaved, EngineUnavailable
from pisovereign.process.line_socket import exchange

_LIMIT_S = 5.0

Stage = Literal["loading", "waiting", "done", "failed"]


class SwitchProgress(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last exchange of the model.

    Attributes:
        model: the id of the model that was asked for.
        stage: `loading`: it is loaded and tried; `waiting`: running answers are completed before
            it is loaded, because memory does not take both; `done`; `failed`: the model before
            serves on.
        error: why it failed, in one line.
    """

    model: str
    stage: Stage
    error: str = ""


class FetchProgress(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fetch of the recommended model in the background; `done` and `total` are in bytes."""

    model: str
    stage: Literal["fetching", "proving", "offered", "failed"]
    done: int = 0
    total: int = 0
    error: str = ""


class EngineState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which model is in use, and what is done about another.

    Attributes:
        model: the id of the model in use.
        configured: `inference.model`.
        earlier: ids that clients may still name.
        switch: the last exchange since the start; None: there was none.
        fetch: the recommended model, while or after it is fetched; None: nothing is.
    """

    model: str
    configured: str
    earlier: list[str] = []
    switch: SwitchProgress | None = None
    fetch: FetchProgress | None = None

    @property
    def needed(self) -> set[str]:
        """Return the ids of the models whose files have to stay where they are."""
        ids = {self.model, self.configured}
        if self.switch is not None and self.switch.stage in ("loading", "waiting"):
            ids.add(self.switch.model)
        if self.fetch is not None and self.fetch.stage in ("fetching", "proving"):
            ids.add(self.fetch.model)
        return ids


class SwitchRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request to use a model; without one, only for the state."""

    model: str | None = None


class SwitchReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state, or why nothing was begun."""

    state: EngineState | None = None
    refusal: str = ""


def switch_socket(engine_socket: Path) -> Path:
    """Return the socket's path, from that of the engine's."""
    return engine_socket.with_name("switch.sock")


class SwitchClient:
    """The way to the process that looks after the engine.

    Args:
        path: of its socket; None: another server takes the engine's place.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    async def state(self) -> EngineState:
        """Return the state.

        Raises:
            Conflict: another server takes the engine's place.
            EngineUnavailable: nobody looks after the engine.
        """
        return await self._ask(SwitchRequest())

    async def needed(self) -> set[str]:
        """Return the ids of the models whose files have to stay; none where nobody can tell."""
        try:
            return (await self.state()).needed
        except (Conflict, EngineUnavailable, EngineMisbehaved):
            return set()

    async def use(self, model: str) -> EngineState:
        """Begin to exchange the model; returns the state afterwards.

        Raises:
            Conflict: a model is being exchanged already, or this one is not there.
            EngineUnavailable: nobody looks after the engine.
        """
        return await self._ask(SwitchRequest(model))

    async def _ask(self, request: SwitchRequest) -> EngineState:
        if self._path is None:
            raise Conflict("inference.base_url names the server that has the model")
        # Imported here: the other side of the socket, a supervisor, has no event loop.
        import asyncio  # noqa: PLC0415

        try:
            async with asyncio.timeout(_LIMIT_S):
                line = await exchange(self._path, msgspec.json.encode(request))
        except (OSError, TimeoutError, ValueError):
            raise EngineUnavailable("Nobody looks after the engine") from None
        try:
            reply = msgspec.json.decode(line, type=SwitchReply)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise EngineMisbehaved("The engine's keeper says something unknown") from None
        if reply.state is None:
            raise Conflict(reply.refusal)
        return reply.state
