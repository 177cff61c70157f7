"""The entries of routes say what the running server does, and docs/api.md says what they say."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import falcon.asgi
import pytest
import requests
from msgspec.structs import fields

from pisovereign.app import create_app
from pisovereign.asgi.routes import EVENTS, JSON, Route
from pisovereign.assembly.routes import TABLES
from pisovereign.connectors.configuration import WholeConfig
from pisovereign.errors import PiSovereignError
from pisovereign.parsing.parser import Parser
from pisovereign.runtime import Runtime
from tests.docs.blocks import blocks, read
from tests.documents.support import read as read_file
from tests.reminders.support import remind, wait_for_event
from tests.support.server import ADMIN_KEY, Server
from tools.api_reference import render

PAGE = read("docs/api.md")
SECTIONS: dict[str, str] = {
    heading: text
    for heading, _, text in (part.partition("\n") for part in re.split(r"(?m)^##+ ", PAGE)[1:])
}
ENTRIES = {entry.name: entry for table in TABLES for entry in table.entries()}
# The webhook is for Meta alone, calendar and mailbox need a server, a test of the model would be
# felt by other tests: tests/channels/whatsapp, tests/connectors and tests/model_tests send theirs.
# Who signs in, and others who may, are of tests/accounts.
# What changes models is sent by tests/system/test_model_files.py, to a folder of its own.
ELSEWHERE = ("/webhooks/", "/calendar/", "/v1/tasks", "/v1/contacts", "/mails", "{model}/test")
ACCOUNTS = ("/v1/sign-in", "/v1/session", "/v1/people", "/v1/passkeys", "/v1/api-keys")
ROUTES = [
    entry
    for entry in ENTRIES.values()
    if entry.documented
    and not any(part in entry.path for part in ELSEWHERE)
    and not entry.path.startswith((*ACCOUNTS, "/v1/profile"))
    and not (entry.path.startswith("/v1/system/models") and entry.method != "GET")
    and "/v1/system/model-" not in entry.path
    # They make files, replace what is stored, and end the server: tests/backup, tests/system and
    # tests/updates.
    and "/v1/system/backup" not in entry.path
    and entry.path != "/v1/system/restart"
    and not entry.path.startswith("/v1/system/updates/")
    # What they say differs from machine to machine: tests/system/test_device.py.
    and entry.path not in ("/v1/system/overview", "/v1/system/history", "/v1/system/log")
]
PAGES = {"GET /", "GET /api-docs/openapi.json", "GET /swagger-ui", "GET /redoc"}
# They need services outside: tests/speech.
SPEECH = {"POST /v1/audio/transcriptions", "POST /v1/audio/speech"}
PUBLIC = PAGES | {
    "GET /health",
    "GET /ready",
    "GET /ready/all",
    "GET /metrics",
    "GET /metrics/prometheus",
}
# What the sections say of parameters that a route needs.
QUERIES = {
    "DELETE /v1/memories": "?confirm=all",
    "GET /v1/memories/search": "?q=dark+mode",
    "GET /v1/documents/search": "?q=dark+mode",
    "GET /v1/reminders": "?status=scheduled",
    "GET /v1/events": "?after=0&follow=false",
    "GET /v1/commands/catalog/search": "?q=disk+space",
}
# What is made before its routes are called.
MADE = (
    "/v1/memories",
    "/v1/reminders",
    "/v1/lists",
    "/v1/agentic/schedules",
    "/v1/push/subscriptions",
)
CHAT_ROUTES = ["/v1/chat", "/v1/chat/stream"]
TOO_LARGE = b"x" * ((1 << 20) + 1)
JSON_TYPE = {"Content-Type": "application/json"}

BREAKING: dict[str, list[Any]] = {
    "message": ["", "  ", "x" * 10_001, "a\0b", 1, None],
    "conversation_id": ["", "a b", "ä", "x" * 129, 1],
    "system_prompt": ["", "x" * 8_001, "a\0b"],
    "model": ["unknown-model", ""],
    "temperature": [-0.1, 2.1, "warm"],
    "max_tokens": [0, 8193, 1.5],
    "use_memory": ["no", 1],
    "use_documents": ["no", 1],
    "learn": ["no", 1],
    "commands": ["no", 1],
    "replaces": ["first", 1, "0c9ec45a-8a4b-469e-94b4-04b59a332916"],
    "client_message_id": ["first", 1],
}
PROVOKING: dict[int, tuple[str, str, dict[str, Any]]] = {
    400: ("POST", "/v1/chat", {"data": b"{", "headers": JSON_TYPE}),
    401: ("GET", "/v1/conversations", {"key": "sk-wrong"}),
    404: ("GET", "/v1/nothing", {}),
    405: ("PUT", "/v1/chat", {}),
    413: ("POST", "/v1/chat", {"data": TOO_LARGE, "headers": JSON_TYPE}),
    415: (
        "POST",
        "/v1/chat",
        {"data": b"{}", "headers": JSON_TYPE | {"Content-Encoding": "gzip"}},
    ),
    422: ("POST", "/v1/chat", {"json": {"message": ""}}),
}


def table(section: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    rows = [line for line in SECTIONS[section].splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows[2:]]


def shape(data: Any) -> Any:
    """Names and kinds of values, without the values; a list is as its entries are."""
    match data:
        case dict():
            # An answer of a few tokens is too short to tell how fast it came.
            known = data | {"tokens_per_s": 1.0} if "tokens_per_s" in data else data
            # Nor is known how long the first sub-task of a kind takes.
            if known.get("expected_s", 0) is None:
                known = known | {"expected_s": 1.0}
            return {name: shape(value) for name, value in known.items()}
        case list():
            shapes = [shape(entry) for entry in data]
            kinds = set(map(str, shapes))
            return [*kinds] if kinds in ({"number"}, {"str"}) else shapes
        case bool() | None:
            return data
        case int() | float():
            return "number"
        case _:
            return type(data).__name__


def events(stream: str) -> dict[str, Any]:
    """The last data of each kind of event."""
    found = re.findall(r"^event: (\w+)\ndata: (.*)$", stream, re.MULTILINE)
    return {name: json.loads(data) for name, data in found}


def created(server: Server, path: str) -> str:
    """The id of what the example of a route makes."""
    answer = server.request("POST", path, json=ENTRIES[f"POST {path}"].example.request).json()
    return str(answer["id"])


def call(server: Server, entry: Route, **options: Any) -> requests.Response:
    """Do what an entry's example shows; what it is about exists before."""
    path, method = entry.path, entry.method
    if "/conversations/" in path:
        server.chat("Hi", conversation_id="conv-123", max_tokens=2)
        path = path.replace("{id}", "conv-123")
    path = path.replace("{model}", "smollm2-135m-instruct")
    if "/catalog/{id}" in path:
        path = path.replace("{id}", catalog_command(server, method))
    if path == "/v1/messages/search":
        server.chat("How far is it to Bergen?", conversation_id="conv-123", max_tokens=2)
    if "/chat/streams/" in path:
        path = path.replace("{id}", answered(server))
    if "{item_id}" in path:
        made_list = created(server, "/v1/lists")
        added = ENTRIES["POST /v1/lists/{id}/items"].example.request
        answer = server.request("POST", f"/v1/lists/{made_list}/items", json=added).json()
        path = path.replace("{item_id}", str(answer["items"][0]["id"]))
    for made in MADE:
        if path.startswith(made) and entry.name != f"POST {made}":
            path = path.replace("{id}", created(server, made))
    path, more = about_document(server, entry, path)
    options |= more
    if "/events" in path:
        remind(server, "Call the dentist", dt.timedelta(0))
        wait_for_event(server, "reminder_due")
    if "/approvals" in path or "/audit" in path:
        path = path.replace("{id}", pending_approval(server))
    if "/agentic/tasks" in path and entry.name != "POST /v1/agentic/tasks":
        path = path.replace("{task_id}", finished_task(server))
    if entry.example.request is not None:
        options["json"] = entry.example.request
    if entry.scope == "admin":
        options.setdefault("key", ADMIN_KEY)
    return server.request(method, path + QUERIES.get(entry.name, ""), **options)


