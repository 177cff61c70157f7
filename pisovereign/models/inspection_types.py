"""Answers of the program that inspects model files."""

from __future__ import annotations

import msgspec

from pisovereign.models.gguf.description import Description


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of: a description, what is wrong, or that more of the file is needed."""

    description: Description | None = None
    problem: str = ""
    more: bool = False
