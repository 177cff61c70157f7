"""`/v1/chat/stream` through the running program."""

from __future__ import annotations

import json
import socket
import uuid
from typing import Any

import requests

from tests.support.long_answers import LONG_STORY
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, Server, wait_until


def events(response: requests.Response) -> list[tuple[str, Any]]:
    """The named events of a whole stream; comments are heartbeats."""
    found = []
    for block in response.content.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def stream(server: Server, message: str, **fields: Any) -> requests.Response:
    body = {"message": message, "max_tokens": 12, "temperature": 0.0, **fields}
    return server.request("POST", "/v1/chat/stream", json=body)


def in_flight(server: Server) -> int:
    """How many requests the server is serving beside this one."""
    health = server.engine_health()
    return int(health["active"] + health["queue"])


def raw_request(server: Server, body: dict[str, Any]) -> socket.socket:
    data = json.dumps(body).encode()
    head = (
        f"POST /v1/chat/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ALICE_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    connection.sendall(head.encode() + data)
    return connection


def test_deltas_then_done(server: Server) -> None:
    # Asked nowhere else: nothing is expected of a kept answer.
    response = stream(server, "Tell me about the tides.")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["X-Request-Id"]
    found = events(response)
    assert [name for name, _ in found[:-1]] == ["expected"] + ["message"] * (len(found) - 2)
    name, done = found[-1]
    assert name == "done"
    assert done["tokens"]["total"] == done["tokens"]["prompt"] + done["tokens"]["completion"]
    assert done["model"] == "smollm2-135m-instruct"
    assert uuid.UUID(done["id"])


def test_deltas_equal_what_is_stored_and_what_chat_answers(server: Server) -> None:
    question = "List three emoji: "
    found = events(stream(server, question, max_tokens=40))
    text = "".join(data["delta"] for name, data in found if name == "message")
    stored = server.request("GET", f"/v1/conversations/{found[-1][1]['conversation_id']}").json()
    assert stored["messages"][1]["content"] == text
    assert server.chat(question, max_tokens=40).json()["content"] == text


def test_validation_comes_before_the_stream(server: Server) -> None:
    response = stream(server, "")
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_client_that_leaves_while_it_is_written_to(server: Server) -> None:
    name = f"left-{uuid.uuid4()}"
    connection = raw_request(
        server,
        {"message": LONG_STORY, "temperature": 0, "max_tokens": 900, "conversation_id": name},
    )
    assert b"event: message" in _read_until(connection, b"event: message")
    connection.close()
    wait_until(
        lambda: in_flight(server) == 0, PATIENCE_S, "the departed client's generation to end"
    )
    stored = server.request("GET", f"/v1/conversations/{name}").json()
    assert [m["role"] for m in stored["messages"]] == ["user"]


def test_a_client_that_leaves_during_prefill_disturbs_nobody(server: Server) -> None:
    text = f"{uuid.uuid4()} " + "Some long text that takes a while to read. " * 230
    connection = raw_request(server, {"message": text[:10_000], "max_tokens": 500})
    wait_until(lambda: in_flight(server) > 0, PATIENCE_S, "the prompt to arrive")
    connection.close()
    wait_until(lambda: in_flight(server) == 0, PATIENCE_S, "the departed client's prefill to end")
    assert server.chat("Still there?").status_code == 200


def test_a_client_that_stops_reading_does_not_stop_others(server: Server) -> None:
    connection = raw_request(server, {"message": LONG_STORY, "temperature": 0, "max_tokens": 400})
    wait_until(lambda: in_flight(server) > 0, PATIENCE_S, "the beginning of the answer")
    assert server.chat("Hello").status_code == 200
    connection.close()


def _read_until(connection: socket.socket, mark: bytes) -> bytes:
    data = b""
    while mark not in data and (chunk := connection.recv(65536)):
        data += chunk
    return data
