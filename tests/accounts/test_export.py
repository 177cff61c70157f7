"""What is stored of somebody: taken as a file by them alone, and gone once they are erased."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import io
import json
import uuid
import zipfile
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from pisovereign.accounts.export import Files, GrowingZip, PersonExport
from pisovereign.errors import Conflict
from tests.accounts.support import Browser, join, owned_tables
from tests.docs.blocks import read
from tests.support.server import Server

PATH = "/v1/profile/export"
# What each table of a user's is in. Of what has no file, README.txt and docs/privacy.md say why.
EXPORTED = {
    "agent_parts": "tasks.jsonl",
    "agent_tasks": "tasks.jsonl",
    "api_keys": "api-keys.jsonl",
    "approvals": "approvals.jsonl",
    "audit_entries": "audit.jsonl",
    "calendar_feeds": "calendar-address.jsonl",
    "calendar_objects": "calendar.jsonl",
    "catalog_commands": "commands.jsonl",
    "connections": "connections.jsonl",
    "conversations": "conversations.jsonl",
    "document_pieces": "documents.jsonl",
    "documents": "documents.jsonl",
    "list_items": "lists.jsonl",
    "lists": "lists.jsonl",
    "mcp_servers": "tool-servers.jsonl",
    "memories": "memories.jsonl",
    "memory_sources": "memory-origins.jsonl",
    "memory_state": "memories.jsonl",
    "messages": "conversations.jsonl",
    "passkeys": "passkeys.jsonl",
    "profiles": "profile.jsonl",
    "push_subscriptions": "browsers-told.jsonl",
    "reminders": "reminders.jsonl",
    "sessions": "sessions.jsonl",
    "stored_schedules": "schedules.jsonl",
    "channel_links": "telegram.jsonl",
}
LEFT_OUT = {
    "agent_schedules",
    "answer_streams",
    "audit_heads",
    "backup_places",
    "backup_schedule",
    "connection_failures",
    "dialogue_states",
    "event_streams",
    "events",
    "jobs",
    "mcp_server_states",
    "mcp_tools",
    "memory_changes",
    "memory_embeddings",
    "memory_owners",
    "memory_terms",
    "passage_changes",
    "passage_embeddings",
    "passage_owners",
    "passage_terms",
    "passages",
    "sign_in_codes",
    "storage_changes",
    "storage_use",
    "channel_codes",
}


def export(browser: Browser) -> dict[str, bytes]:
    """The files of somebody's export."""
    answer = browser.request("GET", PATH)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


