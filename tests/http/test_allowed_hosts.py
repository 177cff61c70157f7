"""Which hosts a request may be made for."""

from __future__ import annotations

from typing import Any

import falcon.asgi
import falcon.testing
import pytest

from pisovereign.errors import Forbidden
from pisovereign.http.allowed_hosts import AllowedHosts


def check(host: str, reached: str) -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing is read")

    scope = falcon.testing.create_scope()
    scope["headers"] = [(b"host", host.encode())]
    scope["server"] = (reached, 8080)
    AllowedHosts([]).check(falcon.asgi.Request(scope, receive))


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("192.168.1.5", "192.168.1.5"),
        ("192.168.1.5:8080", "::ffff:192.168.1.5"),
        ("[fd00::5]:8080", "fd00:0::5"),
        ("[fe80::5]", "fe80::5%eth0"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
        ("localhost", "/run/pisovereign.sock"),
    ],
)
def test_the_address_that_was_reached_is_ours(host: str, reached: str) -> None:
    check(host, reached)


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("192.168.1.6", "::ffff:192.168.1.5"),
        ("[fd00::6]", "fd00::5"),
        ("192.168.1.5", "/run/pisovereign.sock"),
        ("evil.example", "192.168.1.5"),
    ],
)
def test_others_are_not(host: str, reached: str) -> None:
    with pytest.raises(Forbidden):
        check(host, reached)
