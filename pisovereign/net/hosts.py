"""Host names and URLs, read strictly: what is not plainly one thing is refused.

There is a single spelling for each host: ASCII, lower case, no trailing dot, IP addresses in their
canonical form. The forms that C libraries also read as an address (`0x7f.1`, `2130706433`), digits
and dots of other scripts, and everything else on which two parsers could disagree, is an error.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Self

import msgspec

from pisovereign.errors import Refused
from pisovereign.net.addresses import Address

_LONGEST_URL = 4096
_LONGEST_HOST = 253
_NAME = re.compile(
    r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
# Browsers and resolvers read a name as an IPv4 address when its last part looks like a number.
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>[/?][!$%&'()*+,;=:@/?A-Za-z0-9._~\[\]|-]*)?"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Target(msgspec.Struct, frozen=True):
    """Where a URL leads: `https`, `caldav.example`, 443."""

    scheme: str
    host: str
    port: int


class AllowedHost(msgspec.Struct, frozen=True):
    """A host that the configuration names; without a port, every port of it."""

    host: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host`, `host:port`, `address` or `[address]:port`.

        Raises:
            Refused: it is none of these.
        """
        if _is_v6(text):
            return cls(normalize_host(text))
        host, colon, port = text.rpartition(":")
        if not colon or text.endswith("]"):
            return cls(normalize_host(_unbracket(text)))
        return cls(normalize_host(_unbracket(host)), _port(port))

    def covers(self, host: str, port: int) -> bool:
        """Return whether it names this host, in its one spelling, and port."""
        return self.host == host and self.port in (None, port)


def parse_url(url: str) -> Target:
    """Read a URL that something is about to be sent to.

    Raises:
        Refused: it is not an absolute http or https URL, or one that could be read in two ways.
    """
    if len(url) > _LONGEST_URL:
        raise Refused("The address is too long")
    match = _URL.fullmatch(url)
    if match is None:
        raise Refused("The address is not a plain http or https URL without a user name")
    scheme = match["scheme"]
    port = _port(match["port"]) if match["port"] else _DEFAULT_PORTS[scheme]
    return Target(scheme, normalize_host(match["v6"] or match["name"]), port)


def parse_tcp(address: str) -> Target:
    """Read `tcp://host:port`, the address of a service that speaks no HTTP.

    Raises:
        Refused: it is none.
    """
    scheme, _, rest = address.partition("://")
    named = AllowedHost.parse(rest) if scheme == "tcp" and len(address) <= _LONGEST_URL else None
    if named is None or named.port is None:
        raise Refused("The address is not of the form tcp://host:port")
    return Target("tcp", named.host, named.port)


def normalize_host(host: str) -> str:
    """Return the one spelling of a host name or IP address (IPv6 without brackets).

    Raises:
        Refused: it is neither, or an address in an unusual form.
    """
    if (address := literal(host)) is not None:
        return str(address)
    name = host.lower()
    if len(name) > _LONGEST_HOST or not host.isascii() or not _NAME.fullmatch(name):
        raise Refused("The address does not hold a valid host name")
    if _NUMERIC_END.fullmatch(name):
        raise Refused("The address holds a number in place of a host name")
    return name


def literal(host: str) -> Address | None:
    """Return the IP address that the text is, in its usual form; None: it is none."""
    if not host.isascii() or "%" in host or "/" in host:
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches what listens at a host, address or path."""
    if (address := literal(host)) is not None:
        return address.is_loopback
    return host == "localhost" or host.endswith(".localhost") or host.startswith("/")


def _is_v6(text: str) -> bool:
    return isinstance(literal(text), ipaddress.IPv6Address)


def _unbracket(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        if not _is_v6(text[1:-1]):
            raise Refused("Brackets are for IPv6 addresses")
        return text[1:-1]
    return text


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise Refused("The port must be 1 to 65535")
    return int(text)
