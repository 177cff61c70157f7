"""How often a reminder comes again; commands of the command line know it as well."""

from __future__ import annotations

from typing import Literal

Repeat = Literal["daily", "weekdays", "weekends", "weekly", "monthly", "yearly"]
"""How often something comes again; weekly is on the weekday of its first time."""
