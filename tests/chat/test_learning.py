"""Learning in chat, through the running program."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from pisovereign.memory.learning import LEARNED_TAG, LEAST_CHARACTERS
from tests.chat.test_memories import frame_of
from tests.chat.test_stream import events
from tests.memory.support import forget_all, remember
from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.engine_proxy import EngineProxy
from tests.support.patience import PATIENCE_S
from tests.support.server import BOB_KEY, Server, wait_until

FACT = "I am allergic to hazelnuts and walnuts."
MARK = "My bicycle has the frame number 4711."
LIMIT_S = 60


@pytest.fixture(scope="module")
def proxy(server: Server) -> Iterator[EngineProxy]:
    with EngineProxy(server.data_dir / "run" / "engine.sock") as running:
        # What is learned from is what people say; the answer only has to be one.
        running.says = "Thank you for telling me. I will think about what that means."
        yield running


@pytest.fixture(scope="module")
def process(server: Server, proxy: EngineProxy) -> Iterator[ApiProcess]:
    """An API that learns, as it does by default."""
    with ApiProcess(
        server, PISOVEREIGN_INFERENCE__BASE_URL=proxy.url, PISOVEREIGN_MEMORY__LEARN="true"
    ) as running:
        yield running


@pytest.fixture
def api(memories: Server, process: ApiProcess, proxy: EngineProxy) -> Iterator[ApiProcess]:
    """Nobody has a memory before and after, and nothing waits to be learned."""
    yield process
    learned_after(memories, process, MARK)


def listed(server: Server, **options: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.request("GET", "/v1/memories", **options).json()
    return found


def say(api: ApiProcess, message: str, **fields: Any) -> dict[str, Any]:
    """One turn with an answer that is long enough to be learned from."""
    answer = api.chat(message, **{"max_tokens": 40, "commands": False, **fields})
    assert len(answer["content"].strip()) >= LEAST_CHARACTERS
    return answer


def learned_after(server: Server, api: ApiProcess, mark: str) -> list[dict[str, Any]]:
    """What is remembered once a further statement was learned: exchanges are taken in order."""
    say(api, mark, learn=True)
    wait_until(lambda: mark in {one["content"] for one in listed(server)}, LIMIT_S, "the mark")
    wait_until(lambda: not learning_left(server), LIMIT_S, "what the model chooses")
    return [one for one in listed(server) if one["content"] != mark]


def learning_left(server: Server) -> bool:
    """Whether an exchange is still learned from, or the model has to choose among sentences.

    What is learned can be seen before its job is over, and only then the choice is queued.
    """
    statement = (
        "SELECT EXISTS (SELECT FROM jobs WHERE queue IN ('memory_learning', 'memory_choices')"
        " AND state IN ('waiting', 'running'))"
    )
    with superuser(server) as connection:
        row = connection.execute(statement).fetchone()
    return bool(row and row[0])


@pytest.mark.parametrize("route", ["/v1/chat", "/v1/chat/stream"])
def test_a_fact_of_one_conversation_is_used_in_another(
    memories: Server, api: ApiProcess, proxy: EngineProxy, route: str
) -> None:
    body = {"message": f"{FACT} What can I bake?", "max_tokens": 40, "temperature": 0.0}
    assert api.request("POST", route, json=body).status_code == 200
    (memory,) = learned_after(memories, api, MARK)
    assert (memory["content"], memory["memory_type"]) == (FACT, "Fact")
    assert memory["tags"] == [LEARNED_TAG]
    answer = api.chat("Which nuts am I allergic to?", commands=False)
    assert answer["memories"][0]["id"] == memory["id"]
    assert f"- Fact: {FACT}" in frame_of(proxy.newest)


def test_what_was_just_said_is_known_to_the_next_message(
    memories: Server, api: ApiProcess, proxy: EngineProxy
) -> None:
    """Without anything between the two."""
    for number in range(3):
        say(api, f"My locker number {number} is at the harbor.")
        answer = api.chat(f"Where is my locker number {number}?", commands=False)
        assert f"- Fact: My locker number {number} is at the harbor." in frame_of(proxy.newest)
        assert answer["memories"]


def test_what_was_answered_before_a_kill_is_learned(memories: Server, proxy: EngineProxy) -> None:
    settings = {"PISOVEREIGN_INFERENCE__BASE_URL": proxy.url, "PISOVEREIGN_MEMORY__LEARN": "true"}
    with ApiProcess(memories, **settings) as api:
        proxy.stuck_embeddings = True
        try:
            say(api, f"{FACT} What can I bake?", use_memory=False)
            api.process.kill()
            api.process.wait(PATIENCE_S)
        finally:
            proxy.stuck_embeddings = False
    # As if the lease of whoever was killed had run out: the next one goes on.
    with superuser(memories) as connection:
        connection.execute("UPDATE jobs SET lease_until = now() WHERE state = 'running'")
    with ApiProcess(memories, **settings):
        wait_until(lambda: {one["content"] for one in listed(memories)} == {FACT}, 90, "the fact")
    forget_all(memories)


def test_in_german_too(memories: Server, api: ApiProcess, proxy: EngineProxy) -> None:
    say(api, "Ich bin gegen Haselnüsse allergisch. Was kann ich backen?")
    (memory,) = learned_after(memories, api, MARK)
    answer = api.chat("Gegen welche Nüsse bin ich allergisch?", commands=False)
    assert [used["id"] for used in answer["memories"]] == [memory["id"]]
    assert "- Fact: Ich bin gegen Haselnüsse allergisch." in frame_of(proxy.newest)


def test_types_and_importance(memories: Server, api: ApiProcess) -> None:
    message = "I prefer tea to coffee. Remember that my locker has the number 118."
    say(api, message)
    found = {one["memory_type"]: one for one in learned_after(memories, api, MARK)}
    assert found["Preference"]["content"] == "I prefer tea to coffee."
    assert found["Fact"]["content"] == "My locker has the number 118."
    assert found["Fact"]["importance"] > found["Preference"]["importance"]


def test_a_correction_takes_the_place_of_what_it_corrects(
    memories: Server, api: ApiProcess
) -> None:
    old = remember(memories, "My locker at work has the number 118")
    say(api, "No, my locker at work has the number 119.")
    found = {one["content"]: one for one in learned_after(memories, api, MARK)}
    new = found["My locker at work has the number 119."]
    assert new["memory_type"] == "Correction"
    assert found[old["content"]]["superseded_by"] == new["id"]
    used = {
        one["id"]
        for one in api.chat("Which number does my locker have?", commands=False)["memories"]
    }
    assert new["id"] in used
    assert old["id"] not in used


def test_what_is_told_again_is_kept_once(memories: Server, api: ApiProcess) -> None:
    for _ in range(2):
        say(api, f"{FACT} What can I bake?")
    assert len(learned_after(memories, api, MARK)) == 1


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (f"{FACT} What can I bake?", {"learn": False}),
        ("I am.", {"system_prompt": "Whatever is said, tell a long story of a ship."}),
        ("What would you cook for somebody who is allergic to nuts?", {}),
        (f'My sister wrote: "{FACT}" What can I bake?', {}),
        (f"Summarize this text in one short sentence:\n{FACT}", {}),
    ],
)
def test_what_is_not_learned(
    memories: Server, api: ApiProcess, message: str, fields: dict[str, Any]
) -> None:
    say(api, message, **fields)
    assert learned_after(memories, api, MARK) == []


def test_a_short_answer_is_small_talk(
    memories: Server, api: ApiProcess, proxy: EngineProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy, "says", "Fine.")
    assert len(api.chat(FACT, commands=False)["content"]) < LEAST_CHARACTERS
    monkeypatch.undo()
    assert learned_after(memories, api, MARK) == []


def test_configuration_and_request(memories: Server) -> None:
    """The suite's server does not learn, unless it is asked to."""
    body = {"message": f"{FACT} What can I bake?", "max_tokens": 40}
    assert memories.request("POST", "/v1/chat", json=body).status_code == 200
    body = {"message": MARK, "max_tokens": 40, "learn": True}
    assert memories.request("POST", "/v1/chat", json=body).status_code == 200
    wait_until(lambda: listed(memories), LIMIT_S, "the asked one")
    assert [one["content"] for one in listed(memories)] == [MARK]


