"""What examples and the model add to the rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from bench.parse.cases import CATALOG, NOW, ZONE, Case
from bench.program import running
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.parsing.confidence import BY_EXAMPLE
from pisovereign.parsing.model_proposals import ModelProposer
from pisovereign.parsing.open_questions import ExampleMatcher, load_examples
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import Interpretation, Parsed

USER = UUID(int=1)
_READY_S = 120.0


def read_all(
    cases: Sequence[Case], model: str, *, allow_model: bool
) -> list[tuple[Case, Parsed, float]]:
    """Each case as the service reads it, and the seconds that this took."""
    with running(PISOVEREIGN_INFERENCE__MODEL=model) as server:
        socket = str(server.data_dir / "run" / "engine.sock")
        return asyncio.run(_read_all(cases, socket, model if allow_model else ""))


async def _read_all(
    cases: Sequence[Case], socket: str, model: str
) -> list[tuple[Case, Parsed, float]]:
    engine = EngineClient(socket)
    matcher = ExampleMatcher(Encoder(engine, "all-minilm-l6-v2"), load_examples())
    proposer = ModelProposer(engine, model) if model else None
    parser = Parser()
    try:
        await _prepare(parser, matcher)
        read: list[tuple[Case, Parsed, float]] = []
        for case in cases:
            started = time.perf_counter()
            parsed = await _read(parser, matcher, proposer, case.words)
            read.append((case, parsed, time.perf_counter() - started))
        return read
    finally:
        await matcher.close()
        await engine.close()


async def _prepare(parser: Parser, matcher: ExampleMatcher) -> None:
    question = parser.question("how full is my schedule?", NOW, ZONE)
    assert question is not None
    for _ in range(int(_READY_S * 10)):
        if await matcher.find(USER, question) is not None:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError


async def _read(
    parser: Parser, matcher: ExampleMatcher, proposer: ModelProposer | None, words: str
) -> Parsed:
    parsed = parser.parse(words, NOW, ZONE, CATALOG)
    if parsed.parsed:
        return parsed
    question = parser.question(words, NOW, ZONE)
    if question and (name := await matcher.find(USER, question)):
        catalog = {entry.id: entry for entry in CATALOG}
        if command := question.command(name, catalog):
            return parser.parsed(Interpretation(command, BY_EXAMPLE), catalog)
    if proposer and (proposal := await proposer.propose(USER, words)):
        return parser.accept(words, NOW, ZONE, proposal) or parsed
    return parsed
