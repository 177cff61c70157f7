"""Reminders and events through the running program."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import requests

from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, Server, wait_until


class Told(NamedTuple):
    """One event of a stream; `id` is None for those that have no number."""

    id: int | None
    kind: str
    data: Any


def at(delay: dt.timedelta) -> str:
    """A time from now, as a client writes it."""
    return (dt.datetime.now(dt.UTC) + delay).isoformat()


def remind(
    server: Server, title: str, delay: dt.timedelta, *, key: str = ALICE_KEY
) -> dict[str, Any]:
    """Create a reminder; returns it."""
    body = {"title": title, "remind_at": at(delay)}
    response = server.request("POST", "/v1/reminders", key=key, json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def parse(lines: Iterator[str]) -> Iterator[Told]:
    """The events of a stream, as they arrive; comments and `retry` are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Told(number, fields["event"], json.loads(fields["data"]))
            fields = {}


def told(server: Server, *, after: int = 0, key: str = ALICE_KEY) -> list[Told]:
    """The events that follow a number, as far as there are any now."""
    path = f"/v1/events?after={after}&follow=false"
    response = server.request("GET", path, key=key)
    assert response.status_code == 200, response.text
    return list(parse(iter(response.text.split("\n"))))


def last_event(server: Server, *, key: str = ALICE_KEY) -> int:
    """The number of a user's last event, 0 without any."""
    return max((event.id or 0 for event in told(server, key=key)), default=0)


def wait_for_event(server: Server, kind: str, *, after: int = 0) -> None:
    wait_until(
        lambda: any(e.kind == kind for e in told(server, after=after)), PATIENCE_S, f"a {kind}"
    )


class Watcher:
    """An open event stream."""

    def __init__(
        self, server: Server, *, url: str = "", key: str = ALICE_KEY, after: int | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        self.response = requests.get(
            f"{url or server.url}/v1/events", headers=headers, stream=True, timeout=PATIENCE_S
        )
        assert self.response.status_code == 200, self.response.text
        lines = self.response.iter_lines(chunk_size=1, decode_unicode=True)
        self._lines: Iterator[str] = lines
        # The first line says that the stream has begun: nothing from here on is missed.
        assert next(self._lines).startswith("retry")
        self.events = parse(self._lines)

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()

    def next(self) -> Told:
        return next(self.events)
