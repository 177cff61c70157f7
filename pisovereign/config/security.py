"""Settings of `security`: who may call the API."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting

Scope = Literal["user", "approve", "admin", "metrics"]

_HASH = r"^blake2b\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$"


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """One API key, kept as the hash that `pisovereign-cli hash-api-key` prints."""

    hash: Annotated[str, setting("The key's hash.", pattern=_HASH)]
    user_id: Annotated[str, setting("The user (UUID) the key belongs to.", rules.user_id)]
    scopes: Annotated[
        tuple[Scope, ...],
        setting("Scopes of the key: user, approve, admin, metrics.", min_length=1),
    ] = ("user", "approve")
    name: Annotated[str, setting("A name to recognize the key by.", max_length=100)] = ""


class SecurityConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of who may call the API, and how often."""

    api_key_users: Annotated[
        dict[str, str],
        setting(
            "API keys in plain text, with the user (UUID) of each.", rules.user_ids, secret=True
        ),
    ] = msgspec.field(default_factory=dict)
    api_keys: Annotated[tuple[ApiKey, ...], setting("API keys stored as hashes.")] = ()
    rate_limit_rpm: Annotated[
        int, setting("Requests per minute that one address may make.", ge=1, le=1_000_000)
    ] = 120
    sign_in_attempts: Annotated[
        int,
        setting(
            "Keys and codes that are wrong which one address may try in a minute.", ge=1, le=1000
        ),
    ] = 10
    session_idle_days: Annotated[
        int,
        setting("Days without use after which a browser has to sign in again.", ge=1, le=400),
    ] = 60
    session_days: Annotated[
        int, setting("Days after which a browser has to sign in again anyway.", ge=1, le=3650)
    ] = 365
    blocked_networks: Annotated[
        tuple[str, ...],
        setting("Addresses and networks whose requests are refused.", rules.networks),
    ] = ()