def about_document(server: Server, entry: Route, path: str) -> tuple[str, dict[str, Any]]:
    """The path of a route, about a document that is read, and a file where one is sent."""
    if not entry.path.startswith("/v1/documents"):
        return path, {}
    if entry.name == "POST /v1/documents":
        return path, {"params": {"name": "a.txt"}, "data": uuid4().hex.encode()}
    document = read_file(server, "lease.md", f"# Dark mode\n\n{uuid4()}".encode())
    return path.replace("{id}", str(document["id"])), {}


def answered(server: Server) -> str:
    """The id of a message whose answer is complete, and can be streamed again."""
    body = {"message": "Hello", "max_tokens": 8, "resumable": True, "conversation_id": "conv-123"}
    stream = server.request("POST", "/v1/chat/stream", json=body).text
    return str(events(stream)["started"]["message_id"])


def catalog_command(server: Server, method: str) -> str:
    """The id of a default, or of a command that may be deleted."""
    if method != "DELETE":
        return "default-disk-free"
    return created(server, "/v1/commands/catalog")


def finished_task(server: Server) -> str:
    """The id of a task that is over."""
    made = ENTRIES["POST /v1/agentic/tasks"].example.request
    answer = server.request("POST", "/v1/agentic/tasks", json=made).json()
    task = str(answer["task_id"])
    server.request("GET", f"/v1/agentic/tasks/{task}/stream")
    return task


