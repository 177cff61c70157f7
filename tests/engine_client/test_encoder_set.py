"""Vectors of several models, from the real engine and from another server."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from pisovereign.cache.metrics import CacheMetrics
from pisovereign.cache.store import Cache, Region
from pisovereign.engine_client.client import EngineClient
from pisovereign.engine_client.encoder import Encoder
from pisovereign.engine_client.encoder_set import EncoderSet
from tests.engine.support import EngineProcess
from tests.support.embeddings import MODEL, EmbeddingServer

SIZES = {"all-minilm-l6-v2": 384, "use-multilingual": 512}
USER = UUID(int=1)


def with_encoders(
    target: str,
    sizes: dict[str, int],
    work: Callable[[EncoderSet], Awaitable[None]],
    *,
    cached: bool = False,
) -> None:
    async def go() -> None:
        client = EngineClient(target)
        cache = Cache(1 << 20, 100, CacheMetrics(CollectorRegistry()))
        region: Region[array[float]] = Region(
            cache, "embeddings", 60.0, lambda vector: 4 * len(vector)
        )
        encoders = [Encoder(client, model, size) for model, size in sizes.items()]
        try:
            await work(EncoderSet(client, encoders, region if cached else None))
        finally:
            await client.close()

    asyncio.run(go())


def test_both_models_answer_at_once_as_each_alone(engine: EngineProcess) -> None:
    async def work(encoders: EncoderSet) -> None:
        texts = ["Where is the key?", "Wo ist der Schlüssel?"]
        made = await encoders.encode(texts)
        assert list(made) == list(SIZES)
        for encoder in encoders.encoders:
            for joint, text in zip(made[encoder.model], texts, strict=True):
                (alone,) = await encoder.encode([text])
                # Two texts have one scale for both in 8 bits.
                assert sum(map(float.__mul__, joint, alone)) > 0.98
        assert await encoders.question(USER, texts[0], 5.0) != {}

    with_encoders(str(engine.socket), SIZES, work)


@pytest.mark.parametrize("cached", [False, True])
def test_a_question_has_the_vectors_of_its_models(engine: EngineProcess, cached: bool) -> None:
    async def work(encoders: EncoderSet) -> None:
        first = await encoders.question(USER, "Where is the key?", 5.0)
        again = await encoders.question(USER, "Where is the key?", 5.0)
        assert {model: len(vector) for model, vector in first.items()} == SIZES
        for encoder in encoders.encoders:
            assert first[encoder.model] == again[encoder.model]
            assert first[encoder.model] == await encoder.question(USER, "Where is the key?", 5.0)

    with_encoders(str(engine.socket), SIZES, work, cached=cached)


def test_a_model_that_is_not_there_or_other_than_said_is_left_out(engine: EngineProcess) -> None:
    async def work(encoders: EncoderSet) -> None:
        found = await encoders.question(USER, "key", 5.0)
        assert list(found) == ["use-multilingual"]

    others = {"all-minilm-l6-v2": 100, "use-multilingual": 512, "not-loaded": 384}
    with_encoders(str(engine.socket), others, work, cached=True)


def test_an_engine_that_is_away_gives_nothing() -> None:
    async def work(encoders: EncoderSet) -> None:
        assert await encoders.question(USER, "key", 1.0) == {}
        assert await encoders.encode(["key"], 1.0) == {}

    with_encoders("/nowhere/engine.sock", SIZES, work, cached=True)


def test_another_server_is_asked_once_for_each_model() -> None:
    async def work(encoders: EncoderSet) -> None:
        assert list(await encoders.question(USER, "key", 5.0)) == [MODEL]

    with EmbeddingServer() as other:
        # It has one model only.
        with_encoders(other.url, {MODEL: 384, "all-minilm-l6-v2": 384}, work)
