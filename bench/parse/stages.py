"""What the intent model and the language model add to the rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from bench.parse.cases import CATALOG, NOW, ZONE, Case
from bench.program import running
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.model_tests.types import Capabilities
from pisovereign.parsing.intent_acceptance import bears_out
from pisovereign.parsing.intent_model import IntentModel
from pisovereign.parsing.intent_reader import IntentReader
from pisovereign.parsing.intent_weights import load_weights
from pisovereign.parsing.model_proposals import CommandReader, ModelProposer
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import Parsed
from pisovereign.reading.times.resolution import Moment

USER = UUID(int=1)
ENCODERS = {"use-multilingual": 512, "all-minilm-l6-v2": 384}


def _allowed(_model: str) -> Capabilities:
    """Let any model be asked: what comes of it is what is measured."""
    return Capabilities(reads_commands=True)


class _Steps(NamedTuple):
    parser: Parser
    intents: IntentReader
    proposer: ModelProposer | None


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
    encoders = EncoderSet(engine, [Encoder(engine, name, size) for name, size in ENCODERS.items()])
    steps = _Steps(
        Parser(),
        IntentReader(encoders, IntentModel(load_weights())),
        ModelProposer(CommandReader(engine, lambda: model), _allowed) if model else None,
    )
    try:
        read: list[tuple[Case, Parsed, float]] = []
        for case in cases:
            started = time.perf_counter()
            parsed = await _read(steps, case.words)
            read.append((case, parsed, time.perf_counter() - started))
        return read
    finally:
        await engine.close()


async def _read(steps: _Steps, words: str) -> Parsed:
    parser, message = steps.parser, steps.parser.message(words, Moment.of(NOW, ZONE))
    guesses = await steps.intents.guesses(USER, message.language, message.core)
    guessed = parser.weigh(message, guesses, CATALOG)
    if not guessed.parsed and steps.proposer:
        proposal = await steps.proposer.propose(USER, words)
        if proposal is not None and bears_out(proposal.command, parser.allowed(message, guesses)):
            return parser.accept(message, proposal) or guessed
    return guessed
