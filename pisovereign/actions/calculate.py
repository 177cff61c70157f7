"""Arithmetic."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.validation import no_nul, not_blank

Expression = Annotated[
    str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})
]


class Calculate(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Calculate what stands in `expression`, in signs or in words of the caller's language."""

    expression: Expression
