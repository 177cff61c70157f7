"""One session with a server: the SDK speaks the protocol, this bounds it and words its failures.

Versions are negotiated by the SDK: the newest of those that open with `initialize`, or the newer
ones without sessions. What a server may ask of its clients (sampling, elicitation, roots) is not
offered, and refused if it asks all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import mcp_types as wire
from mcp import Client
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from pisovereign import __version__
from pisovereign.connectors.mcp import results
from pisovereign.connectors.mcp.errors import SessionLost
from pisovereign.connectors.mcp.http_transport import Failure
from pisovereign.connectors.mcp.types import ToolAnswer, ToolDefinition
from pisovereign.errors import NotBegun, OutcomeUnknown, PiSovereignError, UpstreamError
from pisovereign.text.untrusted import one_line

START_S = 20.0
"""The longest that opening a session may take; programs have to start for it."""
_MOST_PAGES = 16
_MOST_ERROR = 300
_WRONG = "It answers with what the protocol does not allow"
_UNKNOWN = "; whether it was done is not known"


class Session:
    """A session, on one event loop.

    Args:
        transport: What the SDK writes to and reads from.
        failure: Returns what the data of an error say if it is one of our own.
        limit_s: The longest that one call may take.
        modern: Whether versions without sessions are asked for first.
        why: Returns why the transport has ended, as far as it knows.

    Attributes:
        stale: The server has said that its tools changed since they were listed.
    """

    def __init__(
        self,
        transport: AbstractAsyncContextManager[Any],
        failure: Callable[[Any], Failure | None],
        limit_s: float,
        *,
        modern: bool,
        why: Callable[[], str] = str,
    ) -> None:
        # The SDK logs what it could not read, with the text of it.
        logging.getLogger("mcp").setLevel(logging.CRITICAL)
        self._transport = transport
        self._failure = failure
        self._limit_s = limit_s
        self._why = why
        self._mode = "auto" if modern else "legacy"
        self._client: Client | None = None
        self._end = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running: asyncio.Task[None] | None = None
        self.stale = True

    @property
    def is_open(self) -> bool:
        """Return whether it can be used."""
        return self._client is not None

    async def open(self) -> None:
        """Open it; a task of its own holds the SDK's task group, which has to end where it began.

        Raises:
            UpstreamError: The server is not there, or does not speak the protocol.
        """
        self._running = asyncio.get_running_loop().create_task(self._run())
        try:
            async with asyncio.timeout(START_S):
                await asyncio.shield(self._ready)
        except TimeoutError:
            await self.close()
            raise UpstreamError(f"It did not start within {START_S:g} seconds") from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End it, and what goes on in it."""
        self._end.set()
        if self._running is None:
            return
        done, _ = await asyncio.wait((self._running,), timeout=START_S)
        if not done:
            self._running.cancel()
            await asyncio.wait((self._running,), timeout=START_S)

    async def tools(self) -> list[ToolDefinition]:
        """Return the tools that the server has now.

        Raises:
            UpstreamError: It cannot be asked, or has more than is taken.
        """
        found: list[wire.Tool] = []
        cursor: str | None = None
        self.stale = False
        for _ in range(_MOST_PAGES):
            params = wire.PaginatedRequestParams(cursor=cursor)
            listed = await self._ask(wire.ListToolsRequest(params=params), wire.ListToolsResult)
            found += listed.tools
            cursor = listed.next_cursor
            if not cursor:
                return results.definitions(found)
            if len(found) > results.MOST_TOOLS:
                break
        raise UpstreamError(f"It has more than {results.MOST_TOOLS} tools")

    async def call(self, tool: str, arguments: dict[str, Any]) -> ToolAnswer:
        """Call a tool, once.

        Raises:
            NotBegun: The server certainly did not take the call.
            SessionLost: The session is gone.
            OutcomeUnknown: Whether it was done is not known.
            UpstreamError: It refuses.
        """
        params = wire.CallToolRequestParams(name=tool, arguments=arguments)
        result = await self._ask(wire.CallToolRequest(params=params), wire.CallToolResult)
        return results.answer(result)

    async def _ask(self, request: Any, kind: Any) -> Any:
        client = self._client
        if client is None:
            raise SessionLost("The session has ended", sent=False)
        try:
            async with asyncio.timeout(self._limit_s):
                # Not `call_tool`: that runs schemas of the server's over its results.
                return await client.session.send_request(request, kind)
        except TimeoutError:
            text = f"It did not answer within {self._limit_s:g} seconds{_UNKNOWN}"
            raise OutcomeUnknown(text) from None
        except MCPError as error:
            raise self._translated(error) from None
        except (ValidationError, ValueError, TypeError, RuntimeError):
            raise OutcomeUnknown(f"{_WRONG}{_UNKNOWN}") from None
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            raise SessionLost(f"The session has ended{_UNKNOWN}", sent=True) from None

    def _translated(self, error: MCPError, unknown: str = _UNKNOWN) -> PiSovereignError:
        """Return an error of the SDK's as one of ours.

        Args:
            error: It.
            unknown: What is said where a call may have been carried out.
        """
        ours = self._failure(error.error.data)
        if ours is not None and not ours.sent:
            return NotBegun(ours.message)
        if ours is None and error.error.code == wire.CONNECTION_CLOSED:
            return SessionLost(f"{self._ended()}{unknown}", sent=True)
        if ours is not None:
            said = ours.message
        elif error.error.code == wire.REQUEST_TIMEOUT:
            said = "It did not answer in time"
        else:
            said = f"It answers: {one_line(error.error.message, _MOST_ERROR)}"
            # What a server has begun when something in it broke, nobody knows.
            if error.error.code != wire.INTERNAL_ERROR:
                return UpstreamError(said)
        return OutcomeUnknown(f"{said}{unknown}") if unknown else UpstreamError(said)

    async def _run(self) -> None:
        client = Client(
            self._transport,
            mode=self._mode,
            read_timeout_seconds=self._limit_s,
            message_handler=self._hear,
            client_info=wire.Implementation(name="PiSovereign", version=__version__),
            cache=None,
        )
        try:
            async with client:
                self._client = client
                if not self._ready.done():
                    self._ready.set_result(None)
                await self._end.wait()
        except Exception as error:  # noqa: BLE001 - the SDK ends with groups of whatever its tasks met
            self._fail(error)
        finally:
            self._client = None
            self._fail(None)

    def _fail(self, error: Exception | None) -> None:
        if not self._ready.done():
            self._ready.set_exception(self._reason(error))
            self._ready.exception()  # nobody may be waiting any more

    def _reason(self, error: Exception | None) -> PiSovereignError:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, PiSovereignError):
            return error
        if isinstance(error, MCPError):
            return self._translated(error, "")
        if error is None or isinstance(error, OSError | anyio.BrokenResourceError):
            return UpstreamError(self._ended())
        return UpstreamError("It does not speak the Model Context Protocol")

    def _ended(self) -> str:
        said = one_line(self._why(), _MOST_ERROR)
        return f"It has ended: {said}" if said else "It ended the connection"

    async def _hear(self, message: Any) -> None:
        """Take what the server tells without being asked; all else of it is of no use here."""
        if isinstance(message, wire.ToolListChangedNotification):
            self.stale = True
