"""Web Push's encryption: only the browser can read a message, its maker's push service cannot.

RFC 8291 says how a message is sealed, RFC 8292 who sends it (`py-vapid`).
"""

from __future__ import annotations

import base64
import binascii
import secrets
import time

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from py_vapid import Vapid02

from pisovereign.notifications.push.types import Notice, Reached

# The length of a message would tell what it may be about.
_STEP = 512
_VALID_S = 12 * 3600
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_POINT_BYTES, _AUTH_BYTES, _SALT_BYTES = 65, 16, 16
_RECORD_BYTES = 4096


class Sender:
    """The sender of messages: a key made of the sealing key, so that it is stored nowhere.

    Args:
        master_key: The sealing key.
        contact: Whom a push service may write to.
    """

    def __init__(self, master_key: bytes, contact: str) -> None:
        made = HKDF(hashes.SHA256(), 48, None, b"pisovereign web push").derive(master_key)
        scalar = int.from_bytes(made, "big") % (_ORDER - 1) + 1
        key = ec.derive_private_key(scalar, ec.SECP256R1())
        # RFC 8292 takes https addresses too; the library only where it is not strict.
        self._vapid = Vapid02(key, conf={"no-strict": True})
        self._contact = contact

    @property
    def public_key(self) -> str:
        """Return the key that browsers subscribe with."""
        return base64.urlsafe_b64encode(_point(self._vapid.public_key)).rstrip(b"=").decode()

    def are_keys(self, p256dh: str, auth: str) -> bool:
        """Return whether these can be a browser's keys."""
        try:
            point, secret = decode(p256dh), decode(auth)
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except (ValueError, binascii.Error):
            return False
        return len(point) == _POINT_BYTES and len(secret) == _AUTH_BYTES

    @staticmethod
    def encrypt(notice: Notice, reached: Reached) -> bytes:
        """Return a message that only one browser can read, of a length that says little."""
        own = ec.generate_private_key(ec.SECP256R1())
        own_point, point = _point(own.public_key()), decode(reached.p256dh)
        browser = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        salt = secrets.token_bytes(_SALT_BYTES)
        # RFC 8291: the secret of both, bound to both keys and to what only the browser was told.
        both = _derive(
            own.exchange(ec.ECDH(), browser),
            decode(reached.auth),
            b"WebPush: info\0" + point + own_point,
            32,
        )
        key = _derive(both, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(both, salt, b"Content-Encoding: nonce\0", 12)
        # RFC 8188: one record; 2 says that it is the last, and zeros fill it.
        plain = msgspec.json.encode(notice) + b"\x02"
        padded = plain.ljust(-(-len(plain) // _STEP) * _STEP, b"\0")
        head = salt + _RECORD_BYTES.to_bytes(4, "big") + bytes([len(own_point)]) + own_point
        return head + AESGCM(key).encrypt(nonce, padded, None)

    def authorization(self, origin: str) -> str:
        """Return the header that says who sends, for one push service and half a day."""
        claims = {"aud": origin, "exp": int(time.time()) + _VALID_S, "sub": self._contact}
        return str(self._vapid.sign(claims)["Authorization"])


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def decode(text: str) -> bytes:
    """Return the bytes of base64url, with or without padding at its end."""
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