def test_what_memories_say_is_not_the_users_word(memories: Server, api: ApiProcess) -> None:
    hostile = remember(memories, "I am allergic to nuts.\nI own a yellow submarine. I love olives.")
    assert say(api, "Which nuts am I allergic to?", learn=True)["memories"]
    (only,) = learned_after(memories, api, MARK)
    assert only["id"] == hostile["id"]


def test_each_user_learns_for_themselves(memories: Server, api: ApiProcess) -> None:
    say(api, f"{FACT} What can I bake?", key=BOB_KEY)
    assert learned_after(memories, api, MARK) == []
    assert [one["content"] for one in listed(memories, key=BOB_KEY)] == [FACT]


def test_a_command_is_not_learned_from(memories: Server, api: ApiProcess) -> None:
    told = api.chat("Remind me tomorrow at 9am to call the dentist, please.")
    assert told["command"]["status"] == "completed"
    assert len(told["content"]) >= LEAST_CHARACTERS
    assert learned_after(memories, api, "My car is parked at the harbor.") == []


def test_events_end_before_anything_is_learned_of(memories: Server, proxy: EngineProxy) -> None:
    """The model takes long to read what was learned; nobody waits for that."""
    settings = {"PISOVEREIGN_INFERENCE__BASE_URL": proxy.url, "PISOVEREIGN_MEMORY__LEARN": "true"}
    with ApiProcess(memories, **settings) as api:
        proxy.stuck_embeddings = True
        try:
            body = {"message": f"{FACT} What can I bake?", "max_tokens": 40, "use_memory": False}
            for _ in range(2):
                response = api.request("POST", "/v1/chat/stream", json=body, timeout=PATIENCE_S)
                assert events(response)[-1][0] == "done"
            assert listed(memories) == []
        finally:
            proxy.stuck_embeddings = False
    forget_all(memories)


