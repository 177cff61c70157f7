"""Settings of `wyoming`: a voice assistant's own door."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class WyomingConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Answers over Wyoming, the protocol of Home Assistant's voice; it knows no passwords."""

    enabled: Annotated[bool, setting("Listen for Wyoming; off by default.")] = False
    host: Annotated[str, setting("Address to listen on.", min_length=1)] = "127.0.0.1"
    port: Annotated[int, setting("Port to listen on.", ge=1, le=65535)] = 10600
    allow: Annotated[
        tuple[str, ...],
        setting(
            "Addresses and networks that may connect, since the protocol knows no passwords; "
            "none: nobody.",
            rules.networks,
        ),
    ] = ()
    user_id: Annotated[
        str,
        setting(
            "The user (UUID) that whoever connects speaks for; empty: the only one.",
            rules.user_id_or_empty,
        ),
    ] = ""
    language: Annotated[
        str,
        setting("Language of answers to sentences whose language is not clear.", rules.language),
    ] = "en"
    connections: Annotated[
        int, setting("Connections at once; further ones are closed at once.", ge=1, le=256)
    ] = 16
    idle_s: Annotated[
        float,
        setting(
            "How long a connection may be silent before it is closed, in seconds.", ge=1, le=3600
        ),
    ] = 60.0
