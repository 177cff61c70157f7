"""The engine's keeper with real engines, where memory does not take two models."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import pytest

from pisovereign.config import Config, EngineConfig, MemoryConfig
from pisovereign.engine.compute_settings import ComputeSettings, EngineChoice
from pisovereign.engine_client.client import (
    EngineClient,
    EngineHealth,
    EngineUnavailable,
    Finished,
)
from pisovereign.engine_client.types import ChatRequest, Message
from pisovereign.files import private_folder
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.engine_command import engine_options
from pisovereign.supervisor.engine_keeper import EngineKeeper, SwitchRefused
from pisovereign.supervisor.engine_launcher import EngineLauncher
from tests.support.patience import PATIENCE_S
from tests.support.second_model import add_bytes, add_tiny, models_beside
from tests.support.server import children, command_line, wait_until

SMALL = "smollm2-135m-instruct"
LIMIT_S = 60.0


class Kept:
    """A keeper, and clients of its engine."""

    def __init__(
        self,
        models: Path,
        folder: Path,
        *,
        memory: int,
        launcher: type[EngineLauncher] = EngineLauncher,
    ) -> None:
        options = engine_options(
            Config(
                engine=EngineConfig(tune=False, parallel=2, cache_bytes=0),
                memory=MemoryConfig(embedding_models=("all-minilm-l6-v2",)),
            )
        )
        self.socket = private_folder(folder / "run") / "engine.sock"
        makes = launcher(
            options,
            models=models,
            data_dir=folder,
            state_dir=private_folder(folder / "engine"),
            socket=self.socket,
        )
        self.active = ActiveModel(folder, SMALL)
        self.keeper = EngineKeeper(makes, self.active, available=lambda: memory)

    def run(self, scenario: Coroutine[None, None, None]) -> None:
        """Do what a test does, and end all processes whatever comes of it."""
        try:
            asyncio.run(scenario)
        finally:
            self.keeper.stop(5)

    async def until(self, *stages: str) -> None:
        """Tend the keeper until an exchange has come that far."""
        async with asyncio.timeout(LIMIT_S):
            while (switch := self.keeper.state.switch) is None or switch.stage not in stages:
                self.keeper.tend()
                await asyncio.sleep(0.05)

    async def serves(self) -> None:
        """Tend the keeper until the engine answers."""
        async with asyncio.timeout(LIMIT_S):
            while not self.keeper.serves:
                self.keeper.tend()
                await asyncio.sleep(0.05)

    async def starts_again(self, killed: int) -> None:
        """Tend the keeper until there is an engine instead of one that was killed."""
        async with asyncio.timeout(LIMIT_S):
            while self.keeper.pid in (killed, 0):
                self.keeper.tend()
                await asyncio.sleep(0.01)

    async def ask(self, text: str, tokens: int = 8) -> str:
        """Return the id of the model that answers."""
        client = EngineClient(str(self.socket), timeout_s=LIMIT_S)
        message = Message("user", text)
        request = ChatRequest(model="x", messages=[message], max_tokens=tokens, temperature=0.0)
        try:
            async for event in client.chat(request):
                if isinstance(event, Finished):
                    return event.model
        finally:
            await client.close()
        raise AssertionError("no end")


async def until_health(path: Path, wanted: Callable[[EngineHealth], bool]) -> None:
    """Wait until an engine answers at a socket, with a health that is wanted."""
    client = EngineClient(str(path))
    try:
        async with asyncio.timeout(LIMIT_S):
            while True:
                with contextlib.suppress(EngineUnavailable):
                    if wanted(await client.health()):
                        return
                await asyncio.sleep(0.01)
    finally:
        await client.close()


@pytest.fixture
def models(models_dir: Path, data_dir: Path) -> Path:
    folder = models_beside(models_dir, data_dir / "models")
    add_tiny(folder)
    add_bytes(folder, "broken", b"GGUF" + b"\xff" * 5000)
    return folder


@pytest.fixture(params=["beside", "in turn"])
def kept(models: Path, data_dir: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    kept = Kept(models, data_dir, memory=0 if request.param == "in turn" else 1 << 40)
    kept.keeper.start()
    yield kept
    kept.keeper.stop(5)
    assert not kept.socket.exists()


def test_who_asks_meanwhile_is_answered(kept: Kept) -> None:
    async def go() -> None:
        await kept.serves()
        long = asyncio.create_task(kept.ask("Tell me a long story.", 150))
        await until_health(kept.socket, lambda health: health.active > 0)
        kept.keeper.use("tiny")
        with pytest.raises(SwitchRefused, match="tiny is being loaded"):
            kept.keeper.use("tiny")
        kept.keeper.tend()
        waiting = [asyncio.create_task(kept.ask("Hello")) for _ in range(6)]
        await kept.until("done", "failed")
        assert kept.keeper.state.model == "tiny"
        assert await long == SMALL
        assert {await answer for answer in waiting} <= {SMALL, "tiny"}
        assert await kept.ask("Hello") == "tiny"

    asyncio.run(go())
    assert ActiveModel(kept.socket.parent.parent, SMALL).model == "tiny"


def test_the_model_before_serves_on_after_a_failure(kept: Kept) -> None:
    async def go() -> None:
        await kept.serves()
        kept.keeper.use("broken")
        kept.keeper.tend()
        waiting = [asyncio.create_task(kept.ask("Hello")) for _ in range(4)]
        await kept.until("failed")
        async with asyncio.timeout(LIMIT_S):
            while not all(answer.done() for answer in waiting):
                kept.keeper.tend()
                await asyncio.sleep(0.05)
        assert {answer.result() for answer in waiting} == {SMALL}
        switch = kept.keeper.state.switch
        assert switch is not None
        assert "cannot load" in switch.error

    asyncio.run(go())
    assert ActiveModel(kept.socket.parent.parent, SMALL).model == SMALL


def test_a_model_that_cannot_be_used_any_more_is_given_up(models: Path, data_dir: Path) -> None:
    ActiveModel(data_dir, SMALL).choose("broken")
    kept = Kept(models, data_dir, memory=1 << 40)
    assert kept.active.model == "broken"
    kept.keeper.start()
    until = time.monotonic() + LIMIT_S

    async def go() -> None:
        while kept.active.model != SMALL or not kept.keeper.serves:
            assert time.monotonic() < until
            kept.keeper.tend()
            await asyncio.sleep(0.05)
        assert await kept.ask("Hello") == SMALL

    kept.run(go())
    assert not (data_dir / "active-model").exists()


def test_an_engine_that_served_is_started_again_at_once(models: Path, data_dir: Path) -> None:
    """Killed in quick succession, it was restarted later each time, after up to half a minute."""
    kept = Kept(models, data_dir, memory=1 << 40)
    kept.keeper.start()

    async def go() -> None:
        for _ in range(4):
            await kept.serves()
            killed = kept.keeper.pid
            os.kill(killed, signal.SIGKILL)
            async with asyncio.timeout(LIMIT_S):
                while kept.keeper.pid == killed:
                    kept.keeper.tend()
                    await asyncio.sleep(0.01)
            assert kept.keeper.pid != 0

    kept.run(go())


class NeverServing(EngineLauncher):
    """Makes the command line of a program that ends at once."""

    def argv(self, model: str) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit(1)"]


def test_one_that_never_serves_is_started_later_each_time(
    models: Path, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept(models, data_dir, memory=1 << 40, launcher=NeverServing)
    kept.keeper.start()
    until = time.monotonic() + LIMIT_S
    while len(caplog.records) < 3 and time.monotonic() < until:
        kept.keeper.tend()
        time.sleep(0.01)
    kept.keeper.stop(5)
    pauses = ["in 0 s", "in 0.5 s", "in 1 s"]
    assert [record.getMessage().rpartition("again ")[2] for record in caplog.records] == pauses


def test_a_switch_goes_on_when_the_engine_ends_meanwhile(models: Path, data_dir: Path) -> None:
    """The one started again took the file of the next one's socket away."""
    kept = Kept(models, data_dir, memory=1 << 40)
    kept.keeper.start()

    async def go() -> None:
        await kept.serves()
        kept.keeper.use("tiny")
        kept.keeper.tend()
        killed = kept.keeper.pid
        os.kill(killed, signal.SIGKILL)
        await kept.starts_again(killed)
        waiting = [asyncio.create_task(kept.ask("Hello")) for _ in range(4)]
        await kept.until("done", "failed")
        assert {await answer for answer in waiting} <= {SMALL, "tiny"}
        switch = kept.keeper.state.switch
        assert switch is not None
        assert (switch.stage, switch.error) == ("done", "")
        assert kept.keeper.state.model == "tiny"
        assert await kept.ask("Hello") == "tiny"

    kept.run(go())


