"""The texts of messages as they are sealed: to their row, owner and column."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from pisovereign.chat.types import ToolRecord
from pisovereign.storage.sealing import Sealer


class MessageSealer:
    """Seals and opens the columns of messages.

    Args:
        sealer: What seals them.
    """

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.key_id = sealer.key_id

    def seal(self, text: str, message: UUID, user: UUID, column: str) -> bytes:
        """Return a text as it is stored.

        Raises:
            SealError: it holds lone surrogates.
        """
        return self._sealer.seal(text, aad=_binding(message, user, column)).data

    def open(self, data: Any, key_id: str, message: UUID, user: UUID, column: str) -> str:
        """Return what was stored.

        Raises:
            SealError: it was changed, or sealed with another key.
        """
        return self._sealer.open(bytes(data), key_id, aad=_binding(message, user, column))

    def record(self, data: Any, key_id: str, message: UUID, user: UUID) -> ToolRecord | None:
        """Return what a model with tools did; None: it had none."""
        if data is None:
            return None
        text = self.open(data, key_id, message, user, "tools")
        return msgspec.json.decode(text, type=ToolRecord)


def _binding(message: UUID, user: UUID, column: str) -> bytes:
    """Return what binds a ciphertext: moved to another row, owner or column it does not open."""
    return b"messages." + column.encode() + message.bytes + user.bytes
