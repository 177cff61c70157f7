"""The real program in a data folder of its own, which is removed afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pisovereign.config.loading import models_dir
from tests.support.server import TWO_USERS, Server


@contextmanager
def running(config: str = TWO_USERS, **settings: str) -> Iterator[Server]:
    """`pisovereign serve` with embedded PostgreSQL, two keys and no rate limit to speak of.

    Args:
        config: its configuration.
        settings: `PISOVEREIGN_...` variables.

    No answer is kept: what is measured is work.
    """
    with _started(config, settings, None) as server:
        yield server


@contextmanager
def running_checkout(checkout: Path, **settings: str) -> Iterator[Server]:
    """Run the same of another checkout of the project, which has an environment of its own."""
    with _started(TWO_USERS, settings, checkout) as server:
        yield server


@contextmanager
def _started(config: str, settings: dict[str, str], checkout: Path | None) -> Iterator[Server]:
    settings.setdefault("PISOVEREIGN_CACHE__ANSWERS_S", "0")
    settings.setdefault("PISOVEREIGN_CACHE__EMBEDDINGS_S", "0")
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        server = Server(Path(folder) / "data", models_dir(), config, **settings)
        server.checkout = checkout
        try:
            # With its database where a user's is: what is measured includes the disk.
            yield server.start(first=True)
        finally:
            server.remove()
