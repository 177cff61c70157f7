"""Encrypt a stream of bytes so that a passphrase opens it.

    magic, version, Argon2id's cost and salt, chunk size, nonce, checksum, MAC      the header
    chunk, chunk, ..., last chunk                                                   the body

Argon2id makes two keys of the passphrase: one for the header's MAC, which tells a wrong passphrase
from a damaged file, and one for the chunks. These are libsodium's secretstream
(XChaCha20-Poly1305): each has a tag, knows its place, and the last one is marked as such, so that
nothing can be changed, moved, left out or cut off. The header is associated data of the first.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from nacl import bindings
from nacl.exceptions import CryptoError

from pisovereign.backup.errors import BackupUnreadable, TooNew, WrongPassphrase
from pisovereign.errors import StartError

MAGIC = b"PiSovereign backup\n\0"
VERSION = 1
CHUNK = 64 * 1024
"""Plain bytes in each chunk but the last."""

_OVERHEAD = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_VERSION = struct.Struct(">H")
# Passes and KiB of Argon2id, chunk size, salt, nonce of the stream.
_COST = struct.Struct(">III16s24s")
_CHECKSUM, _MAC = 8, 32
_PREFIX = len(MAGIC) + _VERSION.size
_HEADER = _PREFIX + _COST.size + _CHECKSUM + _MAC
# More than anybody has or would wait for, so that a damaged header cannot ask for it.
_MAX_PASSES, _MAX_KIB, _MAX_CHUNK = 32, 2 * 1024 * 1024, 16 * 1024 * 1024


class Cost(NamedTuple):
    """The cost of trying one passphrase: passes over an amount of memory in KiB."""

    passes: int = 3
    kib: int = 64 * 1024


class EncryptedWriter:
    """Encrypts what is written to it into `file`; `close` marks the end."""

    def __init__(self, file: BinaryIO, passphrase: bytes, cost: Cost = Cost()) -> None:  # noqa: B008
        self._file = file
        salt = secrets.token_bytes(bindings.crypto_pwhash_SALTBYTES)
        key, mac_key = _keys(passphrase, cost, salt)
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        nonce = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        fixed = MAGIC + _VERSION.pack(VERSION) + _COST.pack(*cost, CHUNK, salt, nonce)
        fixed += _checksum(fixed)
        self._header: bytes | None = fixed + _mac(fixed, mac_key)
        file.write(self._header)
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        """Encrypt more bytes."""
        self._waiting += data
        # Keep at least one byte, since the last chunk must be marked as such.
        while len(self._waiting) > CHUNK:
            self._push(bytes(self._waiting[:CHUNK]), _MESSAGE)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        """Write the last chunk; `file` stays open."""
        self._push(bytes(self._waiting), _FINAL)
        self._waiting.clear()

    def _push(self, plain: bytes, tag: int) -> None:
        chunk = bindings.crypto_secretstream_xchacha20poly1305_push(
            self._state, plain, self._header, tag
        )
        self._header = None
        self._file.write(chunk)


class EncryptedFile:
    """A file that `EncryptedWriter` wrote, with its header read and its passphrase checked.

    Raises:
        BackupUnreadable: It is no backup, is damaged, too new, or has another passphrase.
    """

    def __init__(self, file: BinaryIO, passphrase: bytes) -> None:
        self._file = file
        file.seek(0)
        self._header = _read_header(file)
        cost, self._chunk, salt, self._nonce = _fields(self._header)
        self._key, mac_key = _keys(passphrase, cost, salt)
        fixed = self._header[:-_MAC]
        if not hmac.compare_digest(_mac(fixed, mac_key), self._header[-_MAC:]):
            raise WrongPassphrase("the passphrase is not the one of this backup")

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes that were written, each chunk verified first.

        Raises:
            BackupUnreadable: The file is damaged or truncated.
        """
        self._file.seek(_HEADER)
        state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, self._nonce, self._key)
        header: bytes | None = self._header
        while True:
            sealed = self._file.read(self._chunk + _OVERHEAD)
            cut = len(sealed) < self._chunk + _OVERHEAD
            if len(sealed) < _OVERHEAD:
                raise BackupUnreadable("the backup is cut off: its end is missing")
            try:
                plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(
                    state, sealed, header
                )
            except CryptoError:
                what = "damaged or cut off" if cut else "damaged"
                raise BackupUnreadable(f"the backup is {what}") from None
            header = None
            yield plain
            if tag == _FINAL:
                break
        if self._file.read(1):
            raise BackupUnreadable("the backup is damaged: something follows its end")


def _read_header(file: BinaryIO) -> bytes:
    header = file.read(_HEADER)
    if not header.startswith(MAGIC):
        short = MAGIC.startswith(header)
        raise BackupUnreadable("the file is cut off" if short else "the file is not a backup")
    if len(header) < _PREFIX:
        raise BackupUnreadable("the backup is cut off")
    (version,) = _VERSION.unpack_from(header, len(MAGIC))
    if version != VERSION:
        raise TooNew(
            f"the backup has format {version}, and this program reads format {VERSION};"
            " use a newer PiSovereign, or the file is damaged"
        )
    if len(header) < _HEADER:
        raise BackupUnreadable("the backup is cut off")
    fixed = header[: -_MAC - _CHECKSUM]
    if _checksum(fixed) != header[len(fixed) : -_MAC]:
        raise BackupUnreadable("the backup is damaged: its header is not as it was written")
    return header


def _fields(header: bytes) -> tuple[Cost, int, bytes, bytes]:
    passes, kib, chunk, salt, nonce = _COST.unpack_from(header, _PREFIX)
    if not (0 < passes <= _MAX_PASSES and 8 <= kib <= _MAX_KIB and 0 < chunk <= _MAX_CHUNK):
        raise BackupUnreadable("the backup asks for more than any backup needs; it is not used")
    return Cost(passes, kib), chunk, salt, nonce


def _keys(passphrase: bytes, cost: Cost, salt: bytes) -> tuple[bytes, bytes]:
    try:
        both = bindings.crypto_pwhash_alg(
            64,
            passphrase,
            salt,
            cost.passes,
            cost.kib * 1024,
            bindings.crypto_pwhash_ALG_ARGON2ID13,
        )
    except CryptoError:
        need = cost.kib // 1024
        raise StartError(f"the passphrase cannot be tried: it takes {need} MB of memory") from None
    return both[:32], both[32:]


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECKSUM, person=b"backup-checksum").digest()


def _mac(data: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_MAC, key=key, person=b"backup-header").digest()
