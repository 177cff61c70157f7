"""Programs that are talked to while they run."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pisovereign.errors import NotBegun
from pisovereign.runner.client import ProgramSession, RunnerClient
from pisovereign.runner.types import RunRequest, SessionSpec, SharedFolder
from tests.runner.conftest import PYTHON, Runner, start
from tests.runner.test_command_filter import ESCAPES

T = TypeVar("T")
ECHO = "import sys\nfor line in sys.stdin:\n    print(line.upper(), end='', flush=True)"


@pytest.fixture(params=["usual", "account", "user"])
def way(request: pytest.FixtureRequest) -> str:
    """The ways that keep programs from the files of people; without them there is no session."""
    name: str = request.param
    return name


def talk(
    runner: Runner, code: str, say: Callable[[ProgramSession], Awaitable[T]], **given: Any
) -> T:
    network = given.pop("network", False)
    limit_s = given.pop("timeout_s", 60.0)

    async def run() -> T:
        async with asyncio.timeout(60):
            session = await RunnerClient(runner.socket).open(
                RunRequest(
                    argv=(PYTHON, "-c", code),
                    network=network,
                    timeout_s=limit_s,
                    session=SessionSpec(**given),
                )
            )
            try:
                return await say(session)
            finally:
                session.close()

    return asyncio.run(run())


async def everything(session: ProgramSession) -> bytes:
    """All that a program says until it ends."""
    said = b""
    while data := await session.read():
        said += data
    return said


def printed(runner: Runner, code: str, **given: Any) -> str:
    return talk(runner, code, everything, **given).decode()


def test_it_is_answered_line_by_line(runner: Runner) -> None:
    async def say(session: ProgramSession) -> list[bytes]:
        found = []
        for word in (b"one\n", b"two\n"):
            await session.write(word)
            found.append(await session.read())
        return found

    assert talk(runner, ECHO, say) == [b"ONE\n", b"TWO\n"]


def test_much_goes_both_ways_without_a_standstill(runner: Runner) -> None:
    line = b"x" * 999_999 + b"\n"

    async def say(session: ProgramSession) -> int:
        async def write() -> None:
            for _ in range(8):
                await session.write(line)

        writing = asyncio.create_task(write())
        seen = 0
        while seen < 8 * len(line):
            seen += len(await session.read())
        await writing
        return seen

    assert talk(runner, ECHO, say) == 8_000_000


def test_how_it_ended_is_told(runner: Runner) -> None:
    async def say(session: ProgramSession) -> ProgramSession:
        await everything(session)
        return session

    code = "import sys; print('no such folder', file=sys.stderr); sys.exit(3)"
    result = talk(runner, code, say).result
    assert result is not None
    assert (result.status, result.exit_code, result.stderr) == ("failed", 3, "no such folder\n")


@pytest.mark.parametrize("network", [False, True])
def test_nothing_leads_out_of_the_sandbox(runner: Runner, *, network: bool) -> None:
    tried = json.loads(printed(runner, ESCAPES, network=network))
    assert tried.pop("thread") == "ran"
    assert "done" not in tried.values()


def test_leaving_ends_it(runner: Runner, tmp_path: Path) -> None:
    async def say(session: ProgramSession) -> int:
        return int(await session.read())

    talk(runner, "import os,time; print(os.getpid(), flush=True); time.sleep(3600)", say)
    # Its place is free again.
    for _ in range(6):
        talk(runner, "print(1, flush=True); import time; time.sleep(3600)", say)


def test_it_ends_when_its_time_is_over(runner: Runner) -> None:
    async def say(session: ProgramSession) -> ProgramSession:
        await everything(session)
        return session

    result = talk(runner, "import time; time.sleep(3600)", say, timeout_s=0.5).result
    assert result is not None
    assert result.status == "timed_out"


def test_it_has_its_own_environment_and_no_other(runner: Runner) -> None:
    said = printed(runner, "import os; print(sorted(os.environ))", env={"TOKEN": "x"})
    assert said.strip() == "['HOME', 'LANG', 'PATH', 'TOKEN']"


@pytest.fixture
def named() -> Iterator[Path]:
    """A folder in one that looks empty otherwise: those in temporary folders, `test_folders.py`."""
    place = Path("/srv") if os.access("/srv", os.W_OK) else Path.home()
    folder = Path(tempfile.mkdtemp(dir=place, prefix=".pisov-named-"))
    folder.chmod(0o777)
    (folder / "note.txt").write_text("Milk")
    yield folder
    shutil.rmtree(folder)


def test_it_sees_the_folders_that_were_named_and_no_others(runner: Runner, named: Path) -> None:
    code = (
        "import json, os\n"
        f"print(open({str(named / 'note.txt')!r}).read())\n"
        f"places = filter(os.path.isdir, ('/home', '/root', {str(named.parent)!r}))\n"
        "print(json.dumps([os.path.join(each, n) for each in places for n in os.listdir(each)]))\n"
        "try:\n"
        f"    open({str(named / 'new.txt')!r}, 'w').write('x'); print('written')\n"
        "except OSError as error:\n"
        "    print(error.errno)\n"
        "open('/tmp/own', 'w').write('x')"
    )
    lines = printed(runner, code, folders=(SharedFolder(path=str(named)),)).splitlines()
    assert lines[0] == "Milk"
    seen = json.loads(lines[1])
    assert str(named) in seen
    assert all(named.is_relative_to(path) for path in seen), seen
    assert lines[2] == "30"  # EROFS
    assert not Path("/tmp/own").exists()
    writable = (SharedFolder(path=str(named), write=True),)
    assert printed(runner, code, folders=writable).splitlines()[2] == "written"
    assert (named / "new.txt").read_text() == "x"


def test_a_folder_that_is_not_there_is_no_start(runner: Runner) -> None:
    async def say(session: ProgramSession) -> ProgramSession:
        await everything(session)
        return session

    folders = (SharedFolder(path="/home/nobody-is-here"),)
    result = talk(runner, "print(1)", say, folders=folders).result
    assert result is not None
    assert "No such file or directory" in result.stderr


def test_it_has_no_network_unless_that_is_said(runner: Runner) -> None:
    code = (
        "import socket\n"
        "try:\n"
        "    socket.socket()\n"
        "    print('made')\n"
        "except OSError:\n"
        "    print('no')"
    )
    assert printed(runner, code).strip() == "no"
    assert printed(runner, code, network=True).strip() == "made"


def test_programs_do_not_take_the_places_of_commands(runner: Runner) -> None:
    async def run() -> None:
        client = RunnerClient(runner.socket)
        request = RunRequest(argv=(PYTHON, "-c", ECHO), timeout_s=60.0, session=SessionSpec())
        async with asyncio.timeout(60):
            open_ = [await client.open(request) for _ in range(4)]
            with pytest.raises(NotBegun, match="too many programs"):
                await client.open(request)
            for _ in range(8):
                done = await client.run(RunRequest(argv=("/bin/true",)))
                assert done.status == "completed"
            for session in open_:
                session.close()

    asyncio.run(run())


def test_where_nothing_hides_files_there_is_none(data_dir: Path) -> None:
    runner = start("without", data_dir)
    with pytest.raises(NotBegun, match="nothing on this machine keeps"):
        printed(runner, "print(1)")
    runner.stop()
