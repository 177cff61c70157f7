"""One Dovecot for all tests of mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.email.dovecot import Dovecot


@pytest.fixture(scope="session")
def _running_dovecot() -> Iterator[Dovecot]:
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def dovecot(_running_dovecot: Dovecot) -> Dovecot:
    """A server with an empty mailbox."""
    _running_dovecot.clear()
    return _running_dovecot
