"""What is learned of text of others that somebody pasted, and of what people say of themselves.

    python -m bench.pasted
    python -m bench.pasted --set report

Reads `data/pasted.toml`, by forms alone and by forms and meaning. `wrong` is in how many pastes
something was learned that is not the user's own; `kept` is how many of the sentences that are to
be learned are. The mechanism was made with the messages of the set `tune`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.memory.statement_head import MODEL, load_head
from pisovereign.memory.statement_reader import StatementReader
from pisovereign.memory.statements import statements

MESSAGES = Path(__file__).parent / "data" / "pasted.toml"
DIMENSIONS = 512


class Message(msgspec.Struct, frozen=True):
    """A message; `own` are the sentences that are to be learned of it."""

    set: str
    language: str
    text: str
    kind: str = "own"
    own: list[str] = []


class Messages(msgspec.Struct, frozen=True):
    """Messages that hold text of others, and messages of people about themselves."""

    pasted: list[Message]
    own: list[Message]


class Counts(msgspec.Struct, frozen=True):
    """What was learned of one set in one way."""

    pastes: int
    wrong: int
    sentences: int
    kept: int


class Result(msgspec.Struct, frozen=True):
    """Counts by way, set and language."""

    environment: Environment
    counts: dict[str, dict[str, Counts]]


Read = Callable[[str], Awaitable[Sequence[str]]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what is learned of pasted text.")
    parser.add_argument("--set", choices=("tune", "report", "all"), default="all")
    parser.add_argument("--show", action="store_true", help="print what was learned wrongly")
    add_output(parser)
    args = parser.parse_args(argv)
    environment, messages = describe(), load()
    with running() as server:
        socket = str(server.data_dir / "run" / "engine.sock")
        counts = asyncio.run(_measure(socket, messages, args.set, show=args.show))
    result = Result(environment, counts)
    publish(result, _table(result), args.output)
    return 0


def load() -> Messages:
    """Return all messages."""
    return msgspec.convert(tomllib.loads(MESSAGES.read_text(encoding="utf-8")), Messages)


async def _measure(
    socket: str, messages: Messages, wanted: str, *, show: bool
) -> dict[str, dict[str, Counts]]:
    engine = EngineClient(socket)
    reader = StatementReader(Encoder(engine, MODEL, DIMENSIONS), load_head())

    async def by_forms(text: str) -> list[str]:
        return [one.content for one in statements(text)]

    async def by_meaning(text: str) -> list[str]:
        return [one.content for one in await reader.read(text)]

    try:
        ways: dict[str, Read] = {"forms": by_forms, "forms and meaning": by_meaning}
        return {
            name: {
                f"{part} {language}": await _count(messages, part, language, read, show=show)
                for part in ("tune", "report")
                if wanted in (part, "all")
                for language in sorted({one.language for one in messages.pasted})
            }
            for name, read in ways.items()
        }
    finally:
        await engine.close()


async def _count(messages: Messages, part: str, language: str, read: Read, *, show: bool) -> Counts:
    def of(each: Sequence[Message]) -> list[Message]:
        return [one for one in each if (one.set, one.language) == (part, language)]

    wrong, kept, sentences = 0, 0, 0
    for message in of(messages.pasted):
        learned = set(await read(message.text))
        foreign = learned - set(message.own)
        wrong += bool(foreign)
        if foreign and show:
            print(f"{part} {language} {message.kind}: {sorted(foreign)}", file=sys.stderr)
    for message in of(messages.own):
        learned = set(await read(message.text))
        kept += len(learned & set(message.own))
        sentences += len(message.own)
        if show and (missed := set(message.own) - learned):
            print(f"{part} {language} missed: {sorted(missed)}", file=sys.stderr)
    return Counts(len(of(messages.pasted)), wrong, sentences, kept)


def _table(result: Result) -> str:
    rows = [
        (way, name, f"{counts.wrong} of {counts.pastes}", f"{counts.kept} of {counts.sentences}")
        for way, by_set in result.counts.items()
        for name, counts in by_set.items()
    ]
    return table(("way", "set", "wrong", "kept"), rows)


if __name__ == "__main__":
    sys.exit(main())
