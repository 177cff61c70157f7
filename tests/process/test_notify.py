"""What a service tells systemd."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from pisovereign.process.notify import Notifier, keep_alive
from tests.support.patience import PATIENCE_S


def test_it_speaks_to_the_socket_that_systemd_names_and_hides_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(str(tmp_path / "notify"))
        environ = {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "40000",
            "WATCHDOG_PID": str(os.getpid()),
            "OTHER": "stays",
        }
        notifier = Notifier.from_environment(environ)
        assert environ == {"OTHER": "stays"}
        notifier.ready()
        inbox.settimeout(PATIENCE_S)
        assert inbox.recv(100) == b"READY=1"

        async def go() -> None:
            answers = iter([True, False, True])
            all_asked = asyncio.Event()

            def is_well() -> bool:
                answer = next(answers, None)
                if answer is None:
                    all_asked.set()
                return bool(answer)

            task = asyncio.create_task(keep_alive(notifier, is_well))
            await asyncio.wait_for(all_asked.wait(), PATIENCE_S)
            task.cancel()

        asyncio.run(go())
        assert [inbox.recv(100), inbox.recv(100)] == [b"WATCHDOG=1"] * 2
        inbox.settimeout(0.01)
        try:
            raise AssertionError(inbox.recv(100))
        except TimeoutError:
            pass


def test_without_systemd_nothing_is_said(tmp_path: Path) -> None:
    Notifier().ready()
    asyncio.run(asyncio.wait_for(keep_alive(Notifier(), lambda: True), PATIENCE_S))
    assert Notifier.from_environment({"WATCHDOG_USEC": "1000000"}).watchdog_s == 0.0
    others = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}
    notifier = Notifier.from_environment(others)
    assert notifier.watchdog_s == 0.0
    notifier.ready()  # nobody is there: a warning, no error
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        name = f"pisovereign-test-{os.getpid()}"
        inbox.bind(f"\0{name}")
        Notifier(f"@{name}").ready()
        inbox.settimeout(PATIENCE_S)
        assert inbox.recv(100) == b"READY=1"
