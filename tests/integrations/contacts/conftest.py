"""The calendar's server has the address books too."""

from __future__ import annotations

from tests.integrations.calendar.conftest import authority, opened, plain, radicale

__all__ = ["authority", "opened", "plain", "radicale"]
