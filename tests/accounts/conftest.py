"""An owner of the suite's server, and somebody who joins it for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accounts.support import Browser, join, signed_in
from tests.support.server import Server


@pytest.fixture(scope="module")
def owner(server: Server) -> Browser:
    return signed_in(server.url)


@pytest.fixture
def ben(owner: Browser) -> Iterator[tuple[Browser, str]]:
    browser, person = join(owner)
    yield browser, person
    owner.request("DELETE", f"/v1/people/{person}?confirm=erase")
