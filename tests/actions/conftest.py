"""Approvals and catalog, for commands that need them."""

from __future__ import annotations

from tests.approvals.conftest import approvals
from tests.catalog.conftest import catalog

__all__ = ["approvals", "catalog"]
