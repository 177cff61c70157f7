"""The catalog through the running program."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from pisovereign.catalog.command_line import parse_command
from tests.catalog.conftest import Catalog
from tests.docs.blocks import read
from tests.support.server import ADMIN_KEY, AGENT_KEY, ALICE_KEY, BOB_KEY

FIELDS = {
    "id", "name", "description", "command", "category", "risk_level", "os", "requires_approval",
    "network", "listed", "folders", "arguments", "own", "created_at", "updated_at",
}  # fmt: skip


def test_the_first_default_is_that_of_the_reference(catalog: Catalog) -> None:
    response = catalog.request("GET", "?limit=1")
    assert response.headers["X-Total-Count"] == "32"
    first = response.json()[0]
    assert first.keys() == FIELDS
    assert {name: first[name] for name in FIELDS - {"created_at", "updated_at"}} == {
        "id": "default-disk-free",
        "name": "Disk Free Space",
        "description": "Show available disk space on all mounts",
        "command": "df -h",
        "category": "filesystem",
        "risk_level": "safe",
        "os": "linux",
        "requires_approval": False,
        "network": False,
        "listed": True,
        "folders": [],
        "arguments": [],
        "own": False,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", first["created_at"])


def test_there_are_32_defaults_and_the_page_names_them(catalog: Catalog) -> None:
    listed = catalog.request("GET").json()
    assert catalog.request("GET", "/count").json() == {"count": 32}
    assert len(listed) == 32
    described = re.findall(
        r"^\| `(default-[a-z-]+)` \| `(.*)` \| (.*) \|$", read("docs/catalog.md"), re.M
    )
    assert described == [(c["id"], c["command"], c["description"]) for c in listed]
    assert {c["id"] for c in listed if c["requires_approval"]} == {
        "default-restart-service",
        "default-reboot",
    }


def test_the_defaults_are_stored_as_they_would_be_parsed(catalog: Catalog) -> None:
    with psycopg.connect(catalog.server.database_dsn()) as connection:
        connection.execute("SET ROLE pisovereign_app")
        rows = connection.execute("SELECT command, argv FROM catalog_commands").fetchall()
    assert len(rows) == 32
    for command, argv in rows:
        words = tuple(
            word if isinstance(word, str) else (word["name"], word["kind"], word["bound"])
            for word in argv
        )
        parsed = parse_command(command)
        assert words == tuple(
            w if isinstance(w, str) else (w.name, w.kind, w.bound) for w in parsed
        )


def test_each_default_ends_politely(catalog: Catalog) -> None:
    """Whatever this machine has of what they need."""
    for command in catalog.request("GET").json():
        if command["requires_approval"]:
            continue
        arguments = {"host": "127.0.0.1"} if command["arguments"] else {}
        response = catalog.execute(command["id"], **arguments)
        assert response.status_code == 200, response.text
        result = response.json()
        assert result["status"] in ("completed", "failed")
        if result["status"] == "failed":
            assert result["stderr"] or result["stdout"], command["id"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=501", 422),
        ("limit=x", 400),
        ("offset=-1", 422),
        ("limit=500", 200),
    ],
)
def test_the_bounds_of_a_page(catalog: Catalog, query: str, status: int) -> None:
    assert catalog.request("GET", f"?{query}").status_code == status
    assert catalog.request("GET", f"/search?q=x&{query}").status_code == status


def test_pages(catalog: Catalog) -> None:
    first = catalog.request("GET", "?limit=20").json()
    second = catalog.request("GET", "?limit=20&offset=20").json()
    assert [len(first), len(second)] == [20, 12]
    assert first + second == catalog.request("GET").json()


def test_search_wants_every_word_and_prefers_names(catalog: Catalog) -> None:
    catalog.add("df -h /srv", name="Films", description="the DISK with films, its free room")
    response = catalog.request("GET", "/search", params={"q": "  disk FREE "})
    assert [c["name"] for c in response.json()] == ["Disk Free Space", "Films"]
    assert response.headers["X-Total-Count"] == "2"
    assert catalog.request("GET", "/search", params={"q": "disk nothing"}).json() == []
    assert catalog.request("GET", "/search", params={"q": "%"}).json() == []
    assert catalog.request("GET", "/search", params={"q": "disk", "limit": 1, "offset": 1}).json()


@pytest.mark.parametrize("q", ["", " ", "x" * 201, "a\0"])
def test_search_needs_something_to_look_for(catalog: Catalog, q: str) -> None:
    assert catalog.request("GET", "/search", params={"q": q}).status_code == 422
    assert catalog.request("GET", "/search").status_code == 422


def test_the_example_of_the_reference(catalog: Catalog) -> None:
    body = {
        "name": "Check Logs",
        "description": "Tail the last 100 lines of syslog",
        "command": "tail -n 100 /var/log/syslog",
        "category": "system",
        "risk_level": "safe",
        "os": "linux",
        "requires_approval": False,
    }
    response = catalog.request("POST", json=body)
    assert response.status_code == 201
    made = response.json()
    assert response.headers["Location"] == f"/v1/commands/catalog/{made['id']}"
    assert {name: made[name] for name in body} == body | {"requires_approval": True}
    assert catalog.request("GET", f"/{made['id']}").json() == made
    assert catalog.request("GET").json()[-1] == made
    assert catalog.request("GET", "/count").json() == {"count": 33}


@pytest.mark.parametrize(
    ("key", "risk", "asked", "becomes"),
    [
        (ALICE_KEY, "safe", False, True),
        (AGENT_KEY, "safe", False, True),
        (ADMIN_KEY, "safe", False, False),
        (ADMIN_KEY, "moderate", False, False),
        (ADMIN_KEY, "moderate", True, True),
        (ADMIN_KEY, "dangerous", False, True),
    ],
)
def test_who_gets_a_command_without_approval(
    catalog: Catalog, key: str, risk: str, asked: bool, becomes: bool
) -> None:
    made = catalog.add("df", key=key, risk_level=risk, requires_approval=asked)
    assert made["requires_approval"] is becomes


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", " "), ("name", "x" * 101), ("name", "a\nb"), ("name", "a\u202eb"),
        ("name", 1), ("description", "x" * 501), ("description", "a\0"), ("category", ""),
        ("category", "Ä"), ("category", "a b"), ("category", "a\n"), ("category", "x" * 51),
        ("risk_level", "none"), ("os", "windows"), ("requires_approval", "no"), ("network", 1),
        ("command", ""), ("command", " "), ("command", "x" * 1001), ("command", 1),
        ("command", "df | sh"), ("command", "df; id"), ("command", "df\nid"), ("command", "df\0"),
        ("command", "df $(id)"), ("command", "df > x"), ("command", "bash -c x"),
        ("command", "sudo df"), ("command", "df \uff1b id"), ("command", "df {x}"),
        ("command", "/bin/df"), ("command", "A=b df"), ("privileged", True), ("id", "default-x"),
        ("argv", ["sh"]), ("user_id", "6ba7b811-9dad-11d1-80b4-00c04fd430c8"),
    ],
)  # fmt: skip
def test_each_rule_is_kept(catalog: Catalog, field: str, value: Any) -> None:
    body = {"name": "A", "command": "df", field: value}
    response = catalog.request("POST", json=body)
    assert response.status_code == 422
    assert [row["field"] for row in response.json()["error"]["details"]["fields"]] == [field]


def test_it_says_what_only_a_shell_would_do(catalog: Catalog) -> None:
    body = {"name": "", "command": "df -h | grep root"}
    fields = catalog.request("POST", json=body).json()["error"]["details"]["fields"]
    assert [row["field"] for row in fields] == ["name", "command"]
    assert "|, which only a shell would interpret" in fields[1]["error"]


def test_a_command_is_executed_as_it_was_written(catalog: Catalog) -> None:
    command = catalog.add_free("echo 'a  b' \"$\" c".replace('"$"', "'$HOME;id'"))
    result = catalog.execute(command).json()
    assert result == {
        "id": command,
        "status": "completed",
        "exit_code": 0,
        "stdout": "a  b $HOME;id c\n",
        "stderr": "",
        "truncated": False,
        "duration_ms": result["duration_ms"],
        "executed_at": result["executed_at"],
        "argv": ["echo", "a  b", "$HOME;id", "c"],
    }


def test_a_command_that_fails_says_how(catalog: Catalog) -> None:
    failed = catalog.execute(catalog.add_free("ls /nothing-is-here")).json()
    assert (failed["status"], failed["exit_code"]) == ("failed", 2)
    assert "nothing-is-here" in failed["stderr"]
    absent = catalog.approved(catalog.add_free("no-such-program-anywhere"))
    assert (absent["status"], absent["exit_code"], absent["stdout"]) == ("failed", None, "")
    assert absent["stderr"]


def test_arguments_are_filled_in(catalog: Catalog) -> None:
    command = catalog.add_free("echo -n {count:int:1..9} {what:word}")
    shown = catalog.request("GET", f"/{command}").json()
    assert shown["arguments"] == [
        {"name": "count", "type": "int", "bound": "1..9"},
        {"name": "what", "type": "word"},
    ]
    result = catalog.execute(command, count="07", what="x:y").json()
    assert (result["argv"], result["stdout"]) == (["echo", "-n", "7", "x:y"], "7 x:y")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, ["arguments.host"]),
        ({"host": ""}, ["arguments.host"]),
        ({"host": "-o"}, ["arguments.host"]),
        ({"host": "--output=x"}, ["arguments.host"]),
        ({"host": "a;id"}, ["arguments.host"]),
        ({"host": "a b"}, ["arguments.host"]),
        ({"host": "a\nb"}, ["arguments.host"]),
        ({"host": "a\0"}, ["arguments.host"]),
        ({"host": "a", "more": "b"}, ["arguments.more"]),
        ({"host": 1}, ["arguments"]),
        ([], ["arguments"]),
    ],
)
def test_arguments_are_checked(catalog: Catalog, arguments: Any, named: list[str]) -> None:
    path = "/default-ping/execute"
    response = catalog.request("POST", path, json={"arguments": arguments})
    assert response.status_code == 422
    assert [row["field"] for row in response.json()["error"]["details"]["fields"]] == named


def test_the_body_may_be_left_out_but_not_be_anything(catalog: Catalog) -> None:
    path = "/default-hostname/execute"
    assert catalog.request("POST", path).status_code == 200
    assert catalog.request("POST", path, json={}).status_code == 200
    octets = {"Content-Type": "application/octet-stream"}  # what some clients say of nothing
    assert catalog.request("POST", path, headers=octets).status_code == 200
    assert catalog.request("POST", path, headers=octets, data=b"{}").status_code == 400
    assert catalog.request("POST", path, data=b"x").status_code == 400
    assert catalog.request("POST", path, json={"argv": ["id"]}).status_code == 422
    chunks = iter([b'{"arguments"', b": {}}"])
    headers = {"Content-Type": "application/json"}
    assert catalog.request("POST", path, data=chunks, headers=headers).status_code == 200


def test_somebody_elses_command_does_not_exist(catalog: Catalog) -> None:
    own = catalog.add("df", key=BOB_KEY)["id"]
    unknown = str(uuid4())
    for command in (own, unknown):
        answers = [
            catalog.request("GET", f"/{command}"),
            catalog.execute(command),
            catalog.request("DELETE", f"/{command}"),
            catalog.request("DELETE", f"/{command}", key=ADMIN_KEY),
        ]
        assert [a.status_code for a in answers] == [404] * 4
        messages = {a.json()["error"]["message"] for a in answers}
        assert messages == {"No such command"}
    assert catalog.request("GET", "/count").json() == {"count": 32}
    assert own not in catalog.request("GET", "/search", params={"q": "Mine"}).text


def test_deleting(catalog: Catalog) -> None:
    own = catalog.add("df")["id"]
    assert catalog.request("DELETE", f"/{own}").status_code == 204
    assert catalog.request("DELETE", f"/{own}").status_code == 404
    assert catalog.request("DELETE", "/default-reboot").status_code == 403
    assert catalog.request("DELETE", "/default-reboot", key=AGENT_KEY).status_code == 403
    assert catalog.request("GET", "/count").json() == {"count": 32}


@pytest.mark.parametrize("name", ["search", "count"])
def test_static_routes_win(catalog: Catalog, name: str) -> None:
    response = catalog.request("DELETE", f"/{name}")
    assert response.status_code == 405


@pytest.mark.parametrize("odd", ["%00", "a%0Ab", "%F0%9F%98%80", "x" * 300, "..%2F..", "a'b"])
def test_odd_ids_are_unknown(catalog: Catalog, odd: str) -> None:
    assert catalog.request("GET", f"/{odd}").status_code == 404
