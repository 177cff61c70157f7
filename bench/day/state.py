"""What is stored for a user: what a sentence has changed is seen here, not in the answer."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import requests

_LIMIT_S = 60


class Entry(NamedTuple):
    """An open reminder, alarm or timer; `at` is in the zone of the program."""

    kind: str
    title: str
    at: dt.datetime
    repeat: str | None


class State(NamedTuple):
    """All of it; lists are items by the lists' names, in lower case."""

    reminders: tuple[Entry, ...]
    lists: dict[str, tuple[str, ...]]
    approvals: int


def read_state(url: str, key: str) -> State:
    """Return what is stored for the user of a key."""
    reminders = _get(url, key, "/v1/reminders?status=open&limit=500")
    lists = _get(url, key, "/v1/lists")
    approvals = _get(url, key, "/v1/approvals?status=pending")
    items = {
        entry["name"].casefold(): tuple(
            item["text"].casefold()
            for item in _get(url, key, f"/v1/lists/{entry['id']}")["items"]
            if not item.get("done")
        )
        for entry in _rows(lists)
    }
    return State(
        tuple(
            Entry(
                row["kind"],
                row["title"].casefold(),
                dt.datetime.fromisoformat(row["remind_at"]),
                row.get("repeat"),
            )
            for row in _rows(reminders)
        ),
        items,
        len(_rows(approvals)),
    )


def _get(url: str, key: str, path: str) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    response = requests.get(f"{url}{path}", headers=headers, timeout=_LIMIT_S)
    response.raise_for_status()
    return response.json()


def _rows(found: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found if isinstance(found, list) else found["items"]
    return rows
