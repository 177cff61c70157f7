"""Settings of `setup`: first boot."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class SetupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The page that gives a new device its owner; see [first-boot.md](first-boot.md)."""

    enabled: Annotated[
        bool,
        setting("Let nothing run before somebody has set the device up with its console's code."),
    ] = False
    seed_folder: Annotated[
        str, setting("Models that came with the device, which set-up copies first; empty: none.")
    ] = ""
    media_folder: Annotated[
        str, setting("Where memory sticks are mounted, to take models from; empty: nowhere.")
    ] = ""
