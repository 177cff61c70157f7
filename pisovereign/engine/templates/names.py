"""Filters that are added to a template when it is compiled; no template can write such names."""

from __future__ import annotations

STEPPED, CALLED, LOOKED_AT, COUNTED = "#step", "#call", "#look", "#count"
CONCATENATED, ROLE_MARK = "#concatenate", "#role"
