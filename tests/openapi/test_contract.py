"""The running server does what the document says, whatever is sent: thousands of requests."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case, Response
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok

from pisovereign.assembly.routes import render_document
from tests.support.patience import PATIENCE_S
from tests.support.server import BOB_KEY, TWO_USERS, Server

load_all_checks()
# JSON-RPC has rules and errors of its own: tests/mcp has its official client.
_SCHEMA = schemathesis.openapi.from_dict(json.loads(render_document())).exclude(path="/mcp")
# No schema can tell every rule, such as what only a shell would understand. The others send
# requests of their own, without what the real ones need.
_EXCLUDED: list[Any] = [
    check
    for check in CHECKS.get_all()
    if check.__name__ in ("positive_data_acceptance", "unsupported_method", "ignored_auth")
]
# Unknown parameters of an address are ignored, and a body that is too large is refused as such.
_OF_BODIES: list[Any] = [c for c in CHECKS.get_all() if c.__name__ == "negative_data_rejection"]
_TOO_LARGE = 413
# What nobody has set up here says so, which is no fault of the server.
_OF_ERRORS: list[Any] = [c for c in CHECKS.get_all() if c.__name__ == "not_a_server_error"]
_NOT_CONFIGURED = 503
# A prompt of that many characters is read in a moment; longer ones than the longest are refused.
_LONG, _LONGEST = 40, 8_000
_TASK = "/v1/agentic/tasks/{task_id}"
_HEADERS = {"Authorization": f"Bearer {BOB_KEY}"}
_QUIETLY = settings(
    deadline=None,
    max_examples=36,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
_sent: list[str] = []


@pytest.fixture(scope="module")
def own_server(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that nobody else uses: everything may be created and deleted.

    At its end it still answers, to thousands of requests, in whatever order the tests came.
    """
    server = Server(tmp_path_factory.mktemp("contract") / "data", models_dir, TWO_USERS).start()
    yield server
    health = requests.get(f"{server.url}/health", timeout=PATIENCE_S)
    server.remove()
    assert health.status_code == 200
    found = [result.ok() for result in _SCHEMA.get_all_operations() if isinstance(result, Ok)]
    if {operation.label for operation in found} <= set(_sent):  # else some tests were chosen
        assert len(_sent) >= 2000, len(_sent)


def shorten_response(case: Case[Any]) -> None:
    """Let a response be one token, and what is asked for it short."""
    body: Any = case.body
    if case.path != "/v1/responses" or not isinstance(body, dict):
        return
    most = body.get("max_output_tokens")
    if most is None or (isinstance(most, int) and most > 1):
        body["max_output_tokens"] = 1
    for name in ("input", "instructions"):
        text = body.get(name)
        if isinstance(text, str) and _LONG < len(text) <= _LONGEST:
            body[name] = text[:_LONG]


def in_reason(case: Case[Any]) -> Case[Any]:
    """Let answers be short and streams end."""
    body: Any = case.body
    if isinstance(body, dict) and "/chat" in case.path:
        for name in ("max_tokens", "max_completion_tokens"):
            if isinstance(body.get(name), int) and body[name] > 1:
                body[name] = 1
        if body.get("max_completion_tokens") is None and body.get("max_tokens") is None:
            body["max_tokens"] = 1
        for name in ("message", "system_prompt"):
            text = body.get(name)
            if isinstance(text, str) and _LONG < len(text) <= _LONGEST:
                body[name] = text[:_LONG]
        if isinstance(body.get("messages"), list):
            body["messages"] = body["messages"][:3]
    shorten_response(case)
    if case.path in ("/api/chat", "/api/generate") and isinstance(body, dict):
        options = body.get("options")
        if isinstance(options, dict) or options is None:
            body["options"] = {**(options or {}), "num_predict": 1}
        for message in body.get("messages") or ():
            if isinstance(message, dict) and isinstance(message.get("tool_calls"), list):
                message["tool_calls"] = message["tool_calls"][:3]
    if case.path == "/v1/events":
        case.query = {**(case.query or {}), "follow": "false"}
    return case


def send(server: Server, case: Case[Any]) -> requests.Response:
    """Send it and hold the answer to the document."""
    if case.path == f"{_TASK}/stream":  # it ends with the task
        task = case.formatted_path.removesuffix("/stream")
        requests.post(f"{server.url}{task}/cancel", headers=_HEADERS, timeout=60)
    request = in_reason(case).as_transport_kwargs(base_url=server.url, headers=_HEADERS)
    response = requests.request(**request, timeout=60, allow_redirects=False)
    _sent.append(case.operation.label)
    no_body = "requestBody" not in case.operation.definition.raw
    lenient = no_body or response.status_code == _TOO_LARGE
    away = response.status_code == _NOT_CONFIGURED
    excluded = _EXCLUDED + _OF_BODIES * lenient + _OF_ERRORS * away
    case.validate_response(response, excluded_checks=excluded)
    return response


@_SCHEMA.parametrize()
@_QUIETLY
def test_whatever_is_sent(own_server: Server, case: Case[Any]) -> None:
    send(own_server, case)


def test_what_was_made_can_be_used(own_server: Server) -> None:
    wrong: list[Exception] = []

    class Machine(_SCHEMA.as_state_machine()):  # type: ignore[misc]
        def call(self, case: Case[Any], **_: Any) -> Response:
            try:
                return Response.from_any(send(own_server, case))
            except Exception as error:
                wrong.append(error)
                raise

        def validate_response(self, response: Response, case: Case[Any], **_: Any) -> None:
            """It is done."""

    # What was made before is still there, so the same beginning may go on otherwise.
    with contextlib.suppress(FlakyStrategyDefinition):
        run_state_machine_as_test(
            Machine,
            settings=settings(_QUIETLY, max_examples=25, stateful_step_count=12),
        )
    assert not wrong, wrong[0]
