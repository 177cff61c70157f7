"""Examples without an engine, and what the catalog is needed for."""

from __future__ import annotations

import asyncio
from uuid import UUID

from bench.parse.cases import CATALOG, NOW, ZONE, load
from pisovereign.actions.types import RunCatalogCommand
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.parsing.open_questions import ExampleMatcher, load_examples
from tests.parsing.support import PARSER


def test_without_an_engine_nothing_is_found_and_nothing_fails() -> None:
    question = PARSER.question("are we running out of disk space?", NOW, ZONE)
    assert question is not None

    async def ask() -> list[str | None]:
        engine = EngineClient("/nowhere/engine.sock")
        matcher = ExampleMatcher(Encoder(engine, "all-minilm-l6-v2"), load_examples())
        found = []
        for _ in range(3):
            found.append(await matcher.find(UUID(int=1), question))
            await asyncio.sleep(0.01)
        await matcher.close()
        await engine.close()
        return found

    assert asyncio.run(ask()) == [None, None, None]


def test_the_catalog_is_asked_for_whenever_it_is_needed() -> None:
    for case in load("tuning") + load("held_out"):
        read = PARSER.parse(case.words, NOW, ZONE, CATALOG).command
        if isinstance(read, RunCatalogCommand):
            assert PARSER.needs_catalog(case.words), case.words


def test_most_of_what_is_said_is_read_without_the_catalog() -> None:
    others = [c for c in load("tuning") if not isinstance(c.command, RunCatalogCommand)]
    assert sum(PARSER.needs_catalog(c.words) for c in others) < len(others) / 10
