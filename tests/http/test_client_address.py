"""Whose address counts, with and without proxies."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.http.client_address import rate_key, resolve

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("127.0.0.1/32")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # not a proxy: its header is a claim
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),  # the left side is forgeable
        ("10.0.0.1", "198.51.100.7, 10.2.3.4", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, rubbish", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_resolve(peer: str, forwarded: str | None, expected: str) -> None:
    assert str(resolve(peer, forwarded, PROXIES)) == expected


@given(st.text(max_size=60), st.ip_addresses())
def test_an_untrusted_peer_is_always_itself(forwarded: str, peer: ipaddress.IPv4Address) -> None:
    assert resolve(str(peer), forwarded, []) == (getattr(peer, "ipv4_mapped", None) or peer)


def test_an_ipv6_host_is_limited_by_its_network() -> None:
    one, two = (rate_key(ipaddress.ip_address(a)) for a in ("2001:db8::1", "2001:db8::ffff"))
    assert one == two