def test_what_was_said_before_a_stop_is_learned(memories: Server, proxy: EngineProxy) -> None:
    with ApiProcess(
        memories, PISOVEREIGN_INFERENCE__BASE_URL=proxy.url, PISOVEREIGN_MEMORY__LEARN="true"
    ) as api:
        say(api, f"{FACT} What can I bake?")
        say(api, "I prefer hiking to cycling, by the way.")
        api.process.send_signal(signal.SIGTERM)
        assert api.process.wait(PATIENCE_S) == 0
    learned = {FACT, "I prefer hiking to cycling, by the way."}
    wait_until(lambda: {one["content"] for one in listed(memories)} == learned, 60, "both")


def test_a_stop_does_not_wait_for_what_another_process_learns_afterwards(
    memories: Server, proxy: EngineProxy
) -> None:
    settings = {"PISOVEREIGN_INFERENCE__BASE_URL": proxy.url, "PISOVEREIGN_MEMORY__LEARN": "true"}
    grace = {"PISOVEREIGN_SERVER__SHUTDOWN_GRACE_S": "600"}  # longer than anybody waits here
    with ApiProcess(memories, **settings, **grace) as api:
        proxy.stuck_embeddings = True
        try:
            for number in range(3):
                say(api, f"I own {number} green bicycles and ride them.", use_memory=False)
            api.process.send_signal(signal.SIGTERM)
            assert api.process.wait(PATIENCE_S) == 0
        finally:
            proxy.stuck_embeddings = False
        log = api.log_path.read_text()
    assert "bicycles" not in log
    wait_until(lambda: len(listed(memories)) == 3, 90, "three statements about bicycles")
    forget_all(memories)


@pytest.fixture(scope="module")
def choosing(server: Server, proxy: EngineProxy) -> Iterator[ApiProcess]:
    """An API in which the model chooses too."""
    with ApiProcess(
        server,
        PISOVEREIGN_INFERENCE__BASE_URL=proxy.url,
        PISOVEREIGN_MEMORY__LEARN="true",
        PISOVEREIGN_MEMORY__LEARN_WITH_MODEL="true",
    ) as running:
        yield running


POND = "We talked for hours about our old days."


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ({"keep": [{"sentence": 1, "type": "fact"}]}, {POND}),
        ({"keep": [{"sentence": 9, "type": "fact"}, {"sentence": 0, "type": "fact"}]}, set()),
        ({"keep": [{"sentence": 1, "type": "correction"}]}, set()),
        ({"keep": []}, set()),
        ("I choose the first one.", set()),
    ],
)
def test_the_model_only_chooses_among_the_users_sentences(
    memories: Server, choosing: ApiProcess, proxy: EngineProxy, answer: Any, chosen: set[str]
) -> None:
    proxy.answers = [answer if isinstance(answer, str) else json.dumps(answer), '{"keep": []}']
    say(choosing, f"{POND} {FACT} What grows there?")
    found = learned_after(memories, choosing, MARK)
    assert {one["content"] for one in found} == {FACT} | chosen


def test_the_engines_own_model_keeps_to_the_form(
    memories: Server, choosing: ApiProcess, proxy: EngineProxy
) -> None:
    """How well so small a model chooses is not asked; what it says can be read."""
    proxy.answers = []
    before = len(choosing.log_path.read_text())
    say(choosing, f"{POND} Our talk was long. What grows there?")
    found = learned_after(memories, choosing, MARK)
    assert {one["content"] for one in found} <= {POND, "Our talk was long."}
    assert "nothing is learned" not in choosing.log_path.read_text()[before:]
