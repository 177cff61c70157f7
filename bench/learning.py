"""What is learned from what people say: by forms, by meaning, and by a model's choice.

    python -m bench.learning
    python -m bench.learning --no-model --hwu64 hwu64-dev.tsv
    python -m bench.learning --model qwen2.5-1.5b-instruct

Messages of three sentences of `data/statements.toml`, one to be kept and two not, in turns. `kept`
is the share of sentences to be kept that were learned; `wrong` the share of the others that were.
HWU64 (intent, tab, sentence) has sentences of which none is to be kept, but for those that state
what somebody likes; some of them the weights were trained on.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.errors import EngineMisbehaved
from pisovereign.memory.sentence_selection import SentenceSelector
from pisovereign.memory.statement_head import MODEL, load_head
from pisovereign.memory.statement_reader import StatementReader
from pisovereign.memory.statements import Statement, first_person_sentences, statements

STATEMENTS = Path(__file__).parent / "data" / "statements.toml"
USER = UUID(int=1)
DIMENSIONS = 512
# Of the intents of HWU64, people state what they like in this one.
STATING = "music_likeness"


class Message(NamedTuple):
    """One sentence to be kept, and two that are not."""

    keep: str
    leave: tuple[str, str]

    @property
    def text(self) -> str:
        """All three, the one to be kept in the middle."""
        return f"{self.leave[0]} {self.keep} {self.leave[1]}"


class Share(msgspec.Struct, frozen=True):
    """What one way learned in one language; times are seconds a message."""

    kept: float
    wrong: float
    seconds: float


class Result(msgspec.Struct, frozen=True):
    """Shares by way and language."""

    environment: Environment
    model: str
    shares: dict[str, dict[str, Share]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what is learned.")
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--no-model", action="store_true", help="ask no model to choose")
    parser.add_argument("--hwu64", type=Path, help="sentences with their intents")
    add_output(parser)
    args = parser.parse_args(argv)
    environment, tables = describe(), tomllib.loads(STATEMENTS.read_text(encoding="utf-8"))
    messages = {language: _messages(tables, language) for language in ("en", "de")}
    with running(PISOVEREIGN_INFERENCE__MODEL=args.model) as server:
        socket = str(server.data_dir / "run" / "engine.sock")
        shares = {
            "forms": {name: _by_forms(of) for name, of in messages.items()},
            "forms and meaning": {
                name: asyncio.run(_by_meaning(socket, of)) for name, of in messages.items()
            },
            "choice of all": {
                name: _share(of, _choose_all(of), 0.0) for name, of in messages.items()
            },
        }
        if not args.no_model:
            shares["model"] = {
                name: asyncio.run(_by_model(socket, args.model, of))
                for name, of in messages.items()
            }
        if args.hwu64 is not None:
            print(asyncio.run(_commands(socket, _stating_nothing(args.hwu64))))
    result = Result(environment, args.model, shares)
    publish(result, _table(result), args.output)
    return 0


def _messages(tables: dict[str, list[str]], language: str) -> list[Message]:
    keep, leave = tables[f"keep_{language}"], tables[f"leave_{language}"]
    count = len(leave)
    return [Message(text, (leave[at], leave[(at + 7) % count])) for at, text in enumerate(keep)]


def _reader(engine: EngineClient | None) -> StatementReader:
    encoder = None if engine is None else Encoder(engine, MODEL, DIMENSIONS)
    return StatementReader(encoder, load_head())


async def _by_meaning(socket: str, messages: Sequence[Message]) -> Share:
    engine = EngineClient(socket)
    reader = _reader(engine)
    started = time.perf_counter()
    learned = [await reader.read(message.text) for message in messages]
    seconds = time.perf_counter() - started
    await engine.close()
    return _share(messages, learned, seconds)


def _stating_nothing(path: Path) -> list[str]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [f"{text.rstrip('.')}." for intent, text in rows if intent != STATING]


async def _commands(socket: str, said: Sequence[str]) -> str:
    """Return how much is learned of sentences that state nothing, by each way."""
    engine = EngineClient(socket)
    counts = {}
    for way, reader in (("forms", _reader(None)), ("forms and meaning", _reader(engine))):
        counts[way] = sum([bool(await reader.read(text)) for text in said])
    await engine.close()
    return f"learned of {len(said)} sentences of HWU64: {counts}"


def _by_forms(messages: Sequence[Message]) -> Share:
    started = time.perf_counter()
    learned = [statements(message.text) for message in messages]
    return _share(messages, learned, time.perf_counter() - started)


def _choose_all(messages: Sequence[Message]) -> list[list[Statement]]:
    """Return what the model chooses from: the best that it can do, and the worst."""
    return [[Statement(text, "fact") for text in first_person_sentences(m.text)] for m in messages]


async def _by_model(socket: str, model: str, messages: Sequence[Message]) -> Share:
    engine = EngineClient(socket)
    selection = SentenceSelector(engine, model)
    learned: list[list[Statement]] = []
    started = time.perf_counter()
    for message in messages:
        try:
            learned.append(await selection.choose(USER, message.text))
        except EngineMisbehaved:
            learned.append([])  # its answer was longer than allowed
    seconds = time.perf_counter() - started
    await engine.close()
    return _share(messages, learned, seconds)


def _share(
    messages: Sequence[Message], learned: Sequence[Sequence[Statement]], seconds: float
) -> Share:
    kept = wrong = 0
    for message, found in zip(messages, learned, strict=True):
        contents = " ".join(statement.content for statement in found).casefold()
        # A statement may have lost what led to it: its end tells which sentence it was.
        kept += message.keep.casefold()[-12:] in contents
        wrong += sum(text.casefold()[-12:] in contents for text in message.leave)
    count = len(messages)
    return Share(round(kept / count, 3), round(wrong / (2 * count), 3), round(seconds / count, 4))


def _table(result: Result) -> str:
    rows = [
        [way, *(cell for share in of.values() for cell in (share.kept, share.wrong, share.seconds))]
        for way, of in result.shares.items()
    ]
    head = [f"{language} {part}" for language in ("en", "de") for part in ("kept", "wrong", "s")]
    return table([result.model, *head], rows)


if __name__ == "__main__":
    sys.exit(main())
