"""Fetching a model of the catalog, told in Ollama's lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from pisovereign.config import Config
from pisovereign.dialects.ollama.pulling import Pulling
from pisovereign.dialects.ollama.reply_types import Progress
from pisovereign.errors import Conflict, NotFound, PiSovereignError
from pisovereign.models.errors import ModelError
from pisovereign.models.manifest import Model
from pisovereign.models.pull import models_folder_lock
from pisovereign.models.store import ModelStore, State
from pisovereign.models.work import ModelWork
from tests.models.conftest import Origin, pinned, tiny_model


def lines(store: ModelStore, name: str = "tiny") -> list[Progress]:
    """All lines of one request."""

    async def ask() -> list[Progress]:
        pulling = Pulling(ModelWork(store, Config(), 4 << 30))
        return [line async for line in pulling.follow(pulling.find(name))]

    return asyncio.run(ask())


@pytest.fixture
def model(origin: Origin, content: bytes) -> Model:
    return tiny_model(pinned(content, origin.source))


@pytest.fixture
def store(make_store: Callable[..., ModelStore], model: Model) -> ModelStore:
    return make_store(model)


def test_what_is_missing_is_fetched(store: ModelStore, model: Model) -> None:
    told = lines(store)
    assert store.state(model) is State.VERIFIED
    assert told[0] == Progress("pulling manifest")
    assert told[-1] == Progress("success")
    assert all(line.status == "success" or "pull" in line.status for line in told)
    assert lines(store, "tiny:latest") == [Progress("pulling manifest"), Progress("success")]


def test_several_ask_for_the_same(store: ModelStore, model: Model) -> None:
    async def ask() -> list[list[str]]:
        pulling = Pulling(ModelWork(store, Config(), 4 << 30))

        async def one() -> list[str]:
            return [line.status async for line in pulling.follow(pulling.find("tiny"))]

        return list(await asyncio.gather(one(), one()))

    assert [told[-1] for told in asyncio.run(ask())] == ["success", "success"]
    assert store.state(model) is State.VERIFIED


def test_who_leaves_does_not_stop_it(origin: Origin, store: ModelStore, model: Model) -> None:
    async def leave_and_ask_again() -> str:
        pulling = Pulling(ModelWork(store, Config(), 4 << 30))
        told = pulling.follow(pulling.find("tiny"))
        await anext(told)
        await anext(told)
        await told.aclose()
        return [line.status async for line in pulling.follow(pulling.find("tiny"))][-1]

    assert asyncio.run(leave_and_ask_again()) == "success"
    assert len(origin.ranges) == 1
    assert store.state(model) is State.VERIFIED


def test_a_fetch_that_fails_says_why(origin: Origin, store: ModelStore) -> None:
    origin.habits = ["404"] * 20
    with pytest.raises(PiSovereignError, match="tiny could not be fetched"):
        lines(store)


def test_the_folder_is_busy(store: ModelStore) -> None:
    store.root.mkdir(parents=True)
    with models_folder_lock(store.root), pytest.raises(Conflict):
        lines(store)


def test_only_the_catalog_is_fetched(make_store: Callable[..., ModelStore], model: Model) -> None:
    own = msgspec.structs.replace(model, id="own", added=True)
    store = make_store(model, own)
    with pytest.raises(NotFound, match=r"known are: tiny$"):
        lines(store, "llama3.2")
    with pytest.raises(NotFound, match="added by hand"):
        lines(store, "own")
    for name in ("../tiny", "tiny/../x", "", "registry.example/tiny"):
        with pytest.raises((NotFound, ModelError)):
            lines(store, name)
