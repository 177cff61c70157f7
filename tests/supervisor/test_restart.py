"""What an installation still knows when it starts again."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until

PROMPT = "You are the assistant of a lighthouse keeper. " + "Ships, storms and lamps matter. " * 20


def tokens(server: Server, key: str) -> dict[str, Any]:
    counts: dict[str, Any] = server.chat("Hello", key=key, max_tokens=2).json()["tokens"]
    return counts


def test_the_first_turn_of_another_user_finds_the_system_prompt(
    models_dir: Path, data_dir: Path
) -> None:
    inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    inbox.bind(str(data_dir / "notify"))
    inbox.settimeout(PATIENCE_S)
    server = Server(
        data_dir,
        models_dir,
        PISOVEREIGN_CHAT__SYSTEM_PROMPT=PROMPT,
        NOTIFY_SOCKET=str(data_dir / "notify"),
        WATCHDOG_USEC="600000000",
    ).start()
    try:
        # A unit of one's own may have Type=notify: only the whole says something, and lives.
        said = {inbox.recv(100) for _ in range(2)}
        assert said == {b"WATCHDOG=1", b"READY=1"}
        inbox.setblocking(False)
        with pytest.raises(BlockingIOError):
            inbox.recv(100)
        cold = tokens(server, ALICE_KEY)
        assert cold["cached"] == 0
        folder = data_dir / "engine"
        wait_until(lambda: list(folder.glob("*.prompt")), PATIENCE_S, "the file")
        assert folder.stat().st_mode & 0o777 == 0o700
        server.stop()
        server.start()
        warm = tokens(server, BOB_KEY)
        assert warm["prompt"] == cold["prompt"]
        # Beside the system prompt: the clock, "Hello" and their frame, which take 40 at most.
        assert warm["cached"] >= 0.9 * (cold["prompt"] - 40) > 100
    finally:
        server.remove()
        inbox.close()
