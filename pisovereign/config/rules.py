"""Describe a setting, and check what bounds alone cannot express.

A rule takes a value and returns what is wrong with it, or None.
"""

from __future__ import annotations

import ipaddress
import uuid
import zoneinfo
from typing import Any

from msgspec import Meta

from pisovereign.errors import PiSovereignError
from pisovereign.languages import LANGUAGES
from pisovereign.net.hosts import AllowedHost, normalize_host, parse_tcp, parse_url

KIB, MIB = 1024, 1024 * 1024
LEAST_TASK_TOKENS, LEAST_TASK_S = 100, 1
LEAST_DIMENSIONS, MOST_DIMENSIONS = 8, 2048  # more do not fit into a row of the database
LEAST_BATCH = 128  # a step must have room for a token of every answer, and for a part of a prompt


def setting(text: str, *rules: Any, secret: bool = False, **bounds: Any) -> Meta:
    """Describe a setting: its text, its rules and bounds, and whether it is secret."""
    return Meta(description=text, extra={"rules": rules, "secret": secret}, **bounds)


def network(value: str) -> str | None:
    """Require an address or a network."""
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "must be an IP address or network such as 192.168.1.0/24"
    return None


def networks(values: tuple[str, ...]) -> str | None:
    """Require addresses and networks."""
    return next((f"{value!r} {e}" for value in values if (e := network(value))), None)


def user_id(value: str) -> str | None:
    """Require the id of a user."""
    try:
        uuid.UUID(value)
    except ValueError:
        return "must be a UUID"
    return None


def user_ids(values: dict[str, str]) -> str | None:
    """Require API keys of a sensible length, each with the id of a user."""
    if any(len(key) < 8 for key in values):
        return "holds a key shorter than 8 characters"
    return next(
        (f"user id {value!r} {e}" for value in values.values() if (e := user_id(value))), None
    )


def each_once(values: tuple[str, ...]) -> str | None:
    """Require that no value occurs twice."""
    return None if len(set(values)) == len(values) else "must not name anything twice"


def model_names(values: tuple[str, ...]) -> str | None:
    """Require names of models, each once; `*` may stand at the end for any rest."""
    for value in values:
        if not value or len(value) > 200 or "*" in value[:-1]:
            return f"{value!r} must be a name, or the beginning of one and *, such as gpt-4*"
    return each_once(values)


def embedding_models(values: tuple[str, ...]) -> str | None:
    """Require names, each once, that may be followed by `=` and a number of dimensions."""
    names = []
    for value in values:
        name, equals, number = value.partition("=")
        names.append(name)
        if not name or (equals and not number.isdecimal()):
            return f"{value!r} must be a name, or a name and dimensions such as my-model=768"
        if equals and not LEAST_DIMENSIONS <= int(number) <= MOST_DIMENSIONS:
            return f"{value!r} must have {LEAST_DIMENSIONS} to {MOST_DIMENSIONS} dimensions"
    return each_once(tuple(names))


def time_zone(value: str) -> str | None:
    """Require a time zone that this machine knows, or an empty string."""
    if value and value not in zoneinfo.available_timezones():
        return "must be a time zone name such as Europe/Berlin"
    return None


def language(value: str) -> str | None:
    """Require the code of a language that there is data for."""
    return None if value in LANGUAGES else f"must be one of: {', '.join(LANGUAGES)}"


def latitude(value: float) -> str | None:
    """Require a latitude in degrees."""
    return None if -90 <= value <= 90 else "must be between -90 and 90"


def longitude(value: float) -> str | None:
    """Require a longitude in degrees."""
    return None if -180 <= value <= 180 else "must be between -180 and 180"


def server(value: str) -> str | None:
    """Require the URL of a server."""
    try:
        parse_url(value)
    except PiSovereignError as error:
        return f"{value!r}: {error.message}"
    return None


def server_if_any(value: str) -> str | None:
    """Require the URL of a server, or an empty string."""
    return server(value) if value else None


def hosts(values: tuple[str, ...]) -> str | None:
    """Require hosts, each with or without a port."""
    for value in values:
        try:
            AllowedHost.parse(value)
        except PiSovereignError as error:
            return f"{value!r}: {error.message}"
    return None


def wyoming_service_if_any(value: str) -> str | None:
    """Require `tcp://host:port`, or an empty string."""
    try:
        if value:
            parse_tcp(value)
    except PiSovereignError as error:
        return f"{value!r}: {error.message}"
    return None


def uuids(values: tuple[str, ...]) -> str | None:
    """Require ids of users."""
    return next((f"{value!r} {e}" for value in values if (e := user_id(value))), None)


def names(values: tuple[str, ...]) -> str | None:
    """Require host names without a port."""
    return next((f"{value!r} {e}" for value in values if (e := host(value or "/"))), None)


def host(value: str) -> str | None:
    """Require a host name or an IP address, or an empty string."""
    if value:
        try:
            normalize_host(value)
        except PiSovereignError:
            return "must be a host name or an IP address"
    return None


def one_line(value: str) -> str | None:
    """Require text without line breaks or other control characters."""
    return None if value.isprintable() else "cannot hold line breaks or other control characters"


def user_id_or_empty(value: str) -> str | None:
    """Require the id of a user, or an empty string."""
    return user_id(value) if value else None


def batch(value: int) -> str | None:
    """Require enough tokens for one step, or 0 for the default."""
    if value and value < LEAST_BATCH:
        return f"must be 0 or at least {LEAST_BATCH}"
    return None


def task_tokens(value: int) -> str | None:
    """Require enough tokens for one task, or 0 for the limit of all tasks."""
    if value and value < LEAST_TASK_TOKENS:
        return f"must be 0 or at least {LEAST_TASK_TOKENS}"
    return None


def task_time(value: float) -> str | None:
    """Require enough seconds for one task, or 0 for the limit of all tasks."""
    if value and value < LEAST_TASK_S:
        return f"must be 0 or at least {LEAST_TASK_S}"
    return None