def pending_approval(server: Server) -> str:
    """The id of an approval for a command that somebody added."""
    command = catalog_command(server, "DELETE")
    answer = server.request("POST", f"/v1/commands/catalog/{command}/execute").json()
    shown = ENTRIES["POST /v1/commands/catalog/{id}/execute"].example.pending
    assert shape(answer) == shape(shown)
    return str(answer["approval_id"])


@pytest.fixture
def _own_things(server: Server) -> None:
    """Nothing of other examples is there: there may be only so much of each."""
    for approval in server.request("GET", "/v1/approvals?status=pending").json():
        server.request("POST", f"/v1/approvals/{approval['id']}/cancel")
    for command in server.request("GET", "/v1/commands/catalog?offset=32").json():
        server.request("DELETE", f"/v1/commands/catalog/{command['id']}")
    for one in server.request("GET", "/v1/lists").json():
        server.request("DELETE", f"/v1/lists/{one['id']}")
    for one in server.request("GET", "/v1/agentic/schedules").json():
        server.request("DELETE", f"/v1/agentic/schedules/{one['id']}")
    server.request("DELETE", "/v1/conversations/conv-123")
    server.request("DELETE", "/v1/memories?confirm=all")


def names(entry: Route) -> str:
    return entry.name


# Forms are longer than their examples, and tools are those of other programs:
# tests/connections/test_examples.py; Telegram needs a bot, and what is
# supervised somebody else: tests/channels/telegram, tests/approvals/test_supervised.py.
FORMS = (
    "/v1/connections",
    "/v1/settings",
    "/v1/mcp/servers",
    "/v1/telegram",
    "/v1/notifications",
    "/v1/supervised",
)
EXEMPLARY = [
    entry
    for entry in ROUTES
    if entry.name not in PAGES | SPEECH
    and not entry.path.startswith(FORMS)
    # It answers with a file: tests/documents.
    and entry.name != "GET /v1/documents/{id}/content"
]


@pytest.mark.usefixtures("_own_things")
@pytest.mark.parametrize("entry", EXEMPLARY, ids=names)
def test_each_route_answers_as_its_example(server: Server, entry: Route) -> None:
    response = call(server, entry)
    expected = entry.example.response
    assert response.status_code == entry.status
    if entry.status == 204:
        assert not response.content
        return
    assert response.headers["Content-Type"].startswith(entry.media_type)
    if entry.media_type == JSON:
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        answer = response.json()
        # However long the list is, one entry shows how all look.
        shown = answer[:1] if isinstance(answer, list) else answer
        assert shape(shown) == shape(expected)
    elif entry.media_type == "text/markdown":
        assert response.text.splitlines()[0].startswith("# ")
    elif entry.media_type == EVENTS:
        kinds, told = events(expected), events(response.text)
        if entry.name == "GET /v1/events":  # what else has happened may be told too
            told = {name: told[name] for name in kinds}
        assert shape(told) == shape(kinds)
    elif entry.media_type == "text/plain":
        series = [line.rpartition(" ")[0] for line in expected.splitlines()]
        assert set(series) <= {line.rpartition(" ")[0] for line in response.text.splitlines()}
    else:
        lines = [json.loads(line) for line in response.text.splitlines()]
        assert shape(lines[-1]) == shape(json.loads(expected))


