"""Requests that Ollama's client would not send, and what stands beside its routes."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.support.server import ALICE_KEY, Server

MODEL = "smollm2-135m-instruct"
HELLO = {"role": "user", "content": "Hello"}
SHORT = {"num_predict": 2}


def tool(name: str, parameters: Any = None) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": ""}, "model"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"options": {"top_k": -1}}, "options.top_k"),
        ({"options": {"stop": ["x"] * 17}}, "options.stop"),
        ({"format": "xml"}, "format"),
        ({"think": "very"}, "think"),
        ({"tools": [tool("no spaces")]}, "tools[0].function.name"),
        ({"tools": [tool("a"), tool("a")]}, "tools"),
        ({"tools": [tool("a", {"type": "string"})]}, "tools[0].function.parameters"),
        ({"stream": "no"}, "stream"),
    ],
)
def test_what_breaks_a_rule_is_named(server: Server, change: dict[str, Any], field: str) -> None:
    body = {"model": MODEL, "messages": [HELLO], "options": SHORT, "stream": False, **change}
    response = server.request("POST", "/api/chat", json=body)
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.json().keys() == {"error"}
    assert response.json()["error"].partition(": ")[0] == field


@pytest.mark.parametrize("field", ["raw", "template", "suffix", "images"])
def test_a_text_is_not_written_otherwise(server: Server, field: str) -> None:
    value: Any = {"raw": True, "images": ["aGk="]}.get(field, "x")
    body = {"model": MODEL, "prompt": "Hi", "stream": False, field: value}
    response = server.request("POST", "/api/generate", json=body)
    assert response.status_code == 400
    assert response.json()["error"].startswith(f"{field}: ")


def test_what_is_not_known_is_ignored(server: Server) -> None:
    body = {
        "model": MODEL,
        "messages": [{**HELLO, "thinking": "?", "name": "x"}],
        "options": {**SHORT, "num_gpu": 1, "mirostat": 2, "num_ctx": 8192.0, "num_keep": None},
        "stream": False,
        "keep_alive": "-1s",
        "logprobs": True,
    }
    assert server.request("POST", "/api/chat", json=body).status_code == 200


def test_curl_says_that_a_body_is_a_form(server: Server) -> None:
    response = requests.post(
        f"{server.url}/api/generate",
        data=b'{"model": "%b", "prompt": "Hi", "options": {"num_predict": 2}}' % MODEL.encode(),
        headers={
            "Authorization": f"Bearer {ALICE_KEY}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=60,
    )
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/x-ndjson")
    assert response.text.endswith("}\n")


def test_a_page_of_somebody_else_is_not_answered(server: Server) -> None:
    """Any type of body may come, so a form on another page could send one, without a key."""
    response = requests.post(
        f"{server.url}/api/chat",
        data=b"{}",
        headers={"Origin": "https://evil.example", "Content-Type": "text/plain"},
        cookies={"pisovereign-session": "x"},
        timeout=60,
    )
    assert response.status_code in (401, 403)
    assert isinstance(response.json()["error"], str)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/create", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/chat", 405),
        ("POST", "/api/chat", 400),
    ],
)
def test_every_error_is_a_text(server: Server, method: str, path: str, status: int) -> None:
    response = server.request(method, path, data=b"{")
    assert response.status_code == status
    assert isinstance(response.json()["error"], str)
    without = requests.request(method, f"{server.url}{path}", timeout=60)
    assert without.status_code == 401
    assert isinstance(without.json()["error"], str)


def test_other_paths_have_errors_of_their_own(server: Server) -> None:
    assert server.request("GET", "/v1/nothing").json()["error"]["code"] == "NOT_FOUND"


def test_the_address_itself_answers(server: Server) -> None:
    """Programs look for life there; people find the page at the same address."""
    assert server.request("HEAD", "/").status_code == 200
    assert server.request("HEAD", "/api/version").status_code == 200
    assert server.request("GET", "/ollama").text == "Ollama is running"
