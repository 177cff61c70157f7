"""Kinds of IP addresses: of the public internet, of the local network, or none to connect to.

The lists are IANA's special-purpose registries for IPv4 and IPv6, written out because
`ipaddress.is_global` differs between Python's releases. IPv6 is judged by what is allowed: of all
its space only 2000::/3 is given out at all.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal

Address = IPv4Address | IPv6Address
Reach = Literal["public", "local", "never"]


def _networks(names: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ipaddress.ip_network(name) for name in names)


# Whatever a cloud's machines may ask for their own credentials, wherever it lies.
_METADATA = frozenset(
    ipaddress.ip_address(name)
    for name in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)
LOCAL = _networks(
    (
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and overlay networks such as Tailscale
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
_NEVER = _networks(
    (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo, ORCHID, benchmarking and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# ISATAP: the low half of an IPv6 address says that the last four bytes are an IPv4 address.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def reach(address: Address) -> Reach:
    """Return where the address leads.

    `local` is for hosts that the configuration names; `never` is for none.
    """
    plain = address if isinstance(address, IPv4Address) else IPv6Address(int(address))
    if plain in _METADATA:
        return "never"
    if any(plain in network for network in LOCAL):
        return "local"
    if any(plain in network for network in _NEVER):
        return "never"
    if isinstance(plain, IPv4Address):
        return "public"
    return _reach_v6(plain)


def _reach_v6(address: IPv6Address) -> Reach:
    inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64:
        # Networks without IPv4 reach the public IPv4 internet, and nothing else, in this way.
        return "public" if reach(inner) == "public" else "never"
    if address not in _GIVEN_OUT:
        return "never"
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP and reach(inner) != "public":
        return "never"
    return "public"
