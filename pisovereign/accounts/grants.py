"""The most that a person may do, and that something may which acts for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from pisovereign.accounts.types import ROLE_SCOPES
from pisovereign.api_keys import KeyRing
from pisovereign.config import Scope


class Grants:
    """Decides from the configuration, which wins, and from what is stored.

    Args:
        keys: The keys of the configuration.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def allowed(self, user: UUID, role: Any, state: Any) -> frozenset[Scope]:
        """Return what a person may do at most.

        Args:
            user: The person.
            role: What is stored of them; None: nothing is.
            state: The same.
        """
        if configured := self._keys.configured(user):
            return configured.scopes
        return ROLE_SCOPES[role] if role is not None and state == "active" else frozenset()

    def granted(
        self,
        user: UUID,
        scopes: Iterable[str],
        *,
        role: Any,
        state: Any,
        configured_key: bytes | None,
    ) -> frozenset[Scope]:
        """Return what something may do that was given scopes once.

        Args:
            user: For whom it acts.
            scopes: What it was given.
            role: What is stored of the person; None: nothing is.
            state: The same.
            configured_key: The fingerprint of the key without which it ends; None: there is none.
        """
        allowed = self.allowed(user, role, state)
        if configured_key is not None:
            key = self._keys.with_fingerprint(configured_key)
            allowed &= key.scopes if key and key.user_id == user else frozenset()
        return allowed & cast("frozenset[Scope]", frozenset(scopes))
