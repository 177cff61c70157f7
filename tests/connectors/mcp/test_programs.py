"""A server that is a program, in the sandbox of the runner."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from pisovereign.assembly.tool_servers import Programs
from pisovereign.config import Config
from pisovereign.connectors.mcp.sessions import Key, Sessions
from pisovereign.connectors.mcp.types import Folder, Limits, ProgramServer, ToolAnswer
from pisovereign.errors import NotBegun, UpstreamError
from pisovereign.outbound.outbound import Outbound
from pisovereign.runner.client import RunnerClient
from tests.runner.conftest import Runner

T = TypeVar("T")
ROOT = Path(__file__).parents[3]
KEY = Key(uuid4(), "notes")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    # Where root runs the tests, their Python may be nobody else's.
    account = ["--account=root"] if os.getuid() == 0 else []
    running = Runner(tmp_path_factory.mktemp("runner"), *account)
    yield running
    running.stop()


def use(runner: Runner, say: Callable[[Sessions], Awaitable[T]], limits: Limits | None = None) -> T:
    async def run() -> T:
        outbound = Outbound(Config())
        sessions = Sessions(outbound, Programs(RunnerClient(runner.socket)).start, limits)
        try:
            async with asyncio.timeout(120):
                return await say(sessions)
        finally:
            await sessions.close()
            await outbound.close()

    return asyncio.run(run())


def program(*argv: str) -> ProgramServer:
    """A program that may see the tests, wherever they are."""
    folders = tuple({Folder(path=str(each)) for each in (ROOT, Path(sys.base_prefix))})
    return ProgramServer(argv=argv, env={"PYTHONPATH": str(ROOT)}, folders=folders)


NOTES = program(sys.executable, "-m", "tests.support.mcp_server")


def test_tools_of_a_program_are_listed_and_called(runner: Runner) -> None:
    async def say(sessions: Sessions) -> list[ToolAnswer]:
        tools = {each.name: each for each in await sessions.tools(KEY, NOTES)}
        return [
            await sessions.call(KEY, NOTES, name, arguments, allowed=tools[name].fingerprint())
            for name, arguments in (
                ("write_note", {"name": "a", "text": "b"}),
                ("read_note", {"name": "a"}),
                ("ask", {"what": "roots"}),
            )
        ]

    written, read, asked = use(runner, say)
    assert (written.text, read.text) == ("Written", "b")
    assert asked.text.startswith("refused")


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (("/nowhere/at-all",), "there is no such program"),
        (("/bin/sh", "-c", "echo it needs a folder >&2; exit 2"), "it needs a folder"),
        (("/bin/true",), "ended"),
    ],
)
def test_a_program_that_does_not_start_is_a_clear_line(
    runner: Runner, argv: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(NotBegun, match=reason):
        use(runner, lambda sessions: sessions.tools(KEY, program(*argv)))


def test_a_program_that_ends_in_a_call_leaves_it_uncertain(runner: Runner) -> None:
    async def say(sessions: Sessions) -> None:
        tools = {each.name: each for each in await sessions.tools(KEY, NOTES)}
        call = asyncio.create_task(
            sessions.call(
                KEY, NOTES, "slow", {"seconds": 3600}, allowed=tools["slow"].fingerprint()
            )
        )
        await asyncio.sleep(0)
        runner.stop()
        with pytest.raises((UpstreamError, NotBegun)):
            await call

    use(runner, say)
