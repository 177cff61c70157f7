"""Names of this device, and its addresses in the local network."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Iterator

import msgspec
import psutil

from pisovereign.net.addresses import Address, reach

# Nobody is asked: connecting a datagram socket sends nothing, it only chooses the own address.
_ROUTES = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
_LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))


class Names(msgspec.Struct, frozen=True):
    """The names that a certificate is for: host names in lower case, and addresses, both sorted."""

    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]


def device_names(configured: Iterable[str]) -> Names:
    """Return the names of this machine, with and without `.local`, and its local addresses.

    Args:
        configured: Further names and addresses, as `server.names` has them.
    """
    own = socket.gethostname().lower().rstrip(".")
    short = own.partition(".")[0]
    hosts = {"localhost", own, short, f"{short}.local"}
    addresses = {*_LOOPBACK, *local_addresses()}
    for name in configured:
        try:
            addresses.add(ipaddress.ip_address(name))
        except ValueError:
            hosts.add(name.lower().rstrip("."))
    return Names(tuple(sorted(hosts)), sort_addresses(addresses))


def sort_addresses(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Return addresses in an order that is always the same, those of IPv4 first."""
    return tuple(sorted(addresses, key=lambda address: (address.version, int(address))))


def local_addresses() -> set[Address]:
    """Return the addresses under which others in the local network reach this machine."""
    try:
        texts = [part.address for parts in psutil.net_if_addrs().values() for part in parts]
    except OSError:  # a service may not be allowed to ask for its interfaces
        texts = list(_chosen_addresses())
    found = set()
    for text in texts:
        with contextlib.suppress(ValueError):  # a hardware address
            address = ipaddress.ip_address(text.partition("%")[0])
            if reach(address) == "local" and not (address.is_loopback or address.is_link_local):
                found.add(address)
    return found


def _chosen_addresses() -> Iterator[str]:
    """Yield the addresses that would be the sender's of what goes to other networks."""
    for family, elsewhere in _ROUTES:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            yield str(probe.getsockname()[0])
