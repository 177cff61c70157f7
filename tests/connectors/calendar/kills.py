"""Events, or tasks, that are created by processes that are killed again and again.

    python -m tests.connectors.calendar.kills 40 [tasks]

Prints what was left as one line of JSON; `bench.calendar_kills` is the same for people. Each event
is created by a process of its own, which gets SIGKILL at a random moment, or as soon as the server
has stored the event and before its answer is read; then another process is given the same event,
until one says that it is done.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from pathlib import Path

import msgspec
import trustme

from pisovereign.connectors.calendar.client import Account, CalDavClient
from pisovereign.connectors.calendar.session import OutboundAccess
from pisovereign.connectors.calendar.source import CalDavCalendar
from pisovereign.connectors.calendar.task_types import NewTask
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.breakers import Breakers
from pisovereign.outbound.gate import Gate
from pisovereign.outbound.tls import Tls
from tests.connectors.calendar.conftest import BERLIN, OWNER
from tests.connectors.calendar.radicale import NAME, PASSWORD, Radicale
from tests.connectors.calendar.test_source import DENTIST

# Of the processes that are started for an event, so many are killed, until one is left alone.
_KILLED = 0.75
_POLL_S = 0.0002
_LIMIT_S = 60.0


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What was killed, and what is on the server afterwards.

    Attributes:
        kills: Processes that were killed.
        unanswered: Those that were killed when the server had stored the event.
        events: Events that a process said to be created.
        missing: Those of them that are not there.
        twice: Those of them that are there more than once.
        strangers: Events that nobody asked for.
    """

    kills: int
    unanswered: int
    events: int
    missing: int
    twice: int
    strangers: int


def create_through_kills(
    server: Radicale, calendar: str, *, kills: int, seed: int, tasks: bool = False
) -> Left:
    """Create events until `kills` processes were killed. To be called without other threads."""
    chance = random.Random(seed)
    uids: list[str] = []
    killed = unanswered = 0
    while killed < kills:
        uid = f"{uuid.UUID(int=chance.getrandbits(128), version=4)}@pisovereign"
        uids.append(uid)
        stored = server.object_path(calendar, uid)
        while chance.random() < _KILLED:
            child = _start(server, calendar, uid, tasks)
            if chance.random() < 0.5 and not stored.exists():
                _wait_for(stored)
            else:
                time.sleep(chance.uniform(0, 0.08))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                killed += 1
                unanswered += stored.exists()
        assert os.waitpid(_start(server, calendar, uid, tasks), 0)[1] == 0
    return _count(server, calendar, uids, killed, unanswered)


def _start(server: Radicale, calendar: str, uid: str, tasks: bool) -> int:
    """A process that creates the event; exit status 0: it was told that it is there."""
    child = os.fork()
    if child:
        return child
    try:
        _create(server, calendar, uid, tasks)
    except BaseException as error:  # noqa: BLE001 - the child of a fork must never return
        print(repr(error), file=sys.stderr)
        os._exit(1)
    os._exit(0)


def _create(server: Radicale, calendar: str, uid: str, tasks: bool) -> None:
    account = Account(
        url=server.url,
        username=NAME,
        password=PASSWORD,
        default_calendar=calendar,
        default_task_list=calendar,
    )
    gate = Gate([AllowedHost("localhost", server.port)])
    caldav = CalDavClient(account, OutboundAccess(gate, Breakers(), Tls(str(server.ca_file))))
    source = CalDavCalendar(
        caldav, owners=frozenset((OWNER,)), zones=lambda _: BERLIN, limit_s=_LIMIT_S
    )
    if tasks:
        asyncio.run(source.tasks.add_task(OWNER, NewTask(title="Tax return"), uid))
    else:
        asyncio.run(source.create(OWNER, DENTIST, uid))


def _wait_for(stored: Path) -> None:
    until = time.monotonic() + _LIMIT_S
    while not stored.exists():
        assert time.monotonic() < until
        time.sleep(_POLL_S)


def _count(server: Radicale, calendar: str, uids: list[str], killed: int, unanswered: int) -> Left:
    texts = [text.replace("\r\n ", "") for text in server.objects(calendar)]
    there = [sum(f"UID:{uid}\r\n" in text for text in texts) for uid in uids]
    return Left(
        kills=killed,
        unanswered=unanswered,
        events=len(uids),
        missing=there.count(0),
        twice=sum(count > 1 for count in there),
        strangers=len(texts) - sum(there),
    )


def with_a_server(kills: int, seed: int, *, tasks: bool = False) -> Left:
    """Start a calendar server, create, kill and count."""
    with tempfile.TemporaryDirectory(prefix="pisov-kills-") as folder:
        server = Radicale(Path(folder), trustme.CA()).start()
        try:
            server.make_calendar("kills", components=("VTODO",) if tasks else ("VEVENT",))
            return create_through_kills(server, "kills", kills=kills, seed=seed, tasks=tasks)
        finally:
            server.stop()


if __name__ == "__main__":
    print(
        msgspec.json.encode(
            with_a_server(int(sys.argv[1]), seed=1, tasks="tasks" in sys.argv)
        ).decode()
    )
