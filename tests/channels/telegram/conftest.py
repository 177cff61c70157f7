"""Accounts that are linked with the users of the program that has everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.equipped import Equipped
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, wait_until
from tests.support.telegram_api import ALICE_ACCOUNT, BOB_ACCOUNT


def link(equipped: Equipped, account: int, key: str) -> None:
    """Link an account as a person does, and wait until it is told so."""
    code = equipped.server.request("POST", "/v1/telegram/codes", key=key)
    assert code.status_code == 201, code.text
    before = len(equipped.telegram.texts(account))
    more: dict[str, Any] = {"from": _sender(account)}
    equipped.telegram.write(f"/start {code.json()['code']}", account, **more)
    equipped.telegram.wait_for(before + 1, account)


def _sender(account: int) -> dict[str, Any]:
    return {
        "id": account,
        "is_bot": False,
        "first_name": "Somebody",
        "username": f"account_{account}",
    }


def unlink(equipped: Equipped) -> None:
    """Nobody has an account."""
    for key in (ALICE_KEY, BOB_KEY):
        equipped.server.request("DELETE", "/v1/telegram/account", key=key)


@pytest.fixture
def linked(equipped: Equipped) -> Iterator[Equipped]:
    """Alice and Bob have an account each, and nothing was sent yet."""
    equipped.clear()
    link(equipped, ALICE_ACCOUNT, ALICE_KEY)
    link(equipped, BOB_ACCOUNT, BOB_KEY)
    equipped.telegram.clear()
    yield equipped
    for key in (ALICE_KEY, BOB_KEY):
        for row in equipped.server.request("GET", "/v1/approvals?status=pending", key=key).json():
            equipped.server.request("POST", f"/v1/approvals/{row['id']}/cancel", key=key)
    unlink(equipped)
    equipped.clear()


def pending(equipped: Equipped, key: str = ADMIN_KEY) -> list[dict[str, Any]]:
    """What waits for a decision."""
    rows: list[dict[str, Any]] = equipped.server.request(
        "GET", "/v1/approvals?status=pending", key=key
    ).json()
    return rows


def state(equipped: Equipped, approval: str, key: str = ALICE_KEY) -> str:
    """What has become of an approval."""
    return str(
        equipped.server.request("GET", f"/v1/approvals/{approval}", key=key).json()["status"]
    )


def wait_for_state(equipped: Equipped, approval: str, wanted: str, key: str = ALICE_KEY) -> None:
    """Until that has become of an approval."""
    wait_until(lambda: state(equipped, approval, key) == wanted, 60, f"the approval is {wanted}")
