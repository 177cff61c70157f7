"""TLS handshakes in memory, with OpenSSL on both sides."""

from __future__ import annotations

import datetime as dt
import ssl

import msgspec
from cryptography import x509


class FakeClock(msgspec.Struct):
    """A clock that says what it is told to."""

    time: dt.datetime
    known: bool = True

    def now(self) -> dt.datetime:
        return self.time

    def is_set(self) -> bool:
        return self.known


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> ssl.SSLObject:
    """Connect both in memory; returns the client's end, or raises what it raises."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = server.wrap_bio(to_server, to_client, server_side=True)
    here = client.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(10):
        for end in (here, there):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
        if here.version() and here.getpeercert(binary_form=True):
            return here
    raise AssertionError("the handshake does not end")


def shown(server: ssl.SSLContext, host: str = "localhost") -> x509.Certificate:
    """Return the certificate that a client which trusts everybody is shown."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    sent = shake_hands(server, client, host).getpeercert(binary_form=True)
    assert sent is not None
    return x509.load_der_x509_certificate(sent)


def trusting(authority: bytes) -> ssl.SSLContext:
    """A client that trusts one authority, strictly."""
    client = ssl.create_default_context(cadata=authority.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return client
