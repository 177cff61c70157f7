"""Given certificates: read again when they change, and kept while what replaces them is broken."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pisovereign.config import Config, ServerConfig, TlsConfig
from pisovereign.errors import StartError
from pisovereign.tls.build import GivenCertificate, build_certificates
from pisovereign.tls.certificates import Certificates
from tests.tls.handshakes import shake_hands, shown

HOST = "assistant.example"


class Given:
    """Two files, as a tool that renews certificates writes them."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.certificate, self.key = folder / "chain.pem", folder / "key.pem"
        self.write()

    def write(self, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> None:
        made = self.ca.issue_cert(HOST, key_type=kind)
        self.certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        self.key.write_bytes(made.private_key_pem.bytes())


@pytest.fixture
def given(tmp_path: Path) -> Given:
    return Given(tmp_path)


@pytest.fixture
def certificates(given: Given) -> Certificates:
    made = Certificates(GivenCertificate(given.certificate, given.key))
    made.load()
    return made


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_another_kind_of_key_takes_the_place_of_the_first(
    given: Given, certificates: Certificates, version: ssl.TLSVersion
) -> None:
    """OpenSSL alone would keep both, and show a client the old one if it likes its kind more."""
    given.write(trustme.KeyType.RSA)
    certificates.load()
    client = ssl.create_default_context()
    given.ca.configure_trust(client)
    client.minimum_version = client.maximum_version = version
    end = shake_hands(certificates.context, client, HOST)
    assert end.version() == version.name.replace("_", ".")
    first = shown(certificates.context, HOST)
    given.write(trustme.KeyType.ECDSA)
    certificates.load()
    assert shown(certificates.context, HOST).serial_number != first.serial_number
    assert isinstance(shown(certificates.context, HOST).public_key(), ec.EllipticCurvePublicKey)


def test_old_protocols_are_refused(certificates: Certificates) -> None:
    assert certificates.context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert all(
        "ECDHE" in str(c["name"]) or c["protocol"] == "TLSv1.3" for c in _ciphers(certificates)
    )
    assert all(c["aead"] for c in _ciphers(certificates))


def _ciphers(certificates: Certificates) -> list[dict[str, object]]:
    return certificates.context.get_ciphers()  # type: ignore[return-value]


def test_what_is_broken_is_refused_in_words_and_the_old_one_stays(
    given: Given, certificates: Certificates
) -> None:
    first = shown(certificates.context, HOST).serial_number
    old_key = given.key.read_bytes()
    given.write()
    new_key = given.key.read_bytes()
    given.key.write_bytes(old_key)
    with pytest.raises(StartError, match=r"key\.pem is not the key of"):
        certificates.load()
    given.key.write_bytes(b"nonsense")
    with pytest.raises(StartError, match="not a certificate and its key in PEM"):
        certificates.load()
    encrypted = serialization.load_pem_private_key(new_key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    given.key.write_bytes(encrypted)
    with pytest.raises(StartError, match="without a password"):
        certificates.load()
    given.key.unlink()
    with pytest.raises(StartError, match=r"key\.pem: No such file"):
        certificates.load()
    assert shown(certificates.context, HOST).serial_number == first
    given.key.write_bytes(new_key)
    certificates.load()
    assert shown(certificates.context, HOST).serial_number != first


def test_start_is_refused_without_what_the_mode_needs(tmp_path: Path, given: Given) -> None:
    with pytest.raises(StartError, match=r"needs tls\.certificate_file and tls\.key_file"):
        build_certificates(Config(tls=TlsConfig(mode="files")), tmp_path)
    same = TlsConfig(
        mode="files",
        port=443,
        certificate_file=str(given.certificate),
        key_file=str(given.key),
    )
    with pytest.raises(StartError, match="must be two ports"):
        build_certificates(Config(tls=same, server=ServerConfig(port=443)), tmp_path)
    assert build_certificates(Config(), tmp_path) is None