@pytest.mark.parametrize("entry", ROUTES, ids=names)
def test_only_public_routes_answer_without_a_key(server: Server, entry: Route) -> None:
    path = re.sub(r"{\w+}", str(uuid4()), entry.path)
    body = {} if entry.example.request is None else {"json": entry.example.request}
    path += QUERIES.get(entry.name, "")
    response = server.request(entry.method, path, key="sk-wrong", **body)
    assert (response.status_code != 401) == (entry.name in PUBLIC)
    assert ("Public." in SECTIONS[entry.name]) == (entry.name in PUBLIC)


def test_the_page_is_current() -> None:
    assert render(PAGE) == PAGE, "run python -m tools.api_reference"


def test_what_is_served_is_what_has_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    served: set[str] = set()

    def record(app: object, path: str, resource: object) -> None:
        methods = ("get", "post", "put", "patch", "delete")
        served.update(f"{m.upper()} {path}" for m in methods if hasattr(resource, f"on_{m}"))

    monkeypatch.setattr(falcon.asgi.App, "add_route", record)
    runtime = Runtime(
        database_dsn="",
        engine_target="/nowhere",
        runner_socket=Path("/nowhere"),
        privileged_socket=None,
        master_key=bytes(32),
        owner_key="sk-owner-0123456789abcdef",
        time_zone=ZoneInfo("UTC"),
        started_at=0.0,
        root_pid=1,
    )
    create_app(WholeConfig(), runtime, Parser())
    assert served == set(ENTRIES)


@pytest.mark.parametrize("entry", [e for e in ENTRIES.values() if e.fields], ids=names)
def test_every_field_is_described(entry: Route) -> None:
    body = entry.types().body
    assert body is not None
    assert list(entry.fields) == [field.encode_name for field in fields(body)]


@pytest.mark.parametrize("path", CHAT_ROUTES)
@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in BREAKING.items() for value in values]
)
def test_each_rule_is_kept(server: Server, path: str, field: str, value: Any) -> None:
    body = {"message": "Hi", "max_tokens": 1, field: value}
    response = server.request("POST", path, json=body)
    assert response.status_code == 422
    named = [row["field"] for row in response.json()["error"]["details"]["fields"]]
    assert named == [field]


def test_the_bounds_themselves_are_allowed(server: Server) -> None:
    body = {
        "message": "x",
        "conversation_id": "Az09._:-".ljust(128, "x"),
        "system_prompt": "y",
        "model": "smollm2-135m-instruct",
        "temperature": 2.0,
        "max_tokens": 1,
        "use_memory": False,
        "use_documents": False,
        "learn": False,
        "commands": False,
        "client_message_id": "0c9ec45a-8a4b-469e-94b4-04b59a332916",
    }
    assert body.keys() == BREAKING.keys() - {"replaces"}
    assert server.request("POST", "/v1/chat", json=body).status_code == 200
    lists = ("limit=1&offset=0", "limit=500")
    codes = [server.request("GET", f"/v1/conversations?{q}").status_code for q in lists]
    assert codes == [200, 200]


def test_the_error_table_is_the_exception_tree() -> None:
    documented = {(int(row[0]), row[1]) for row in table("Errors")}
    raised = {
        (kind.status, kind.code)
        for kind in PiSovereignError.__subclasses__()
        if kind.__module__ == "pisovereign.errors"
    }
    assert documented == raised


@pytest.mark.parametrize("status", PROVOKING)
def test_errors_are_as_described(server: Server, status: int) -> None:
    method, path, options = PROVOKING[status]
    response = server.request(method, path, **options)
    assert response.status_code == status
    described = {int(row[0]): row[1] for row in table("Errors")}
    error = response.json()["error"]
    assert error["code"] == described[status]
    shown = next(block for block in blocks(SECTIONS["Errors"]) if block.kind == "error")
    expected = json.loads(shown.text)["error"]
    assert error.keys() == expected.keys()
    if status == 422:
        assert shape(error) == shape(expected)
    else:
        assert error["details"] == {}


def test_headers_are_as_described(server: Server) -> None:
    described = {row[0] for row in table("Headers")}
    listed = server.request("GET", "/v1/conversations")
    missing = {name for name in described if name not in listed.headers}
    assert missing <= {"Retry-After", "X-Next-Cursor"}
    for path in ("/health", "/ready", "/ready/all"):
        headers = server.request("GET", path).headers
        assert "X-Request-Id" in headers
        assert not [name for name in headers if name.lower().startswith("x-ratelimit")]
