"""Clients that ask one question after another, each as soon as its last answer is complete."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

import aiohttp
import msgspec

from bench.dialogue import Dialogue, Heard, Say, Target
from bench.player import Player

Questions = Sequence[Say]


async def ask(target: Target, clients: Sequence[Questions]) -> list[Heard]:
    """Let each client ask its own questions; returns all answers, those of a client together.

    Raises:
        RuntimeError: an answer is not complete.
    """
    start = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(_client(target, says, start) for says in clients))
    heard = [one for each in answers for one in each]
    if problems := {one.problem for one in heard} - {""}:
        raise RuntimeError(f"answers of {target.url} are missing: {problems}")
    return heard


async def _client(target: Target, says: Questions, start: float) -> list[Heard]:
    # A connection for each question: llama-server ends it after each streamed answer, just when the
    # next question may be on its way, and what is compared is asked alike.
    path = target.socket
    connector: aiohttp.BaseConnector = (
        aiohttp.UnixConnector(path, force_close=True)
        if path
        else aiohttp.TCPConnector(force_close=True)
    )
    timeout = aiohttp.ClientTimeout(total=None)
    clock = asyncio.get_running_loop().time
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        player = Player(session, Dialogue(target, []), secrets.token_hex(8))
        return [
            await player.say(msgspec.structs.replace(say, at_s=clock() - start), start)
            for say in says
        ]


def dealt(questions: Questions, clients: int) -> list[Questions]:
    """Return the questions of each client, dealt as cards are."""
    return [questions[at::clients] for at in range(clients)]
