"""Where a sign-in link leads, and what a terminal shows of it."""

from __future__ import annotations

import datetime as dt

import falcon.testing
import pytest
from falcon.asgi import Request

from pisovereign.accounts.codes import Code
from pisovereign.accounts.devices import device_name, network_name
from pisovereign.accounts.links import SignInLinks
from pisovereign.supervisor.sign_in_link import SignInLink, describe

CODE = Code("K7QM-2XRD", dt.datetime(2026, 2, 7, tzinfo=dt.UTC))


def request_to(host: str, *, secure: bool = False) -> Request:
    scope = falcon.testing.create_scope()
    scope["headers"] = [(b"host", host.encode())]

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    req = Request(scope, receive)
    req.context.secure = secure
    return req


@pytest.mark.parametrize(
    ("host", "listens", "address", "tls", "link", "reach"),
    [
        (
            "localhost:3000",
            "127.0.0.1",
            "192.168.1.7",
            None,
            "http://localhost:3000",
            "this_device",
        ),
        ("127.0.0.1:3000", "0.0.0.0", "192.168.1.7", None, "http://192.168.1.7:3000", "network"),
        ("127.0.0.1:3000", "0.0.0.0", None, None, "http://127.0.0.1:3000", "this_device"),
        ("pi.local:3000", "127.0.0.1", None, None, "http://pi.local:3000", "network"),
        ("[::1]:3000", "::1", None, "https://pi.local", "https://pi.local", "network"),
    ],
)
def test_a_link_leads_where_another_device_finds_us(  # noqa: PLR0917
    host: str, listens: str, address: str | None, tls: str | None, link: str, reach: str
) -> None:
    links = SignInLinks(listens, 3000, lambda: address, tls)
    made = links.link(request_to(host), CODE)
    assert (made.link, made.reach) == (f"{link}/sign-in#K7QM-2XRD", reach)


def test_a_link_is_safe_where_the_request_is() -> None:
    links = SignInLinks("127.0.0.1", 3000, lambda: None)
    assert links.link(request_to("pi.home", secure=True), CODE).link.startswith("https://pi.home/")


def test_a_terminal_shows_a_picture_only_of_what_a_phone_can_open() -> None:
    near = describe(SignInLink("A", "http://127.0.0.1:3000/sign-in#A", "this_device"))
    far = describe(SignInLink("A", "http://192.168.1.7:3000/sign-in#A", "network"))
    assert "--lan" in near
    assert "█" not in near
    assert "█" in far
    assert "http://192.168.1.7:3000/sign-in#A" in far


def test_devices_and_networks_are_told_apart_roughly() -> None:
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/605.1"
    assert device_name(safari) == "Safari, iPhone"
    assert device_name("curl/8.0") == ""
    assert network_name("192.168.1.77") == "192.168.1.0/24"
    assert network_name("2001:db8:1:2::/64") == "2001:db8:1::/48"
    assert network_name("::/64") == "this device"
