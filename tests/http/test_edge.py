"""Authentication, the error envelope and hostile bodies, through the running program."""

from __future__ import annotations

import json
import socket
import uuid

import pytest
import requests

from pisovereign.log_bounds import OF_ONE_PLACE
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, Server, wait_until

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer sk-wrong",
        f"Basic {ALICE_KEY}",
        ALICE_KEY,
        f"Bearer {ALICE_KEY}x",
        f"Bearer {ALICE_KEY[:-1]}",
        "Bearer " + "x" * 5000,
    ],
)
@pytest.mark.parametrize(
    "path", ["/v1/chat", "/v1/conversations", "/v1/nothing", "/metrics/../v1/chat"]
)
def test_without_a_good_key_nothing_opens(server: Server, header: str | None, path: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = requests.get(server.url + path, headers=headers, timeout=PATIENCE_S)
    assert response.status_code == 401
    error = response.json()["error"]
    assert error["code"] == "UNAUTHORIZED"
    assert error["message"] == "Invalid or missing API key"
    assert error["request_id"] == response.headers["X-Request-Id"]
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_read_in_any_case(server: Server) -> None:
    headers = {"Authorization": f"bEARER {ALICE_KEY}"}
    assert requests.get(f"{server.url}/v1/conversations", headers=headers, timeout=PATIENCE_S).ok


def test_a_wrong_key_a_thousand_times(server: Server) -> None:
    with requests.Session() as session:
        for _ in range(1000):
            headers = {"Authorization": f"Bearer sk-{uuid.uuid4()}"}
            assert session.get(f"{server.url}/v1/conversations", headers=headers).status_code == 401
    assert server.request("GET", "/v1/conversations").ok


def test_unknown_route(server: Server) -> None:
    response = server.request("GET", "/v1/nothing")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"


def test_wrong_method_names_the_right_ones(server: Server) -> None:
    response = server.request("GET", "/v1/chat")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert response.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("given", ["abc-DEF_1.2", "x" * 128])
def test_a_good_request_id_is_kept(server: Server, given: str) -> None:
    response = server.request("GET", "/v1/nothing", headers={"X-Request-Id": given})
    assert response.headers["X-Request-Id"] == given
    assert response.json()["error"]["request_id"] == given


@pytest.mark.parametrize("given", ["x" * 129, "a b", "<script>", "a,b"])
def test_another_request_id_is_replaced(server: Server, given: str) -> None:
    response = server.request("GET", "/health", headers={"X-Request-Id": given})
    assert uuid.UUID(response.headers["X-Request-Id"])


def test_problem_json(server: Server) -> None:
    headers = {"Accept": "application/problem+json"}
    response = server.request("POST", "/v1/chat", json={"message": ""}, headers=headers)
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body = response.json()
    assert body["status"] == response.status_code == 422
    assert body["code"] == "VALIDATION_ERROR"
    assert body["title"] == "Unprocessable Entity"
    assert body["details"]["fields"][0]["field"] == "message"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"message": "x"',
        b'{"message": "\xff\xfe"}',
        b'{"message": "\\ud800"}',
        b'{"message": NaN}',
        b"[" * 200_000,
        b'{"message": "a\nb"}',
    ],
    ids=lambda body: repr(body[:18]),
)
def test_what_is_not_json_is_a_bad_request(server: Server, body: bytes) -> None:
    response = server.request("POST", "/v1/chat", data=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("text", [b"\\ud800", b"\\ud83dx", b"\\udc00", b"a \\ud800\\ud800 secret"])
def test_half_a_surrogate_pair_is_named_and_not_repeated(server: Server, text: bytes) -> None:
    body = b'{"message": "' + text + b'"}'
    response = server.request("POST", "/v1/chat", data=body, headers=JSON)
    message = response.json()["error"]["message"]
    assert response.status_code == 400
    assert "half of a surrogate pair" in message
    assert not any(word in message for word in ("ud8", "udc", "secret", "truncated"))


@pytest.mark.parametrize("body", [b'{"message": "x', b'{"message": "\\ud800', b'{"message": nul'])
def test_a_body_that_ends_early_is_truncated(server: Server, body: bytes) -> None:
    response = server.request("POST", "/v1/chat", data=body, headers=JSON)
    assert response.status_code == 400
    assert "truncated" in response.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null"])
def test_json_that_is_no_object(server: Server, body: bytes) -> None:
    response = server.request("POST", "/v1/chat", data=body, headers=JSON)
    assert response.status_code == 422


def test_a_number_beyond_every_range(server: Server) -> None:
    body = b'{"message": "x", "max_tokens": 1e400}'
    response = server.request("POST", "/v1/chat", data=body, headers=JSON)
    assert response.status_code == 422


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_a_bad_request(server: Server, media_type: str | None) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    response = server.request("POST", "/v1/chat", data=b'{"message": "x"}', headers=headers)
    assert response.status_code == 400


def test_a_compressed_body_is_unsupported(server: Server) -> None:
    headers = JSON | {"Content-Encoding": "gzip"}
    assert server.request("POST", "/v1/chat", data=b"x", headers=headers).status_code == 415


def test_three_megabytes_are_too_large(server: Server) -> None:
    body = b'{"message": "' + b"x" * 3_000_000 + b'"}'
    response = server.request("POST", "/v1/chat", data=body, headers=JSON)
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_three_megabytes_in_chunks_are_too_large(server: Server) -> None:
    chunks = iter([b'{"message": "', *[b"x" * 100_000] * 30, b'"}'])
    response = server.request("POST", "/v1/chat", data=chunks, headers=JSON)
    assert response.status_code == 413


def test_size_is_checked_before_the_key(server: Server) -> None:
    body = b"x" * 3_000_000
    response = server.request("POST", "/v1/chat", key="sk-wrong", data=body, headers=JSON)
    assert response.status_code == 413


@pytest.mark.parametrize(
    "garbage", [b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00" * 50]
)
def test_what_is_not_http_is_dropped(server: Server, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(garbage)
        connection.settimeout(PATIENCE_S)
        reply = b""
        while chunk := connection.recv(65536):
            reply += chunk
        assert reply.startswith(b"HTTP/1.1 400 ")
        assert b"X-Request-Id: " in reply
        error = json.loads(reply.partition(b"\r\n\r\n")[2])["error"]
        assert error["code"] == "BAD_REQUEST"
    assert requests.get(f"{server.url}/health", timeout=PATIENCE_S).ok


def test_clients_that_dawdle_over_their_headers_are_sent_away(server: Server) -> None:
    beginnings = (b"", b"GET /hea", b"GET / HTTP/1.1\r\nX: y", b"GET /health HTTP/1.1\r\n\r\nGET")
    connections = [
        socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) for _ in beginnings
    ]
    for connection, beginning in zip(connections, beginnings, strict=True):
        connection.sendall(beginning)
    for connection in connections:
        with connection:
            while connection.recv(65536):
                pass


@pytest.mark.parametrize("start", [b"2\r\n{}\r\n0\r\nX: ", b"2;"])
def test_endless_trailers_and_chunk_extensions_are_cut(server: Server, start: bytes) -> None:
    head = b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(head + start)
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
            connection.sendall(b"x" * 10_000_000)


def test_endless_headers_are_cut(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
            connection.sendall(b"X-Filler: " + b"x" * 10_000_000 + b"\r\n")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "x" * 129, "a%20b"])
def test_an_impossible_id_is_an_unknown_one(server: Server, method: str, name: str) -> None:
    response = server.request(method, f"/v1/conversations/{name}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"


def test_the_log_cannot_be_forged(server: Server) -> None:
    mark = uuid.uuid4().hex
    server.request("GET", f"/v1/{mark}%1b[31m%0d%0aFORGED")
    wait_until(lambda: mark in server.log(), PATIENCE_S, "the log line")
    line = next(line for line in server.log().split("\n") if mark in line)
    assert "%0d%0aforged" in line.lower()
    assert "\x1b" not in line
    assert "\r" not in line


@pytest.mark.parametrize("key", [ALICE_KEY, ""])
@pytest.mark.parametrize("path", ["/v1/lists", "/v1/nothing", "/health"])
def test_no_answer_is_cached_or_taken_for_something_else(
    server: Server, path: str, key: str
) -> None:
    headers = server.request("GET", path, key=key).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "One", "name": "Two"}',
        '{"name": "One", "n\\u0061me": "Two"}',
        '{"name": "One", "x": [{"y": {"z": 1, "z": 1}}]}',
    ],
)
def test_a_name_twice_in_one_object_is_refused(server: Server, body: str) -> None:
    before = server.request("GET", "/v1/lists").json()
    answer = server.request("POST", "/v1/lists", data=body, headers=JSON)
    assert answer.status_code == 400
    assert "twice" in answer.json()["error"]["message"]
    assert server.request("GET", "/v1/lists").json() == before


def test_nobody_fills_the_log(server: Server) -> None:
    """Requests without a key, and what is none, are logged as far as they fit."""
    with ApiProcess(server, PISOVEREIGN_SECURITY__RATE_LIMIT_RPM="5") as api:
        port = int(api.url.rpartition(":")[2])
        whole = f"GET /v1/lists HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        before = api.log_path.stat().st_size
        for sent, times in ((b"GET /health\r\n\r\n", 60), (whole.encode(), 350)):
            for _ in range(times):
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
                    client.sendall(sent)
                    assert client.recv(4096).startswith(b"HTTP/1.1 4")
        log = api.log_path.read_bytes()[before:].decode()
    assert log.count("Invalid HTTP request received") <= OF_ONE_PLACE
    assert log.count("/v1/lists") <= 300
    assert log.count("are not logged for up to 60 s") == 1
    assert len(log) < 60_000


def test_nothing_secret_is_logged(server: Server) -> None:
    secret = f"the-cat-is-called-{uuid.uuid4().hex}"
    server.chat(secret)
    server.request("POST", "/v1/chat", data=f'{{"message": "{secret}', headers=JSON)
    log = server.log()
    assert secret not in log
    assert ALICE_KEY not in log
    assert "/v1/chat" in log
