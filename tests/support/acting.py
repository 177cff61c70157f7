"""A program whose model follows a script, and is given tools."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.api_server import ApiServer
from tests.support.scripted_model import ScriptedModel
from tests.support.server import Server


class Acting(NamedTuple):
    """The program, and what its model says."""

    server: Server
    model: ScriptedModel


@contextmanager
def acting(server: Server, models_dir: Path, **settings: str) -> Iterator[Acting]:
    """Start it; the engine that makes its embeddings is that of a server that runs already."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-acting-"))
    with ScriptedModel(server.data_dir / "run" / "engine.sock") as model:
        running = ApiServer(
            server,
            folder,
            models_dir,
            PISOVEREIGN_INFERENCE__BASE_URL=model.url,
            PISOVEREIGN_CHAT__TOOLS="on",
            PISOVEREIGN_CACHE__ANSWERS_S="0",
            PISOVEREIGN_MEMORY__LEARN="false",
            **settings,
        )
        try:
            yield Acting(running.start(), model)
        finally:
            running.remove()
            shutil.rmtree(folder, ignore_errors=True)