class SecondHangs(EngineLauncher):
    """Makes command lines of which the second one for the first model serves nobody."""

    starts = 0

    def argv(self, model: str) -> list[str]:
        self.starts += model == SMALL
        if model == SMALL and self.starts == 2:
            return [sys.executable, "-c", "import time; time.sleep(600)"]
        return super().argv(model)


def test_a_candidate_that_ends_before_its_turn_does_not_get_it(
    models: Path, data_dir: Path
) -> None:
    """It was chosen all the same, and the engine that worked was dismissed."""
    kept = Kept(models, data_dir, memory=1 << 40, launcher=SecondHangs)
    kept.keeper.start()

    async def go() -> None:
        await kept.serves()
        first, before = kept.keeper.pid, children()
        kept.keeper.use("tiny")
        kept.keeper.tend()
        (candidate,) = children() - before
        os.kill(first, signal.SIGKILL)
        await kept.starts_again(first)
        await until_health(kept.socket.with_name("engine.next"), lambda _: True)
        kept.keeper.tend()  # it waits for the other one now
        os.kill(candidate, signal.SIGKILL)
        wait_until(lambda: command_line(candidate) == "", PATIENCE_S, "its end")
        await kept.until("done", "failed")
        switch = kept.keeper.state.switch
        assert switch is not None
        assert (switch.stage, switch.error) == ("failed", "it ended with SIGKILL")
        assert kept.keeper.state.model == SMALL
        os.kill(kept.keeper.pid, signal.SIGKILL)
        await kept.serves()
        assert await kept.ask("Hello") == SMALL

    kept.run(go())
    assert not (data_dir / "active-model").exists()


