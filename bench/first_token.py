"""The time to the first token of one streamed answer, over either of the two protocols."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import msgspec

ANSWER_LIMIT_S = 60.0


class Answer(msgspec.Struct, frozen=True):
    """One answer: seconds until its first text, and the engine's work for it in tokens."""

    seconds: float
    prompt_tokens: int
    cached_tokens: int


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where to ask: a session with a connection that stays open, a URL and its headers."""

    session: aiohttp.ClientSession
    url: str
    headers: dict[str, str]


async def ask_engine(target: Target, body: bytes, limit_s: float = ANSWER_LIMIT_S) -> Answer:
    """Ask `/v1/chat/completions`, as the API would."""
    first, usage = 0.0, {"prompt_tokens": 0}
    started = time.perf_counter()
    async with asyncio.timeout(limit_s), _post(target, body) as response:
        async for line in response.content:
            arrived = time.perf_counter()
            if not line.startswith(b"data: {"):
                continue
            chunk: dict[str, Any] = msgspec.json.decode(line[6:])
            if not first and any(c["delta"].get("content") for c in chunk["choices"]):
                first = arrived
            usage = chunk.get("usage") or usage
    details: Any = usage.get("prompt_tokens_details") or {}
    return Answer(_elapsed(started, first), usage["prompt_tokens"], details.get("cached_tokens", 0))


async def ask_api(target: Target, body: bytes) -> Answer:
    """Ask `/v1/chat/stream`, as a user would."""
    first, tokens = 0.0, {"prompt": 0, "cached": 0}
    started = time.perf_counter()
    async with asyncio.timeout(ANSWER_LIMIT_S), _post(target, body) as response:
        async for line in response.content:
            arrived = time.perf_counter()
            if line.startswith(b"data: {"):
                data: dict[str, Any] = msgspec.json.decode(line[6:])
                if not first and data.get("delta"):
                    first = arrived
                tokens = data.get("tokens") or tokens
    return Answer(_elapsed(started, first), tokens["prompt"], tokens["cached"])


def _post(target: Target, body: bytes) -> Any:
    return target.session.post(target.url, data=body, headers=target.headers, raise_for_status=True)


def _elapsed(started: float, first: float) -> float:
    if not first:
        raise RuntimeError("the answer had no text")
    return first - started
