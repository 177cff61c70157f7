"""The certificate that clients are shown, kept current without a restart.

A connection gets the certificate that is there when it begins; those that are open go on. Each
process looks at the files by itself, so that whoever replaces them, also another process, has only
to do that.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path
from typing import Protocol

from pisovereign.errors import StartError
from pisovereign.jobs.periodic import PeriodicTask

_log = logging.getLogger(__name__)
_LOOK_S = 5.0
# Only what is authenticated, and has a key of its own for each connection.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_State = tuple[tuple[int, int, int], ...]


class Source(Protocol):
    """Where a certificate comes from; both files are PEM, and may be one."""

    certificate_file: Path
    key_file: Path

    def refresh(self) -> None:
        """Do what is due, such as renewing it.

        Raises:
            StartError: That cannot be done; what is there stays.
        """
        ...


class Certificates:
    """TLS for the connections of one process.

    Args:
        source: Where the certificate comes from.

    Attributes:
        context: What connections begin with.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._current: ssl.SSLContext | None = None
        self._seen: _State | None = None
        self._complaint = ""
        self.context = _new_context()
        # Nothing but this callback can be exchanged while connections are accepted: a context of
        # OpenSSL keeps a certificate for each kind of key, and never forgets one.
        self.context.sni_callback = self._choose
        self._periodic = PeriodicTask(self._look, "the TLS certificate is not renewed")
        self.start = self._periodic.start
        self.stop = self._periodic.stop

    def load(self) -> None:
        """Renew the certificate if that is due, and read it if it changed.

        Raises:
            StartError: There is none that can be used; one that was read before stays.
        """
        self._source.refresh()
        files = (self._source.certificate_file, self._source.key_file)
        state = tuple(_state(path) for path in files)
        if state == self._seen:
            return
        context = _new_context()
        load_pair(context, *files)
        self._current, self._seen = context, state

    async def _look(self) -> float:
        before = self._current
        try:
            await asyncio.to_thread(self.load)
        except StartError as error:
            self._complain(str(error))
        else:
            self._complaint = ""
            if self._current is not before:
                _log.info("new connections get the new TLS certificate")
        return _LOOK_S

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self._complaint = text
            _log.warning("the TLS certificate in use stays: %s", text)

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
    ) -> None:
        """Give a connection that begins the present certificate; OpenSSL calls this."""
        if self._current is not None:
            connection.context = self._current


def load_pair(context: ssl.SSLContext, certificate_file: Path, key_file: Path) -> None:
    """Read a certificate with its chain, and its key.

    Raises:
        StartError: They cannot be read, or do not belong together.
    """
    try:
        context.load_cert_chain(certificate_file, key_file, _no_password)
    except FileNotFoundError as error:
        missing = next((path for path in (certificate_file, key_file) if not path.exists()), None)
        raise StartError(f"{missing or certificate_file}: {error.strerror}") from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise StartError(f"{key_file} is not the key of {certificate_file}") from None
        raise StartError(
            f"{certificate_file} and {key_file} are not a certificate and its key in PEM"
        ) from None
    except OSError as error:
        raise StartError(f"{certificate_file}, {key_file}: {error.strerror}") from None
    except _Encrypted:
        raise StartError(f"{key_file} is encrypted; it must be a key without a password") from None


class _Encrypted(Exception):
    """A key needs a password."""


def _no_password() -> str:
    raise _Encrypted


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    # Phones know which cipher their processor is quick at.
    context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    return context


def _state(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_ino, status.st_size)
