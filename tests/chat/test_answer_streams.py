"""Answers that go on while their client is away, and messages that are sent twice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.chat.test_stream import in_flight
from tests.support.long_answers import LONG_STORY
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, BOB_KEY, TWO_USERS, Server, wait_until

Event = tuple[int, str, Any]


def ask(server: Server, message: str, **fields: Any) -> requests.Response:
    """Begin an answer that can be taken up again; its stream is read by the caller."""
    body = {"message": message, "resumable": True, "temperature": 0.0, **fields}
    return requests.post(
        f"{server.url}/v1/chat/stream",
        json=body,
        headers={"Authorization": f"Bearer {ALICE_KEY}"},
        stream=True,
        timeout=60,
    )


def resume(server: Server, message: str, after: int = 0, key: str = ALICE_KEY) -> requests.Response:
    return requests.get(
        f"{server.url}/v1/chat/streams/{message}",
        headers={"Authorization": f"Bearer {key}", "Last-Event-ID": str(after)},
        stream=True,
        timeout=60,
    )


def read(response: requests.Response) -> Iterator[Event]:
    """The numbered events of a stream, as they come."""
    assert response.status_code == 200, response.text
    fields: dict[str, str] = {}
    for line in response.iter_lines(chunk_size=1, decode_unicode=True):
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif not line and "data" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


def text(events: list[Event]) -> str:
    return "".join(data["delta"] for _, kind, data in events if kind == "message")


def stored(server: Server, conversation: str) -> list[dict[str, Any]]:
    found = server.request("GET", f"/v1/conversations/{conversation}/messages").json()
    assert isinstance(found, list)
    return found


def test_an_answer_is_taken_up_again_where_it_was_cut_off(server: Server) -> None:
    name = f"resumed-{uuid.uuid4()}"
    response = ask(server, "Tell a long story.", conversation_id=name, max_tokens=150)
    before = []
    for event in read(response):
        before.append(event)
        if len(before) == 3:
            break
    response.close()
    began = before[0]
    assert (began[0], began[1]) == (1, "started")
    assert began[2]["conversation_id"] == name
    message = began[2]["message_id"]
    rest = list(read(resume(server, message, before[-1][0])))
    assert [number for number, _, _ in before + rest] == list(range(1, len(before + rest) + 1))
    assert rest[-1][1] == "done"
    said = stored(server, name)
    assert [one["role"] for one in said] == ["user", "assistant"]
    assert said[0]["id"] == message
    assert said[1]["content"] == text(before + rest)
    assert said[1]["details"]["tokens"] == rest[-1][2]["tokens"]
    assert list(read(resume(server, message))) == before + rest
    assert not list(read(resume(server, message, rest[-1][0])))


def test_while_it_is_written_its_conversation_says_so(server: Server) -> None:
    name = f"answering-{uuid.uuid4()}"
    response = ask(server, LONG_STORY, conversation_id=name, max_tokens=800)
    events = read(response)
    assert next(events)[1] == "started"
    assert [next(events)[1] for _ in range(2)] == ["expected", "message"]
    assert stored(server, name)[-1]["answering"] is True
    message = stored(server, name)[-1]["id"]
    cancelled = server.request("POST", f"/v1/chat/streams/{message}/cancel")
    assert cancelled.status_code == 200
    rest = list(events)
    assert (rest[-1][1], rest[-1][2]["finish_reason"]) == ("done", "stopped")
    wait_until(lambda: in_flight(server) == 0, PATIENCE_S, "the engine to end")
    said = stored(server, name)
    assert "answering" not in said[0]
    shown = text(list(read(resume(server, message))))
    assert said[1]["content"] == shown
    assert said[1]["details"]["finish_reason"] == "stopped"
    assert server.request("POST", f"/v1/chat/streams/{message}/cancel").json()["status"] == "done"


def test_nobody_else_sees_or_ends_it(server: Server) -> None:
    events = list(read(ask(server, "Hello", max_tokens=5)))
    message = events[0][2]["message_id"]
    assert resume(server, message, key=BOB_KEY).status_code == 404
    path = f"/v1/chat/streams/{message}/cancel"
    assert server.request("POST", path, key=BOB_KEY).status_code == 404
    assert resume(server, str(uuid.uuid4())).status_code == 404


def test_without_asking_for_it_an_answer_ends_with_its_client(server: Server) -> None:
    name = f"left-{uuid.uuid4()}"
    response = ask(
        server,
        LONG_STORY,
        conversation_id=name,
        max_tokens=2000,
        resumable=False,
        client_message_id=str(uuid.uuid4()),
    )
    events = read(response)
    next(events)
    assert [next(events)[1] for _ in range(2)] == ["expected", "message"]
    response.close()
    wait_until(
        lambda: in_flight(server) == 0, PATIENCE_S, "the departed client's generation to end"
    )
    assert [one["role"] for one in stored(server, name)] == ["user"]


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/stream"])
def test_a_message_that_is_sent_twice_is_one(server: Server, path: str) -> None:
    name, own = f"twice-{uuid.uuid4()}", str(uuid.uuid4())
    body = {
        "message": "Name a color.",
        "conversation_id": name,
        "client_message_id": own,
        "max_tokens": 12,
    }
    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(server.request, "POST", path, json=body) for _ in range(3)]
        answers = [each.result() for each in sent]
    assert [each.status_code for each in answers] == [200, 200, 200]
    said = stored(server, name)
    assert [one["role"] for one in said] == ["user", "assistant"]
    again = server.request("POST", path, json=body)
    for each in (*answers, again):
        assert said[1]["id"] in each.text
        assert len(stored(server, name)) == 2
    other = server.request("POST", path, json=body | {"message": "Name a city."})
    assert other.status_code == 409
    # Another user's id is another one, though it is the same.
    theirs = server.request("POST", path, json=body, key=BOB_KEY)
    assert theirs.status_code == 200
    assert said[1]["id"] not in theirs.text


def test_a_command_that_is_sent_twice_happens_once(server: Server) -> None:
    name = f"once-{uuid.uuid4()}"
    title = f"water {uuid.uuid4().hex[:8]}"
    body = {
        "message": f"Remind me tomorrow at 8 am to {title}",
        "conversation_id": name,
        "client_message_id": str(uuid.uuid4()),
    }
    first, second = (server.request("POST", "/v1/chat", json=body).json() for _ in range(2))
    assert first == second
    listed = server.request("GET", "/v1/reminders?limit=500").json()
    assert sum(title in one["title"] for one in listed) == 1


def test_what_is_wrong_with_a_request_has_its_status(server: Server) -> None:
    long = "word " * 1_999
    refused = ask(server, long, system_prompt="x " * 3_900)
    if refused.status_code == 200:  # the model's context takes it
        refused.close()
        return
    assert refused.status_code == 422


@pytest.fixture
def own(models_dir: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that is killed, with an answer limit that leaves time for it."""
    running = Server(tmp_path / "data", models_dir, TWO_USERS).start()
    yield running
    running.remove()


def test_a_killed_program_says_that_an_answer_was_interrupted(own: Server) -> None:
    """The message sent again is answered then, and is there once."""
    name, client_id = f"killed-{uuid.uuid4()}", str(uuid.uuid4())
    fields = {"conversation_id": name, "client_message_id": client_id}
    response = ask(own, "Tell a very long story.", max_tokens=1500, **fields)
    events = read(response)
    began = next(events)
    assert [next(events)[1] for _ in range(2)] == ["expected", "message"]
    assert own.process is not None
    own.kill_everything()
    own.start()
    message = began[2]["message_id"]
    # What was sent may be lost with the machine; what comes then is new all the same.
    rest = list(read(resume(own, message, 500)))
    assert rest[-1][1] == "error"
    assert "send it again" in rest[-1][2]["message"]
    assert [one["role"] for one in stored(own, name)] == ["user"]
    again = list(read(ask(own, "Tell a very long story.", max_tokens=20, **fields)))
    assert (again[0][1], again[-1][1]) == ("started", "done")
    assert [one["role"] for one in stored(own, name)] == ["user", "assistant"]
