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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

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
    fingerprint: bytes


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


class KnownUsers(Sequence[uuid.UUID]):
    """Everybody for whom something goes on in the background; invited people come and leave.

    Args:
        configured: Those who are always there.
    """

    def __init__(self, configured: Sequence[uuid.UUID]) -> None:
        self._configured = tuple(configured)
        self._users = self._configured

    def set_invited(self, invited: Sequence[uuid.UUID]) -> None:
        """Set those who are there beside the configured ones."""
        self._users = tuple(dict.fromkeys((*self._configured, *invited)))

    def __len__(self) -> int:
        return len(self._users)

    @overload
    def __getitem__(self, index: int) -> uuid.UUID: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[uuid.UUID]: ...
    def __getitem__(self, index: int | slice) -> uuid.UUID | Sequence[uuid.UUID]:
        return self._users[index]

    def __iter__(self) -> Iterator[uuid.UUID]:
        # Of one moment, while somebody may come or leave.
        return iter(self._users)


class ConfiguredUser(msgspec.Struct, frozen=True):
    """Somebody with keys in the configuration: their scopes together, and the keys' names."""

    user_id: uuid.UUID
    scopes: frozenset[Scope]
    key_names: tuple[str, ...]


class KeyRing:
    """The hashes of all keys of the configuration; the keys themselves are not kept in memory.

    What stored keys, sessions and passkeys may do is decided with it too: somebody of the
    configuration may do what their keys here may, and what was made of a key ends with it.

    Args:
        config: The keys.
        owner_key: The generated key of a fresh installation, if there are no others.
        secret: Makes the fingerprints of keys, so that they tell nothing about them elsewhere.
        trial_key: Of the check of an update that is being tried; it acts for the owner, and may not
            approve.
    """

    def __init__(
        self,
        config: SecurityConfig,
        owner_key: str | None = None,
        secret: bytes = b"",
        *,
        trial_key: str | None = None,
    ) -> None:
        self._secret = secret
        salt = secrets.token_bytes(16)  # one salt for all plain keys: a single hash per request
        ordinary: frozenset[Scope] = frozenset(("user", "approve"))
        self._entries = [
            self._plain(key, salt, Identity(uuid.UUID(user), ordinary, f"api_key_users[{i}]"))
            for i, (key, user) in enumerate(config.api_key_users.items())
        ]
        if owner_key is not None:
            owner = Identity(OWNER_ID, ALL_SCOPES, "api-key")
            self._entries.append(self._plain(owner_key, salt, owner))
        for i, entry in enumerate(config.api_keys):
            _, salt_text, digest_text = entry.hash.split("$")
            name = entry.name or f"api_keys[{i}]"
            identity = Identity(uuid.UUID(entry.user_id), frozenset(entry.scopes), name)
            digest, print_ = _decode(digest_text), self._fingerprint(entry.hash)
            self._entries.append(_Entry(_decode(salt_text), digest, identity, print_))
        if trial_key is not None:
            everybody = [entry.identity for entry in self._entries]
            owners = [identity for identity in everybody if "admin" in identity.scopes]
            owner_id = next((it.user_id for it in owners + everybody), OWNER_ID)
            check = Identity(owner_id, frozenset(("user",)), "update")
            self._entries.append(self._plain(trial_key, salt, check))
        self._by_fingerprint = {entry.fingerprint: entry.identity for entry in self._entries}

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

    def configured(self, user: uuid.UUID) -> ConfiguredUser | None:
        """Return what the configuration says of a user; None: nothing."""
        own = [entry.identity for entry in self._entries if entry.identity.user_id == user]
        if not own:
            return None
        scopes = frozenset(scope for identity in own for scope in identity.scopes)
        return ConfiguredUser(user, scopes, tuple(identity.key_name for identity in own))

    def identities(self, user: uuid.UUID) -> list[Identity]:
        """Return the keys of a user."""
        return [entry.identity for entry in self._entries if entry.identity.user_id == user]

    def with_fingerprint(self, fingerprint: bytes) -> Identity | None:
        """Return the key of a fingerprint; None: it is not in the configuration any more."""
        return self._by_fingerprint.get(fingerprint)

    def identify(self, key: str) -> Identity | None:
        """Return whom `key` belongs to, comparing every entry so that timing reveals nothing."""
        entry = self._find(key)
        return None if entry is None else entry.identity

    def recognize(self, key: str) -> tuple[Identity, bytes] | None:
        """Return whom `key` belongs to, and its fingerprint, which a restart does not change."""
        entry = self._find(key)
        return None if entry is None else (entry.identity, entry.fingerprint)

    def _find(self, key: str) -> _Entry | None:
        found: _Entry | None = None
        digests: dict[bytes, bytes] = {}
        for entry in self._entries:
            digest = digests.get(entry.salt) or digests.setdefault(
                entry.salt, _digest(key, entry.salt)
            )
            if hmac.compare_digest(digest, entry.digest):
                found = entry
        return found

    def _plain(self, key: str, salt: bytes, identity: Identity) -> _Entry:
        return _Entry(salt, _digest(key, salt), identity, self._fingerprint(key))

    def _fingerprint(self, text: str) -> bytes:
        return hashlib.blake2b(
            text.encode(), key=self._secret, digest_size=32, person=b"pisov-key-print"
        ).digest()


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
