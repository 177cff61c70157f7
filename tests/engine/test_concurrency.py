"""Several clients at once at the real engine with the real model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.engine.support import PUBLIC_PROMPT, EngineProcess, public_prompt_hash, until
from tests.support.patience import PATIENCE_S

URL = "http://e/v1/chat/completions"
QUESTIONS = (
    "What is the capital of France?",
    "Name three colors.",
    "Why is the sky blue?",
    "Write a sentence about a dog.",
)


@pytest.fixture(scope="module")
def engine(models_dir: Path) -> Iterator[EngineProcess]:
    public = public_prompt_hash()
    running = EngineProcess(models_dir, "--threads=1", f"--public-prompt={public}")
    yield running
    running.stop()


def body(text: str, key: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"messages": messages, "temperature": 0, "prompt_cache_key": key, **fields}


async def ask(session: aiohttp.ClientSession, request: dict[str, Any]) -> tuple[str, int]:
    """The answer's text, and how many tokens of the prompt were cached."""
    async with session.post(URL, json=request) as response:
        reply = await response.json()
        assert response.status == 200, reply
        cached: int = reply["usage"]["prompt_tokens_details"]["cached_tokens"]
        return reply["choices"][0]["message"]["content"], cached


async def health(session: aiohttp.ClientSession) -> dict[str, Any]:
    async with session.get("http://e/health") as response:
        figures: dict[str, Any] = await response.json()
        return figures


async def idle(session: aiohttp.ClientSession) -> bool:
    figures = await health(session)
    return bool(figures["active"] == 0 and figures["queue"] == 0)


async def reads(session: aiohttp.ClientSession) -> bool:
    return bool((await health(session))["active"] == 1)


def test_four_at_once_answer_as_each_alone(engine: EngineProcess) -> None:
    """Greedy text is the same: batching changed no bit of the logits here (`test_exactness`)."""

    async def go() -> None:
        async with engine.session() as session:
            alone = [
                (await ask(session, body(q, f"alone {n}", max_tokens=40)))[0]
                for n, q in enumerate(QUESTIONS)
            ]
            asked = (
                ask(session, body(q, f"together {n}", max_tokens=40))
                for n, q in enumerate(QUESTIONS)
            )
            together = [text for text, _ in await asyncio.gather(*asked)]
            assert together == alone
            assert len(set(alone)) == len(QUESTIONS)
            figures = await health(session)
            assert figures["batch_occupancy"] > 1
            assert figures["requests"] == 2 * len(QUESTIONS)
            assert figures["queue_seconds"] > 0
            assert figures["prefill_tokens_per_second"] > 0
            assert figures["decode_tokens_per_second"] > 0

    asyncio.run(go())


def test_a_storm_of_cancelled_requests_frees_everything(engine: EngineProcess) -> None:
    async def go() -> None:
        async with engine.session() as session, engine.session() as watcher:

            async def leave(n: int) -> None:
                long = "word " * (20 * n)
                request = body(long + QUESTIONS[n % 4], f"storm {n}", stream=True)
                try:
                    async with asyncio.timeout(0.05 * n), session.post(URL, json=request) as reply:
                        await reply.read()
                except TimeoutError:
                    pass

            await asyncio.gather(*(leave(n) for n in range(20)))
            # The aim is 0.3 s; the machine that runs this may be busy with other things.
            await until(lambda: idle(watcher), limit_s=PATIENCE_S)
            text, _ = await ask(session, body(QUESTIONS[0], "after the storm", max_tokens=20))
            assert "Paris" in text

    asyncio.run(go())


def test_a_long_prompt_does_not_stall_a_running_answer(engine: EngineProcess) -> None:
    """It is read in pieces; after each of them the answer goes on by a token."""

    async def go() -> int:
        async with engine.session() as session:
            request = body("Write a long story.", "runner", stream=True, max_tokens=400)
            async with session.post(URL, json=request) as stream:
                await stream.content.readuntil(b'"content":"')
                reading = asyncio.create_task(
                    ask(session, body("word " * 1200, "reader", max_tokens=1))
                )
                tokens = 0
                while not reading.done():
                    piece = await stream.content.readany()
                    assert piece, "the answer ended before the prompt was read"
                    tokens += piece.count(b'"content":"')
                return tokens

    assert asyncio.run(go()) > 2


def test_a_short_question_does_not_wait_for_a_long_prompt(engine: EngineProcess) -> None:
    async def go() -> bool:
        async with engine.session() as session:
            await until(lambda: idle(session))
            prompt = body("word " * 1500, "reader", max_tokens=1)
            reading = asyncio.create_task(ask(session, prompt))
            await until(lambda: reads(session))
            await ask(session, body("Say hello.", "asker", max_tokens=1))
            before = not reading.done()
            reading.cancel()
            await asyncio.wait((reading,))
            await until(lambda: idle(session))
            return before

    assert asyncio.run(go())


def test_a_conversation_comes_back_after_others_took_the_slots(engine: EngineProcess) -> None:
    async def go() -> None:
        async with engine.session() as session:
            first = body("Tell me about whales and the sea they live in.", "whale", max_tokens=30)
            text, _ = await ask(session, first)
            for n in range(8):
                await ask(session, body(f"{QUESTIONS[n % 4]} {n}", f"crowd {n}", max_tokens=2))
            before = await health(session)
            assert before["cache_entries"] > 0
            assert 0 < before["cache_bytes"] <= 256 << 20
            first["messages"] += [
                {"role": "assistant", "content": text},
                {"role": "user", "content": "And of dolphins?"},
            ]
            _, cached = await ask(session, first)
            assert cached > 30
            assert (await health(session))["cache_hits"] > before["cache_hits"]

    asyncio.run(go())


@pytest.mark.parametrize("place", ["running", "resident", "snapshot"])
def test_another_users_text_cannot_be_probed(engine: EngineProcess, place: str) -> None:
    """Guessing a text that runs in a slot, lies in one, or is a snapshot tells nothing."""
    messages = [
        {"role": "system", "content": PUBLIC_PROMPT},
        {"role": "user", "content": f"The secret: {place}, a green elephant lives in the attic."},
    ]

    def request(key: str, **fields: Any) -> dict[str, Any]:
        return body("", f"{key} {place}", **fields) | {"messages": messages}

    async def cached(session: aiohttp.ClientSession, key: str) -> int:
        return (await ask(session, request(key, max_tokens=1)))[1]

    async def go() -> None:
        async with engine.session() as session:
            alice = request("alice", stream=True, temperature=1, seed=1, max_tokens=200)
            async with session.post(URL, json=alice) as running:
                # Two pieces: the role, then the first token, so that the prompt is computed.
                for _ in range(2):
                    await running.content.readuntil(b'"content":"')
                if place == "running":
                    probed = await cached(session, "mallory")
                    assert (await health(session))["active"] == 1, "she still had the slot"
                else:
                    await running.read()
            if place != "running":
                crowd = 6 if place == "snapshot" else 0
                for n in range(crowd):
                    key = f"crowd {n} {place}"
                    await ask(session, body(QUESTIONS[n % 4] * 3, key, max_tokens=2))
                hits = (await health(session))["cache_hits"]
                probed = await cached(session, "mallory")
            # `<|im_start|>system`, the prompt and its end: nothing of the message after it.
            assert probed <= len(PUBLIC_PROMPT.split()) + 8
            assert await cached(session, "alice") > probed + 10
            if place == "snapshot":
                assert (await health(session))["cache_hits"] > hits

    asyncio.run(go())
