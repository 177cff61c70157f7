"""Agentic tasks through the running program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

import requests

from tests.reminders.support import Told, parse
from tests.support.server import ALICE_KEY, wait_until

TASKS = "/v1/agentic/tasks"
FINAL = ("completed", "failed", "cancelled")


class Api(Protocol):
    """What a request can be sent to."""

    url: str

    def request(
        self, method: str, path: str, *, key: str = ..., **kwargs: Any
    ) -> requests.Response:
        """Ask."""
        ...


def begin(api: Api, description: str, *, key: str = ALICE_KEY, **fields: Any) -> str:
    """Create a task; returns its id."""
    body = {"description": description, **fields}
    response = api.request("POST", TASKS, key=key, json=body)
    assert response.status_code == 201, response.text
    assert response.json()["status"] == "planning"
    return str(response.json()["task_id"])


def show(api: Api, task: str, *, key: str = ALICE_KEY) -> dict[str, Any]:
    """A task as it is now."""
    response = api.request("GET", f"{TASKS}/{task}", key=key)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


def wait_for(api: Api, task: str, *states: str, limit_s: float = 120) -> dict[str, Any]:
    """Wait until a task is in one of these states; without any: until it is over."""
    wanted = states or FINAL
    wait_until(lambda: show(api, task)["status"] in wanted, limit_s, f"a task that is {wanted}")
    return show(api, task)


def events_of(api: Api, task: str, *, after: int | None = None) -> list[Told]:
    """The whole stream of a task that is over, or will soon be."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    response = api.request("GET", f"{TASKS}/{task}/stream", headers=headers)
    assert response.status_code == 200, response.text
    return list(parse(iter(response.text.split("\n"))))


def watch(api: Api, task: str, *, after: int | None = None, key: str = ALICE_KEY) -> Watching:
    """Watch a task live."""
    return Watching(api, task, after, key)


class Watching:
    """An open stream of a task."""

    def __init__(self, api: Api, task: str, after: int | None, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        self.response = requests.get(
            f"{api.url}{TASKS}/{task}/stream", headers=headers, stream=True, timeout=60
        )
        assert self.response.status_code == 200, self.response.text
        lines: Iterator[str] = self.response.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(lines).startswith("retry")
        self.events = parse(lines)

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()


def approvals_of(api: Api, task: str) -> list[dict[str, Any]]:
    """The approvals that a task's sub-tasks asked for, as they are now."""
    ids = [part["approval_id"] for part in show(api, task)["sub_agents"] if "approval_id" in part]
    return [api.request("GET", f"/v1/approvals/{each}").json() for each in ids]


def cancel(api: Api, task: str) -> str:
    """Cancel a task; returns the state that it ends in."""
    answer = api.request("POST", f"{TASKS}/{task}/cancel")
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"task_id", "status"}
    return str(answer.json()["status"])


def decide(api: Api, approval: str, how: str = "approve", **body: Any) -> dict[str, Any]:
    """Decide about an approval."""
    response = api.request("POST", f"/v1/approvals/{approval}/{how}", json=body)
    assert response.status_code == 200, response.text
    decided: dict[str, Any] = json.loads(response.text)
    return decided
