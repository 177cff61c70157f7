"""What a setting is, and the rules that more than bounds express.

A rule gets a value and says what is wrong with it, or nothing.
"""

from __future__ import annotations

import ipaddress
import uuid
import zoneinfo
from typing import Any

from msgspec import Meta

from pisovereign.errors import PiSovereignError
from pisovereign.net.hosts import AllowedHost, normalize_host, parse_url

KIB, MIB = 1024, 1024 * 1024
LEAST_TASK_TOKENS, LEAST_TASK_S = 100, 1
LEAST_BATCH = 128  # a step must have room for a token of every answer, and for a part of a prompt


def setting(text: str, *rules: Any, secret: bool = False, **bounds: Any) -> Meta:
    """A setting's description, what holds for its value, and whether nobody may see it."""
    return Meta(description=text, extra={"rules": rules, "secret": secret}, **bounds)


def network(value: str) -> str | None:
    """An address or a network."""
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "must be an IP address or network such as 192.168.1.0/24"
    return None


def networks(values: tuple[str, ...]) -> str | None:
    """Addresses and networks."""
    return next((f"{value!r} {e}" for value in values if (e := network(value))), None)


def user_id(value: str) -> str | None:
    """A user's id."""
    try:
        uuid.UUID(value)
    except ValueError:
        return "must be a UUID"
    return None


def user_ids(values: dict[str, str]) -> str | None:
    """Keys, and the user of each."""
    if any(len(key) < 8 for key in values):
        return "holds a key shorter than 8 characters"
    return next(
        (f"user id {value!r} {e}" for value in values.values() if (e := user_id(value))), None
    )


def each_once(values: tuple[str, ...]) -> str | None:
    """Nothing is named twice."""
    return None if len(set(values)) == len(values) else "must not name anything twice"


def time_zone(value: str) -> str | None:
    """A time zone that this machine knows, or none."""
    if value and value not in zoneinfo.available_timezones():
        return "must be a time zone name such as Europe/Berlin"
    return None


def latitude(value: float) -> str | None:
    """A latitude in degrees."""
    return None if -90 <= value <= 90 else "must be between -90 and 90"


def longitude(value: float) -> str | None:
    """A longitude in degrees."""
    return None if -180 <= value <= 180 else "must be between -180 and 180"


def server(value: str) -> str | None:
    """The address of a server."""
    try:
        parse_url(value)
    except PiSovereignError as error:
        return f"{value!r}: {error.message}"
    return None


def server_if_any(value: str) -> str | None:
    """The address of a server, or none."""
    return server(value) if value else None


def hosts(values: tuple[str, ...]) -> str | None:
    """Hosts, each perhaps with a port."""
    for value in values:
        try:
            AllowedHost.parse(value)
        except PiSovereignError as error:
            return f"{value!r}: {error.message}"
    return None


def uuids(values: tuple[str, ...]) -> str | None:
    """Ids of users."""
    return next((f"{value!r} {e}" for value in values if (e := user_id(value))), None)


def names(values: tuple[str, ...]) -> str | None:
    """Names of hosts, each without a port."""
    return next((f"{value!r} {e}" for value in values if (e := host(value or "/"))), None)


def host(value: str) -> str | None:
    """A host, or none."""
    if value:
        try:
            normalize_host(value)
        except PiSovereignError:
            return "must be a host name or an IP address"
    return None


def one_line(value: str) -> str | None:
    """Text without line breaks."""
    return None if value.isprintable() else "cannot hold line breaks or other control characters"


def user_id_or_empty(value: str) -> str | None:
    """A user's id, or none."""
    return user_id(value) if value else None


def batch(value: int) -> str | None:
    """Tokens in one step; 0 stands for what is usual."""
    if value and value < LEAST_BATCH:
        return f"must be 0 or at least {LEAST_BATCH}"
    return None


def task_tokens(value: int) -> str | None:
    """Tokens of one task; 0 stands for what holds for all."""
    if value and value < LEAST_TASK_TOKENS:
        return f"must be 0 or at least {LEAST_TASK_TOKENS}"
    return None


def task_time(value: float) -> str | None:
    """Seconds of one task; 0 stands for what holds for all."""
    if value and value < LEAST_TASK_S:
        return f"must be 0 or at least {LEAST_TASK_S}"
    return None
