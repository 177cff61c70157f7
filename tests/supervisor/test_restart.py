"""What an installation still knows when it starts again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until

PROMPT = "You are the assistant of a lighthouse keeper. " + "Ships, storms and lamps matter. " * 20


def tokens(server: Server, key: str) -> dict[str, Any]:
    counts: dict[str, Any] = server.chat("Hello", key=key, max_tokens=2).json()["tokens"]
    return counts


def test_the_first_turn_of_another_user_finds_the_system_prompt(
    models_dir: Path, data_dir: Path
) -> None:
    server = Server(data_dir, models_dir, PISOVEREIGN_CHAT__SYSTEM_PROMPT=PROMPT).start()
    try:
        cold = tokens(server, ALICE_KEY)
        assert cold["cached"] == 0
        folder = data_dir / "engine"
        wait_until(lambda: list(folder.glob("*.prompt")), 10, "the file")
        assert folder.stat().st_mode & 0o777 == 0o700
        server.stop()
        server.start()
        warm = tokens(server, BOB_KEY)
        assert warm["prompt"] == cold["prompt"]
        # Beside the system prompt: the clock, "Hello" and their frame, which take 40 at most.
        assert warm["cached"] >= 0.9 * (cold["prompt"] - 40) > 100
    finally:
        server.remove()
