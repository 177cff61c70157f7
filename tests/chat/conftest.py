"""Fixtures of memories, for chats that use and make them."""

from __future__ import annotations

from tests.memory.conftest import memories

__all__ = ["memories"]
