"""A program whose model follows a script, and is given tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.api_server import running_api
from tests.support.scripted_model import ScriptedModel
from tests.support.server import Server


class Acting(NamedTuple):
    """The program, and what its model says."""

    server: Server
    model: ScriptedModel


@contextmanager
def acting(server: Server, models_dir: Path, **settings: str) -> Iterator[Acting]:
    """Start it; the engine that makes its embeddings is that of a server that runs already."""
    with (
        ScriptedModel(server.data_dir / "run" / "engine.sock") as model,
        running_api(
            server,
            models_dir,
            PISOVEREIGN_INFERENCE__BASE_URL=model.url,
            PISOVEREIGN_CHAT__TOOLS="on",
            PISOVEREIGN_CACHE__ANSWERS_S="0",
            PISOVEREIGN_MEMORY__LEARN="false",
            **settings,
        ) as running,
    ):
        yield Acting(running, model)
