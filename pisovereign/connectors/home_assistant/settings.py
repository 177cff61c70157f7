"""Settings of `home_assistant`: the house."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting

HomeKind = Literal[
    "light", "switch", "fan", "cover", "climate", "media", "vacuum", "scene", "script", "list"
]


class HomeAssistantConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The house that Home Assistant controls, and what may be done in it without an approval."""

    url: Annotated[
        str,
        setting(
            "URL of Home Assistant, such as http://homeassistant.local:8123; empty: no house.",
            rules.server_if_any,
        ),
    ] = ""
    token: Annotated[
        str, setting("A long-lived access token of an administrator.", secret=True)
    ] = ""
    token_file: Annotated[
        str,
        setting(
            "A file that contains the token; otherwise the systemd credential "
            "`home_assistant_token`."
        ),
    ] = ""
    users: Annotated[
        tuple[str, ...],
        setting("Users (UUIDs) who may see and change the house; empty: everybody.", rules.uuids),
    ] = ()
    without_approval: Annotated[
        tuple[HomeKind, ...],
        setting(
            "What people may change without an approval, by its kind. Locks, alarms, garages, "
            "gates, doors and windows that open always need one."
        ),
    ] = ("light",)
    always_ask: Annotated[
        tuple[str, ...],
        setting("Entities that are never changed without an approval, such as `switch.pump`."),
    ] = ()
    most_at_once: Annotated[
        int,
        setting("How many things one request may change without an approval.", ge=1, le=100),
    ] = 8
    timeout_s: Annotated[
        float, setting("Longest time for one answer, in seconds.", ge=1, le=60)
    ] = 10.0
