"""A key in the address, which is for Ollama's routes alone and is written nowhere."""

from __future__ import annotations

import asyncio
from typing import Any

import ollama
import pytest
import requests

from pisovereign.dialects.ollama.key_in_path import KeyInPath
from tests.support.server import ALICE_KEY, Server

KEY = "sk-secret-0123456789abcdef"
OTHER = [(b"authorization", b"Bearer sk-other")]


def passed_on(path: str, headers: Any = ()) -> dict[str, Any]:
    """The request as the app behind sees it."""
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    given = {"type": "http", "path": path, "raw_path": path.encode(), "headers": list(headers)}
    asyncio.run(KeyInPath(app)(given, None, None))  # type: ignore[arg-type]
    return seen[0]


def test_it_becomes_the_header() -> None:
    scope = passed_on(f"/ollama/{KEY}/api/chat")
    assert (scope["path"], scope["raw_path"]) == ("/api/chat", b"/api/chat")
    assert scope["headers"] == [(b"authorization", f"Bearer {KEY}".encode())]


def test_a_header_counts_more() -> None:
    scope = passed_on(f"/ollama/{KEY}/api/chat", OTHER)
    assert scope["headers"] == OTHER


@pytest.mark.parametrize(
    "path",
    [
        f"/ollama/{KEY}/v1/chat",
        f"/ollama/{KEY}/api",
        f"/ollama/{KEY}//api/chat",
        f"/ollama/{KEY}/ollama/{KEY}/api/chat",
        f"/ollama/{KEY}/../v1/chat",
        f"/ollama//{KEY}/api/chat",
        f"//ollama/{KEY}/api/chat",
        f"/Ollama/{KEY}/api/chat",
        f"/ollama/x/{KEY}",
    ],
)
def test_other_routes_have_no_part_in_it(path: str) -> None:
    scope = passed_on(path)
    assert scope["headers"] == []
    assert not scope["path"].startswith(("/api/", "/v1/"))
    assert KEY.encode() not in scope["raw_path"]
    assert KEY not in scope["path"]


def test_what_is_something_else_stays() -> None:
    for path in ("/ollama", "/api/chat", "/", "/v1/chat", "/ollamas/x/api/chat"):
        assert passed_on(path)["path"] == path


def test_a_client_that_knows_only_an_address(server: Server) -> None:
    client = ollama.Client(host=f"{server.url}/ollama/{ALICE_KEY}", timeout=60)
    assert client.list().models
    answer = client.chat(
        model="smollm2-135m-instruct",
        messages=[{"role": "user", "content": "Hello"}],
        options={"num_predict": 2},
    )
    assert answer.message.content
    with pytest.raises(ollama.ResponseError) as caught:
        ollama.Client(host=f"{server.url}/ollama/sk-wrong", timeout=60).list()
    assert caught.value.status_code == 401
    for path in ("", "/"):
        response = requests.head(f"{server.url}/ollama/{ALICE_KEY}{path}", timeout=60)
        assert response.status_code == 200
    url = f"{server.url}/ollama/{ALICE_KEY}/v1/conversations"
    assert requests.get(url, timeout=60).status_code == 401
    assert ALICE_KEY not in server.log_path.read_text("utf-8")
