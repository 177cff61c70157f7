"""The signature with which Meta proves that a webhook is its own."""

from __future__ import annotations

import hashlib
import hmac

_SCHEME = "sha256="


def is_signed(body: bytes, header: str | None, secret: str) -> bool:
    """Whether `header` is the signature of exactly these bytes, compared in constant time."""
    if not secret or not header or not header.startswith(_SCHEME):
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = header.removeprefix(_SCHEME).encode("ascii", "replace")
    return hmac.compare_digest(given, expected.encode())
