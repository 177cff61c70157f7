"""Settings of `setup`: first boot."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import setting


class SetupConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The page that gives a new device its owner; see [first-boot.md](first-boot.md)."""

    enabled: Annotated[
        bool,
        setting(
            "Run nothing else until somebody has set the device up with the code on its console."
        ),
    ] = False
    seed_folder: Annotated[
        str,
        setting(
            "Folder with models that came with the device, which set-up copies first; empty: none."
        ),
    ] = ""
    media_folder: Annotated[
        str, setting("Folder where USB sticks with models are mounted; empty: none.")
    ] = ""
