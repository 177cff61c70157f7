"""Ringing after some time."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.actions.fields import Label

Seconds = Annotated[int, Meta(ge=1, le=7 * 24 * 3600)]


class SetTimer(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Ring once `seconds` have passed."""

    seconds: Seconds
    label: Label | None = None
