"""From a command to the calendar: an event is created once a person has approved it, and once."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.connectors.calendar.lossy import LossyProxy
from tests.connectors.calendar.radicale import NAME, PASSWORD, Radicale
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, Server, wait_until

DENTIST = {
    "title": "Zahnarzt",
    "start": "2030-07-01T13:00:00Z",
    "end": "2030-07-01T14:00:00Z",
    "location": "Hauptstr. 1",
}


class Way:
    """A calendar of its own, behind a proxy, and the settings that lead there."""

    def __init__(self, server: Server, plain: Radicale) -> None:
        self.server = server
        self.plain = plain
        self.proxy = LossyProxy(plain.port)
        self.name = f"c{uuid.uuid4().hex}"
        plain.make_calendar(self.name)

    def api(self) -> ApiProcess:
        return ApiProcess(
            self.server,
            PISOVEREIGN_CALDAV__URL=self.proxy.url,
            PISOVEREIGN_CALDAV__USERNAME=NAME,
            PISOVEREIGN_CALDAV__PASSWORD=PASSWORD,
            PISOVEREIGN_CALDAV__USERS=f'["{ALICE}"]',
            PISOVEREIGN_CALDAV__CALENDARS=f'["{self.name}"]',
            PISOVEREIGN_SERVER__TIME_ZONE="Europe/Berlin",
        )

    def there(self) -> list[str]:
        return self.plain.objects(self.name)


@pytest.fixture
def way(server: Server, plain: Radicale) -> Iterator[Way]:
    made = Way(server, plain)
    yield made
    made.proxy.close()


@pytest.fixture(scope="module")
def _shared(server: Server, plain: Radicale) -> Iterator[tuple[Way, ApiProcess]]:
    made = Way(server, plain)
    with made.api() as api:
        yield made, api
    made.proxy.close()


@pytest.fixture
def shared(_shared: tuple[Way, ApiProcess]) -> tuple[Way, ApiProcess]:
    """A way to an empty calendar and a program at its beginning, for those who end neither."""
    way, _ = _shared
    way.plain.empty(way.name)
    assert way.there() == []
    return _shared


def ask(api: ApiProcess, **changes: str) -> str:
    """Ask for the event; returns the approval."""
    body = {"command": "create_event", "args": DENTIST | changes}
    answer = api.request("POST", "/v1/commands", json=body).json()
    assert answer["status"] == "pending_approval"
    return str(answer["approval_id"])


def approve(api: ApiProcess, approval: str) -> requests.Response:
    return api.request("POST", f"/v1/approvals/{approval}/approve")


def listed(api: ApiProcess) -> list[dict[str, Any]]:
    body = {"command": "calendar", "args": {"start": "2030-07-01T00:00:00Z"}}
    events: list[dict[str, Any]] = api.request("POST", "/v1/commands", json=body).json()["result"][
        "events"
    ]
    return events


def test_an_event_is_there_once_it_was_approved_and_once(shared: tuple[Way, ApiProcess]) -> None:
    way, api = shared
    approval = ask(api)
    assert listed(api) == []
    assert way.there() == []
    done = approve(api, approval).json()
    assert done["status"] == "executed"
    (event,) = listed(api)
    assert event == done["result"] | {"id": event["id"]}
    assert (event["time"], event["title"]) == ("15:00", "Zahnarzt")
    assert approve(api, approval).status_code == 409
    (text,) = way.there()
    assert f"UID:{approval}" in text


def test_a_lost_answer_is_no_failure(shared: tuple[Way, ApiProcess]) -> None:
    way, api = shared
    approval = ask(api)
    way.proxy.lose("lose answer", "PUT", 1)
    assert approve(api, approval).json()["status"] == "executed"
    assert len(way.there()) == 1


def test_a_denied_event_is_never_there(shared: tuple[Way, ApiProcess]) -> None:
    way, api = shared
    approval = ask(api)
    assert api.request("POST", f"/v1/approvals/{approval}/deny").ok
    assert approve(api, approval).status_code == 409
    assert way.there() == []


def test_an_event_that_cannot_be_is_refused_before_anybody_is_asked(
    shared: tuple[Way, ApiProcess],
) -> None:
    _, api = shared
    body = {"command": "create_event", "args": DENTIST | {"end": DENTIST["start"]}}
    assert api.request("POST", "/v1/commands", json=body).status_code == 422


def test_a_kill_between_the_calendar_and_its_answer_is_reported_and_makes_no_second_one(
    way: Way,
) -> None:
    with way.api() as api, ThreadPoolExecutor(1) as pool:
        approval = ask(api)
        way.proxy.lose("hold answer", "PUT", 1)
        approving = pool.submit(approve, api, approval)
        assert way.proxy.answered.wait(PATIENCE_S)
        os.killpg(api.process.pid, signal.SIGKILL)
        assert isinstance(approving.exception(), requests.RequestException)
    assert len(way.there()) == 1
    with way.api() as api:

        def settled() -> bool:
            shown = api.request("GET", f"/v1/approvals/{approval}").json()
            return bool(shown["status"] == "failed")

        wait_until(settled, 60, "the end of the approval")
        reason = api.request("GET", f"/v1/approvals/{approval}").json()["reason"]
        assert "may have been carried out" in reason
        assert approve(api, approval).status_code == 409
        # The person sees in the calendar how far it came.
        assert [e["title"] for e in listed(api)] == ["Zahnarzt"]
    assert len(way.there()) == 1
