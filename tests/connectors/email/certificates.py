"""An authority of our own, and certificates that it signed."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme


class Certificates:
    """Files in a folder: `ca.pem` to trust, `server.pem` and `server.key` for its names."""

    def __init__(self, folder: Path, *names: str) -> None:
        authority = trustme.CA()
        signed = authority.issue_cert(*(names or ("localhost", "127.0.0.1")))
        self.ca = folder / "ca.pem"
        self.chain, self.key = folder / "server.pem", folder / "server.key"
        authority.cert_pem.write_to_path(self.ca)
        signed.private_key_pem.write_to_path(self.key)
        for blob in signed.cert_chain_pems:
            blob.write_to_path(self.chain, append=True)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context
