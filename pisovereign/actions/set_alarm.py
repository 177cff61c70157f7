"""Ringing at a time."""

from __future__ import annotations

import msgspec

from pisovereign.actions.fields import Label, Moment
from pisovereign.reminders.types import Repeat


class SetAlarm(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Ring at a time; with `repeat` again and again."""

    at: Moment
    label: Label | None = None
    repeat: Repeat | None = None
