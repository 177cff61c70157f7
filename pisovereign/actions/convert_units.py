"""Conversion between units."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.validation import no_nul, not_blank


def _finite(value: float) -> str | None:
    return None if math.isfinite(value) else "must be a finite number"


Amount = Annotated[float, Meta(ge=-1e30, le=1e30, extra={"rules": (_finite,)})]
Unit = Annotated[str, Meta(min_length=1, max_length=60, extra={"rules": (not_blank, no_nul)})]


class ConvertUnits(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Convert `amount` of `unit` to another unit; names are those of the caller's language."""

    amount: Amount
    unit: Unit
    to: Unit
