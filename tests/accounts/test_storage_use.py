"""How much somebody keeps is told, and what would be more is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api_process import ApiProcess
from tests.support.server import Server

SETTING = "database.user_quota_bytes"
ADDING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/chat", {"message": "Tell me about the sea", "commands": False}),
    ("/v1/chat", {"message": "What time is it?"}),
    (
        "/v1/memories",
        {"content": "The key is at the harbor", "summary": "s", "memory_type": "fact"},
    ),
    ("/v1/reminders", {"title": "storage", "remind_at": "2099-01-01T09:00:00Z"}),
    ("/v1/lists", {"name": "a list that is too much"}),
)


@pytest.fixture(scope="module")
def full(server: Server) -> Iterator[ApiProcess]:
    """An API under which nobody may keep anything."""
    with ApiProcess(server, PISOVEREIGN_DATABASE__USER_QUOTA_BYTES="1") as running:
        yield running


@pytest.mark.parametrize(("path", "body"), ADDING)
def test_nothing_is_added_by_who_is_full(full: ApiProcess, path: str, body: dict[str, Any]) -> None:
    answer = full.request("POST", path, json=body)
    assert answer.status_code == 507, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["details"]["setting"]) == ("STORAGE_FULL", SETTING)
    assert SETTING in error["message"]


def test_who_is_full_reads_and_deletes(server: Server, full: ApiProcess) -> None:
    body = {"title": "storage", "remind_at": "2099-01-01T09:00:00Z"}
    made = server.request("POST", "/v1/reminders", json=body).json()
    before = full.request("GET", "/v1/profile/storage").json()
    assert before["limit_bytes"] == 1
    assert before["used_bytes"] >= 150
    assert full.request("GET", "/v1/memories").status_code == 200
    gone = full.request("DELETE", f"/v1/reminders/{made['id']}")
    assert gone.status_code in (200, 204), gone.text


def test_a_household_may_keep_half_a_gigabyte_by_default(server: Server) -> None:
    assert server.request("GET", "/v1/profile/storage").json()["limit_bytes"] == 512 * 1024**2
