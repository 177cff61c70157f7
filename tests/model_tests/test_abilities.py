"""What a model may do is found out once for each file, and is kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from pisovereign.assembly.routes import TABLES
from pisovereign.errors import NotFound
from pisovereign.model_tests.abilities import ModelAbilities
from pisovereign.model_tests.questions import ToolQuestion, load_questions
from pisovereign.model_tests.self_test import SelfTest
from pisovereign.model_tests.store import TestStore
from pisovereign.model_tests.tool_test import Call, ToolTest
from pisovereign.model_tests.types import UNTESTED
from pisovereign.storage.pool import Database
from tests.model_tests.support import meant, scripted_engine
from tests.storage.conftest import Settings
from tests.support.server import ADMIN_KEY, Server, wait_until

QUESTIONS = load_questions()
MEANT = {sentence.text: sentence.command for sentence in QUESTIONS.commands}
LIMIT_S = 60.0


class Scripted:
    """A model that does what is meant, and may be away; it counts what it was asked."""

    def __init__(self) -> None:
        self.away = False
        self.hangs = False
        self.asked = 0
        self.read = 0

    def answer(self, question: ToolQuestion) -> list[Call] | None:
        self.asked += 1
        return None if self.away else meant(question)

    async def read_command(self, _user: UUID, text: str) -> str | None:
        self.read += 1
        if self.hangs:
            await asyncio.Event().wait()
        return MEANT[text]


@asynccontextmanager
async def abilities(
    server: Server, model: Scripted, name: str, *, automatic: bool = True
) -> AsyncIterator[ModelAbilities]:
    """Those of a process that uses the server's database."""

    settings = Settings()
    database = Database(
        server.database_dsn(),
        pool_size=settings.pool_size,
        statement_timeout_s=settings.statement_timeout_s,
    )
    await database.open()
    try:
        async with scripted_engine(model.answer) as engine:
            test = SelfTest(ToolTest(engine, QUESTIONS), model.read_command, QUESTIONS)
            store = TestStore(database, QUESTIONS.fingerprint)
            made = ModelAbilities(store, test, lambda: name, lambda one: one, automatic=automatic)
            made.start()
            yield made
            await made.stop()
    finally:
        await database.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for is elsewhere
            await asyncio.sleep(0.01)


def test_two_processes_make_one_test_and_both_know_the_result(server: Server) -> None:
    async def scenario() -> None:
        model, name = Scripted(), str(uuid4())
        async with abilities(server, model, name) as one, abilities(server, model, name) as other:
            assert one.of(name) == UNTESTED
            await until(lambda: one.of(name).tested or other.of(name).tested)
            one.wake()
            other.wake()
            await until(lambda: one.of(name).tested and other.of(name).tested)
            assert one.of(name).languages == other.of(name).languages == tuple(QUESTIONS.calls)
            assert one.of("another model") == UNTESTED
        assert model.asked == sum(len(asked) for asked in QUESTIONS.calls.values())
        async with abilities(server, model, name) as later:
            await until(lambda: later.of(name).tested)
        assert model.asked == sum(len(asked) for asked in QUESTIONS.calls.values())

    asyncio.run(scenario())


def test_a_model_that_goes_away_is_tested_when_it_is_back(server: Server) -> None:
    async def scenario() -> None:
        model, name = Scripted(), str(uuid4())
        model.away = True
        async with abilities(server, model, name) as made:
            await until(lambda: model.asked == 1)
            model.away = False
            # Released, it is tested at the next look, by whichever process comes first.
            await until(lambda: _woken(made).of(name).tested)
            assert made.of(name).calls_tools

    asyncio.run(scenario())


def test_the_next_start_tests_a_model_whose_test_was_cut_off(server: Server) -> None:
    """In the middle of a question that takes longer than the end of a process may."""

    async def scenario() -> None:
        model, name = Scripted(), str(uuid4())
        model.hangs = True
        async with abilities(server, model, name):
            await until(lambda: model.read == 1)
        model.hangs = False
        async with abilities(server, model, name) as later:
            await until(lambda: _woken(later).of(name).tested)

    asyncio.run(scenario())


def _woken(made: ModelAbilities) -> ModelAbilities:
    made.wake()
    return made


def test_it_is_tested_again_when_somebody_asks_for_it(server: Server) -> None:
    async def scenario() -> None:
        model, name = Scripted(), str(uuid4())
        async with abilities(server, model, name, automatic=False) as made:
            await made.test_again(name)
            await until(lambda: made.of(name).tested)
            first = model.asked
            await made.test_again(name)
            await until(lambda: made.of(name).tested and model.asked > first)
            assert model.asked == 2 * first
            with pytest.raises(NotFound):
                await made.test_again("another model")

    asyncio.run(scenario())


@pytest.mark.timeout(900)
def test_the_smallest_model_is_tested_by_itself_and_fails(models_dir: Path, data_dir: Path) -> None:
    running = Server(data_dir, models_dir, PISOVEREIGN_INFERENCE__SELF_TEST="true").start()
    try:
        path = "/v1/system/models/smollm2-135m-instruct"

        def tested() -> bool:
            return bool(running.request("GET", f"{path}/abilities").json()["tested"])

        wait_until(tested, 600, "the test of the model")
        shown = running.request("GET", f"{path}/abilities").json()
        assert not shown["calls_tools"]
        assert not shown["reads_commands"]
        assert shown["languages"] == []
        assert all(3 <= score["asked"] <= 10 for score in shown["scores"].values())
        listed = running.request("GET", "/v1/system/models").json()["models"]
        assert listed[0]["abilities"] == shown
        assert re.search(r"smollm2-135m-instruct: calls no tools", running.log_path.read_text())
        assert running.request("POST", "/v1/system/models/x/test", key=ADMIN_KEY).status_code == 404
        answer = running.request("POST", f"{path}/test", key=ADMIN_KEY)
        entries = {entry.name: entry for table in TABLES for entry in table.entries()}
        entry = entries["POST /v1/system/models/{model}/test"]
        assert (answer.status_code, answer.json()) == (entry.status, entry.example.response)
        assert not tested()
    finally:
        running.remove()
