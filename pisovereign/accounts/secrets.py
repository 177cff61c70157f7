"""Secrets that sign somebody in, and what is stored of them.

Tokens and keys have 256 random bits. Codes are short enough to type; what protects them is that
they end soon, are used once, and can be tried a few times only. Their hashes are keyed, so that a
copy of the database does not tell them either.
"""

from __future__ import annotations

import hashlib
import secrets

# 31 letters and digits without those that look alike.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DEVICE_CODE_LENGTH = 8  # 2^39 codes, for minutes
INVITATION_LENGTH = 16  # 2^79, for days
_GROUP = 4


class SecretHash:
    """Hashes secrets under a key that is derived from the sealing key."""

    def __init__(self, master_key: bytes) -> None:
        self._key = hashlib.blake2b(
            key=master_key, digest_size=32, person=b"pisov-sign-in"
        ).digest()

    def of(self, secret: str) -> bytes:
        """Return what is stored of a secret: 32 bytes."""
        return hashlib.blake2b(secret.encode(), key=self._key, digest_size=32).digest()

    def of_code(self, typed: str) -> bytes:
        """Return what is stored of a code, however it is typed."""
        return self.of("".join(letter for letter in typed.upper() if letter.isalnum()))


def new_token() -> str:
    """Return a new token of a session."""
    return secrets.token_urlsafe(32)


def new_code(length: int) -> str:
    """Return a new code, in groups of four letters."""
    letters = [secrets.choice(LETTERS) for _ in range(length)]
    return "-".join("".join(letters[i : i + _GROUP]) for i in range(0, length, _GROUP))
