"""Generate, hash, store and recognize API keys.

Keys are random and long, so a fast keyed hash is enough: there is nothing to guess, and a slow
password hash would only hand a stranger a way to burn the board's CPU.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from pathlib import Path

import msgspec

from pisovereign.config import Scope, SecurityConfig
from pisovereign.errors import StartError
from pisovereign.files import create_private

# The owner of a fresh installation, until the configuration names users.
OWNER_ID = uuid.UUID("00000000-0000-4000-8000-000000000001")
ALL_SCOPES: frozenset[Scope] = frozenset(("user", "approve", "admin"))


class Identity(msgspec.Struct, frozen=True):
    """The caller: the user, the scopes of the key, and its name."""

    user_id: uuid.UUID
    scopes: frozenset[Scope]
    key_name: str = "unnamed"


class _Entry(msgspec.Struct, frozen=True):
    salt: bytes
    digest: bytes
    identity: Identity


def generate_key() -> str:
    """Return a new API key with 256 bits of randomness."""
    return f"sk-{secrets.token_urlsafe(32)}"


def hash_key(key: str, *, salt: bytes | None = None) -> str:
    """Return the form of `key` that may be written into a configuration file."""
    salt = salt or secrets.token_bytes(16)
    return f"blake2b${_encode(salt)}${_encode(_digest(key, salt))}"


def _digest(key: str, salt: bytes) -> bytes:
    return hashlib.blake2b(key.encode(), key=salt, digest_size=32, person=b"pisov-api-key").digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class KeyRing:
    """The hashes of all valid keys; the keys themselves are not kept in memory."""

    def __init__(self, config: SecurityConfig, owner_key: str | None = None) -> None:
        salt = secrets.token_bytes(16)  # one salt for all plain keys: a single hash per request
        ordinary: frozenset[Scope] = frozenset(("user", "approve"))
        self._entries = [
            _Entry(
                salt, _digest(key, salt), Identity(uuid.UUID(user), ordinary, f"api_key_users[{i}]")
            )
            for i, (key, user) in enumerate(config.api_key_users.items())
        ]
        if owner_key is not None:
            owner = Identity(OWNER_ID, ALL_SCOPES, "api-key")
            self._entries.append(_Entry(salt, _digest(owner_key, salt), owner))
        for i, entry in enumerate(config.api_keys):
            _, salt_text, digest_text = entry.hash.split("$")
            name = entry.name or f"api_keys[{i}]"
            identity = Identity(uuid.UUID(entry.user_id), frozenset(entry.scopes), name)
            self._entries.append(_Entry(_decode(salt_text), _decode(digest_text), identity))

    def users(self) -> list[uuid.UUID]:
        """Return every user that has a key, each once."""
        return list(dict.fromkeys(entry.identity.user_id for entry in self._entries))

    def names(self) -> dict[uuid.UUID, str]:
        """Return a name for every user that has a key: that of the key."""
        named: dict[uuid.UUID, str] = {}
        for entry in self._entries:
            user, name = entry.identity.user_id, entry.identity.key_name
            if user not in named or "[" in named[user]:  # one that nobody chose
                named[user] = name
        return named

    def identify(self, key: str) -> Identity | None:
        """Return whom `key` belongs to, comparing every entry so that timing reveals nothing."""
        found: Identity | None = None
        digests: dict[bytes, bytes] = {}
        for entry in self._entries:
            digest = digests.get(entry.salt) or digests.setdefault(
                entry.salt, _digest(key, entry.salt)
            )
            if hmac.compare_digest(digest, entry.digest):
                found = entry.identity
        return found


def owner_key_file(data_dir: Path) -> Path:
    """Return the file with the key of a fresh installation."""
    return data_dir / "api-key"


def load_owner_key(config: SecurityConfig, data_dir: Path) -> str | None:
    """Return the generated key, made on the first start; None when the configuration has keys.

    Raises:
        StartError: the file is there but cannot be trusted.
    """
    if config.api_key_users or config.api_keys:
        return None
    path = owner_key_file(data_dir)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_private(path, f"{generate_key()}\n".encode())
    if path.stat().st_mode & 0o077:
        raise StartError(f"{path}: others may read this key; run `chmod 600 {path}`")
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 20:
        raise StartError(f"{path}: holds no usable key; delete the file to get a new one")
    return key