def test_everything_is_in_it(server: Server, ben: tuple[Browser, str]) -> None:
    browser, person = ben
    document = b"The cellar key hangs behind the door."
    for path, body in (
        ("/v1/lists", {"name": "Hardware"}),
        ("/v1/tasks", {"title": "Sweep the chimney"}),
        ("/v1/memories", {"content": "I like strong tea", "summary": "tea"}),
        ("/v1/reminders", {"title": "Water plants", "remind_at": "2099-01-01T00:00:00Z"}),
        ("/v1/chat", {"message": "Remind me tomorrow at 8 to call Ada", "conversation_id": "one"}),
        ("/v1/api-keys", {"name": "Script"}),
    ):
        made = browser.request("POST", path, json=body)
        assert made.status_code in (200, 201), made.text
    key = made.json()["key"]
    added = browser.request(
        "POST",
        "/v1/documents?name=../cellar.txt",
        data=document,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert added.status_code == 201, added.text
    saved = browser.request(
        "PUT", "/v1/settings/reminders", json={"values": {"snooze_minutes": 17}}
    )
    assert saved.status_code == 200, saved.text
    files = export(browser)
    (stored,) = [name for name in files if name.startswith("documents/")]
    assert set(files) == {"README.txt", *EXPORTED.values(), stored}
    assert stored.startswith(f"documents/{added.json()['id']} ")
    assert stored.endswith("cellar.txt")
    assert stored.count("/") == 1, "no name leads out of the folder"
    assert files[stored] == document
    assert lines(files["profile.jsonl"])[0]["user_id"] == person
    assert lines(files["lists.jsonl"])[0]["name"] == "Hardware"
    assert "SUMMARY:Sweep the chimney" in lines(files["calendar.jsonl"])[0]["text"]
    assert lines(files["memories.jsonl"])[0]["content"] == "I like strong tea"
    assert "Water plants" in {each["title"] for each in lines(files["reminders.jsonl"])}
    said = lines(files["conversations.jsonl"])[0]["messages"]
    assert [each["role"] for each in said] == ["user", "assistant"]
    kept = {each["kind"]: each["values"] for each in lines(files["connections.jsonl"])}
    assert kept["reminders"]["snooze_minutes"] == 17
    assert lines(files["api-keys.jsonl"])[0]["name"] == "Script"
    assert lines(files["audit.jsonl"])[-1]["kind"] == "export", "it is in the log that it goes with"
    assert not any(key.encode() in content for content in files.values())


def test_nobody_elses_is_in_it(owner: Browser, ben: tuple[Browser, str]) -> None:
    browser, _ = ben
    browser.request("POST", "/v1/lists", json={"name": "Heron"})
    memory = {"content": "The heron nests in spring", "summary": "heron"}
    assert browser.request("POST", "/v1/memories", json=memory).status_code == 201
    assert not any(b"eron" in content for content in export(owner).values())
    assert b"Heron" in export(browser)["lists.jsonl"]


def test_a_programs_key_takes_nothing(server: Server, ben: tuple[Browser, str]) -> None:
    browser, _ = ben
    key = browser.request("POST", "/v1/api-keys", json={"name": "Script"}).json()["key"]
    refused = server.request("GET", PATH, key=key)
    assert refused.status_code == 403


def test_each_table_of_a_users_is_exported_or_known_to_be_left_out(server: Server) -> None:
    assert owned_tables(server) == {*EXPORTED, *LEFT_OUT}


def test_the_privacy_page_names_each_table_and_file(server: Server) -> None:
    page = read("docs/privacy.md")
    with psycopg.connect(server.owner_dsn()) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert {name for (name,) in rows if f"`{name}`" not in page} == set()
    assert {name for name in EXPORTED.values() if f"`{name}`" not in page} == set()


def test_of_two_at_once_one_is_refused_and_one_that_nobody_reads_is_let_go() -> None:
    caller: Any = SimpleNamespace(identity=SimpleNamespace(user_id=uuid.uuid4()))
    at = dt.datetime(2026, 2, 7, tzinfo=dt.UTC)

    class Audit:
        async def record(self, *_: Any, **__: Any) -> None:
            await asyncio.sleep(0)

    async def none(_: Any) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        empty: list[tuple[str, AsyncIterator[bytes]]] = []
        for each in empty:
            yield each

    async def run() -> None:
        audit: Any = Audit()
        exports = PersonExport("PiSovereign", [], Files(none), audit)
        both = await asyncio.gather(
            exports.start(caller, at), exports.start(caller, at), return_exceptions=True
        )
        assert [type(each) for each in both if isinstance(each, Exception)] == [Conflict]
        del both
        gc.collect()
        await asyncio.sleep(0.01)
        whole = b"".join([piece async for piece in await exports.start(caller, at)])
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            assert archive.namelist() == ["README.txt"]
        await exports.start(caller, at)

    asyncio.run(run())


def test_a_zip_that_grows_can_be_taken_piece_by_piece() -> None:
    archive = GrowingZip(dt.datetime(2026, 2, 7, tzinfo=dt.UTC))
    taken = b""
    for name, content in (("a.txt", b"a" * 100_000), ("ä.txt", b"")):
        with archive.file(name) as file:
            file.write(content)
            taken += archive.take()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(taken + archive.take()))
    archive.close()


def test_what_owners_were_told_of_the_erased_is_gone_too(owner: Browser) -> None:
    child, person = join(owner, "restricted")
    word = f"curlew{uuid.uuid4().hex[:6]}"
    body = {"name": word, "description": word, "command": f"echo {word}"}
    made = child.request("POST", "/v1/commands/catalog", json=body).json()
    asked = child.request("POST", f"/v1/commands/catalog/{made['id']}/execute").json()
    assert asked["status"] == "pending_approval", asked
    assert word in owner.request("GET", "/v1/events?after=0&follow=false").text
    erased = owner.request("DELETE", f"/v1/people/{person}?confirm=erase")
    assert erased.status_code == 204, erased.text
    assert word not in owner.request("GET", "/v1/events?after=0&follow=false").text


def test_whoever_left_the_configuration_can_be_erased(server: Server, owner: Browser) -> None:
    gone = uuid.uuid4()
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        connection.execute("INSERT INTO profiles (user_id, language) VALUES (%s, 'de')", (gone,))
        assert owner.request("DELETE", f"/v1/people/{gone}?confirm=erase").status_code == 204
        left = connection.execute("SELECT FROM profiles WHERE user_id = %s", (gone,)).fetchall()
    assert left == []
    assert owner.request("DELETE", f"/v1/people/{gone}?confirm=erase").status_code == 404


def test_what_the_household_has_together_is_nobodys_to_erase(
    server: Server, owner: Browser
) -> None:
    nobody = uuid.UUID(int=0)
    with psycopg.connect(server.owner_dsn(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO profiles (user_id) VALUES (%s) ON CONFLICT DO NOTHING", (nobody,)
        )
        answer = owner.request("DELETE", f"/v1/people/{nobody}?confirm=erase")
        assert answer.status_code == 404
        left = connection.execute("DELETE FROM profiles WHERE user_id = %s", (nobody,))
        assert left.rowcount == 1
