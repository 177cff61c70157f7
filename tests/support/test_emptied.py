"""A shared server is empty when another file of tests begins to use it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg

from tests.accounts.support import signed_in
from tests.actions.test_commands import command
from tests.approvals.conftest import Approvals
from tests.support import emptied
from tests.support.emptied import BY_OTHER_COLUMNS, KEPT, SharedServers, owned_tables
from tests.support.server import ADMIN_KEY, BOB_KEY, Server

_ALL = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
FACT = {"content": "The bittern booms at dusk", "summary": "bittern"}
MADE: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/v1/lists", {"name": "Emptied"}),
    ("POST", "/v1/memories", FACT),
    ("POST", "/v1/reminders", {"title": "Air the room", "remind_at": "2099-01-01T00:00:00Z"}),
    ("POST", "/v1/chat", {"message": "Remind me tomorrow at 8 to call Ada"}),
    ("POST", "/v1/api-keys", {"name": "Script"}),
    ("POST", "/v1/agentic/tasks", {"description": "Compare three kinds of tea"}),
    ("PATCH", "/v1/profile", {"language": "fr", "theme": "dark"}),
    ("PUT", "/v1/settings/reminders", {"values": {"snooze_minutes": 17}}),
    ("PUT", "/v1/connections/weather", {"values": {"location": "Oslo"}}),
]


def test_each_table_is_emptied_or_known_to_stay(server: Server) -> None:
    with psycopg.connect(server.owner_dsn()) as connection:
        tables = {row[0] for row in connection.execute(_ALL).fetchall()}
        emptied_ones = owned_tables(connection)
    assert set(KEPT) <= tables
    assert tables == emptied_ones | BY_OTHER_COLUMNS | set(KEPT)


def test_nothing_is_left_and_nothing_is_remembered(server: Server) -> None:
    approvals = Approvals(server)
    anybody = (ADMIN_KEY, BOB_KEY)
    for key in anybody:
        for method, path, body in MADE:
            if key == BOB_KEY and path.startswith("/v1/connections"):
                continue  # the household's, which needs an owner
            made = server.request(method, path, key=key, json=body)
            assert made.status_code < 300, (path, made.text)
        assert found(server, key), "the index is in memory now"
        approvals.ask(key=key)
    owner = signed_in(server.url)
    owner.request("POST", "/v1/people", json={"name": "Ben", "role": "member"})

    emptied.empty(server)

    with psycopg.connect(server.owner_dsn()) as connection:
        for table in owned_tables(connection) | BY_OTHER_COLUMNS:
            where = "WHERE user_id IS NOT NULL" if table == "catalog_commands" else ""
            count = connection.execute(f"SELECT count(*) FROM {table} {where}".encode()).fetchall()
            assert count == [(0,)], table
    for key in anybody:
        assert not found(server, key)
        approvals.ask(key=key)
        report = approvals.verify(key=key)
        assert report["intact"], report
        assert len(approvals.request("GET", key=key).json()) == 1
        assert server.request("GET", "/v1/lists", key=key).json() == []
        groups = server.request("GET", "/v1/settings", key=key).json()["settings"]
        (reminders,) = [group for group in groups if group["kind"] == "reminders"]
        assert reminders["values"]["snooze_minutes"] != 17
        nothing = command(server, "reminders", key=key).json()
        assert nothing["text"] == "You have no reminders.", "and not in French"
        again = server.request("POST", "/v1/memories", key=key, json=FACT)
        assert again.status_code == 201, again.text
        assert [each["id"] for each in found(server, key)] == [again.json()["id"]]
    assert server.request("GET", "/v1/connections", key=ADMIN_KEY).text.count("Oslo") == 0


def found(server: Server, key: str) -> list[Any]:
    answer = server.request("GET", "/v1/memories/search?q=bittern", key=key)
    return list(answer.json())


def test_a_file_is_begun_once_for_each_server_that_it_uses(monkeypatch: Any) -> None:
    done: list[Any] = []
    monkeypatch.setattr(emptied, "empty", done.append)
    shared = SharedServers()

    def begin(file: str, *fixtures: str) -> None:
        item: Any = SimpleNamespace(path=Path(file), fixturenames=fixtures)
        shared.begin(item)

    one: Any = "one"
    begin("a", "server")
    shared.add("server", one)
    begin("a", "server")
    assert done == [], "it has just started"
    begin("b", "other")
    begin("a", "server")
    assert done == [], "nobody else used it"
    begin("b", "server", "other")
    begin("b", "server")
    assert done == ["one"]