WITH_FLASH = EngineChoice(
    settings=ComputeSettings(threads=1, batch_threads=1, flash_attention=True),
    wait_policy="passive",
)


async def renewed(kept: Kept) -> None:
    """Tend the keeper until no exchange is under way."""
    async with asyncio.timeout(LIMIT_S):
        while kept.keeper.exchanges or not kept.keeper.serves:
            kept.keeper.tend()
            await asyncio.sleep(0.02)


def test_settings_are_exchanged_and_nobody_notices(kept: Kept) -> None:
    async def go() -> None:
        await kept.serves()
        first = kept.keeper.pid
        assert "--flash-attention=off" in command_line(first)
        long = asyncio.create_task(kept.ask("Tell me a long story.", 60))
        await until_health(kept.socket, lambda health: health.active > 0)
        assert kept.keeper.renew(WITH_FLASH)
        assert not kept.keeper.renew(WITH_FLASH)
        kept.keeper.tend()
        waiting = [asyncio.create_task(kept.ask("Hello")) for _ in range(6)]
        await renewed(kept)
        assert await long == SMALL
        assert {await answer for answer in waiting} == {SMALL}
        assert kept.keeper.pid != first
        assert "--flash-attention=on" in command_line(kept.keeper.pid)
        # Nobody is told of a switch, and none is remembered.
        assert kept.keeper.state.switch is None

    asyncio.run(go())
    assert not (kept.socket.parent.parent / "active-model").exists()


class NoFlash(EngineLauncher):
    """Makes command lines that do not work with flash attention."""

    def argv(self, model: str) -> list[str]:
        argv = super().argv(model)
        if "--flash-attention=on" in argv:
            return [sys.executable, "-c", "raise SystemExit(3)"]
        return argv


@pytest.mark.parametrize("memory", [0, 1 << 40])
def test_settings_that_do_not_work_are_taken_back(
    models: Path, data_dir: Path, memory: int
) -> None:
    kept = Kept(models, data_dir, memory=memory, launcher=NoFlash)
    kept.keeper.start()

    async def go() -> None:
        await kept.serves()
        assert kept.keeper.renew(WITH_FLASH)
        await renewed(kept)
        assert "--flash-attention=off" in command_line(kept.keeper.pid)
        assert await kept.ask("Hello") == SMALL
        assert kept.keeper.state.switch is None

    kept.run(go())


def test_another_model_that_is_wanted_meanwhile_comes_next(models: Path, data_dir: Path) -> None:
    kept = Kept(models, data_dir, memory=1 << 40)
    kept.keeper.start()

    async def go() -> None:
        await kept.serves()
        assert kept.keeper.renew(WITH_FLASH)
        kept.keeper.tend()
        kept.keeper.use("tiny")
        with pytest.raises(SwitchRefused, match="tiny is being loaded"):
            kept.keeper.use("tiny")
        await kept.until("done", "failed")
        assert kept.keeper.state.model == "tiny"
        assert await kept.ask("Hello") == "tiny"

    kept.run(go())
