"""Trying a connection step by step, so that people see where it ends.

Each step is shown with what was seen or what is wrong, in words that name no secret; after one that
failed, the others of that server are skipped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from pisovereign.connectors.diagnostics import Probe
from pisovereign.connectors.types import Step, StepName, TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import PiSovereignError
from pisovereign.net.hosts import parse_url
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.reach import check_connection, check_tls
from pisovereign.outbound.tls import Tls

_STEP_S = 20.0


class Account(Protocol):
    """An account that is signed in to, and read."""

    async def check(self) -> object:
        """Sign in."""

    async def probe(self) -> str:
        """Return what is there, in a few words."""


class Server(NamedTuple):
    """A server that is tried; with `tls` it is encrypted from the first byte."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Trial:
    """Runs steps, and notes how each went.

    Args:
        gate: Says where connections may go.
        tls: What they are encrypted with.
        words: Says what steps are called.
    """

    def __init__(self, gate: Gate, tls: Tls, words: Words) -> None:
        self._gate = gate
        self._tls = tls
        self._words = words
        self._steps: list[Step] = []
        self._failed: set[str] = set()

    async def step(self, name: StepName, server: str, work: Callable[[], Awaitable[str]]) -> bool:
        """Run a step unless one before it failed at this server; return whether it went well."""
        title = self._words.say(f"step.{name}", server=server)
        if server in self._failed:
            self._steps.append(Step(name=name, title=title, server=server, status="skipped"))
            return False
        started = time.perf_counter()
        try:
            async with asyncio.timeout(_STEP_S):
                detail = await work()
        except (PiSovereignError, TimeoutError) as error:
            self._failed.add(server)
            said = error.message if isinstance(error, PiSovereignError) else ""
            detail = said or self._words.say("too_slow", seconds=f"{_STEP_S:g}")
        took_ms = round((time.perf_counter() - started) * 1000, 1)
        failed = server in self._failed
        self._steps.append(
            Step(
                name=name,
                title=title,
                server=server,
                status="failed" if failed else "done",
                detail=detail,
                took_ms=took_ms,
            )
        )
        return not failed

    async def reach(self, server: Server) -> bool:
        """Resolve the name, connect, and make TLS; return whether the server is there."""
        name = str(server)

        async def resolve() -> str:
            found = await self._gate.check(server.host, server.port)
            return ", ".join(str(address) for address in found[:4])

        async def connect() -> str:
            await asyncio.to_thread(check_connection, self._gate, server.host, server.port)
            return ""

        async def encrypt() -> str:
            found = await asyncio.to_thread(
                check_tls, self._gate, self._tls, server.host, server.port
            )
            if found.until is None:
                return found.version
            day = found.until.isoformat()
            return self._words.say("certificate", version=found.version, day=day)

        reached = await self.step("resolve", name, resolve)
        reached = await self.step("connect", name, connect) and reached
        if server.tls:
            reached = await self.step("tls", name, encrypt) and reached
        return reached

    def result(self) -> TestResult:
        """Return how it went: what is wrong first, else what was read last."""
        failed = next((step for step in self._steps if step.status == "failed"), None)
        if failed is not None:
            return TestResult("fails", f"{failed.title}: {failed.detail}", self._steps)
        return TestResult("works", self._steps[-1].detail if self._steps else "", self._steps)


async def try_probe(
    url: str, step: StepName, probe: Probe, outbound: Outbound, words: Words
) -> TestResult:
    """Reach a server, and take the one step that shows that it works."""
    trial = Trial(outbound.gate, outbound.tls, words)
    server = server_of(url)
    await trial.reach(server)
    await trial.step(step, str(server), probe)
    return trial.result()


async def try_account(url: str, account: Account, trial: Trial, words: Words) -> TestResult:
    """Reach a server, sign in, and read."""
    server = server_of(url)

    async def sign_in() -> str:
        await account.check()
        return words.say("signed_in")

    await trial.reach(server)
    await trial.step("sign_in", str(server), sign_in)
    await trial.step("read", str(server), account.probe)
    return trial.result()


def server_of(url: str) -> Server:
    """Return the server of an address."""
    target = parse_url(url)
    return Server(target.host, target.port, tls=target.scheme == "https")
