"""Whenever the program is killed while the house does something, that is done once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from tests.support.api_process import ApiProcess
from tests.support.home_assistant_api import TOKEN, HomeAssistantApi, home_assistant_api
from tests.support.server import ADMIN_KEY, Server, wait_until


@pytest.fixture
def house() -> Iterator[HomeAssistantApi]:
    with home_assistant_api() as running:
        yield running


def api_of(server: Server, house: HomeAssistantApi) -> ApiProcess:
    return ApiProcess(
        server,
        PISOVEREIGN_HOME_ASSISTANT__URL=house.url,
        PISOVEREIGN_HOME_ASSISTANT__TOKEN=TOKEN,
    )


def killed_while(api: ApiProcess, house: HomeAssistantApi, work: Callable[[], object]) -> None:
    """Kill the program when the house has done what it was asked for, and not said so."""
    house.failure = "held"
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(work)
        wait_until(lambda: house.calls, 60, "the call")
        os.killpg(api.process.pid, signal.SIGKILL)
        assert isinstance(asking.exception(60), requests.RequestException)


def test_an_approved_call_ends_as_unknown_and_is_not_repeated(
    server: Server, house: HomeAssistantApi
) -> None:
    with api_of(server, house) as api:
        api.chat("unlock the front door", conversation_id=str(uuid4()))
        listed = api.request("GET", "/v1/approvals?status=pending", key=ADMIN_KEY).json()
        (asked,) = [one["id"] for one in listed if one["kind"] == "control_home"]
        path = f"/v1/approvals/{asked}"
        killed_while(api, house, lambda: api.request("POST", f"{path}/approve", key=ADMIN_KEY))
    with api_of(server, house) as api:
        wait_until(
            lambda: api.request("GET", path, key=ADMIN_KEY).json()["status"] == "failed",
            90,
            "the end of the approval",
        )
        ended = api.request("GET", path, key=ADMIN_KEY).json()
        assert "may have been carried out" in ended["reason"]
        assert api.request("POST", f"{path}/approve", key=ADMIN_KEY).status_code == 409
        api.chat("is the front door locked?", conversation_id=str(uuid4()))
    assert house.calls == [("lock.unlock", ["lock.front"])]


def test_a_call_in_chat_is_not_repeated(server: Server, house: HomeAssistantApi) -> None:
    conversation = str(uuid4())
    with api_of(server, house) as api:
        killed_while(
            api, house, lambda: api.chat("turn on the hall lamp", conversation_id=conversation)
        )
    with api_of(server, house) as api:
        api.chat("is the hall lamp on?", conversation_id=conversation)
        # What a client may take up again is not begun anew either.
        body = {"message": "is the hall lamp on?", "conversation_id": conversation}
        assert api.request("POST", "/v1/chat/stream", json=body).ok
    assert house.calls == [("light.turn_on", ["light.hall"])]
