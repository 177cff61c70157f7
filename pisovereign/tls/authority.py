"""The certificate authority of one device: made by it, for its own names, and for nothing else.

Whoever trusts it trusts it for those names and for addresses of local networks: name constraints in
the certificate say so, and every current browser and phone honors them. Its dates depend on no
clock, so that a device which does not know the time yet can make it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from ipaddress import IPv4Network, IPv6Network
from typing import Self

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pisovereign.errors import StartError
from pisovereign.net.addresses import LOCAL, Address
from pisovereign.tls.names import Names

# Of the authority, and of certificates from a time when nobody knew the time. Apple's limit of 825
# days does not count for certificates that begin before July 2019.
FIRST_DAY = dt.datetime(2019, 1, 1, tzinfo=dt.UTC)
LAST_DAY = dt.datetime(2049, 12, 31, tzinfo=dt.UTC)


class Authority(msgspec.Struct, frozen=True):
    """An authority with its key, which signs certificates for the names it is limited to."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, names: Names) -> Self:
        """Make one that may sign for these names, for names below them, and local addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        device = next((name for name in names.hosts if name.endswith(".local")), names.hosts[0])
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PiSovereign"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"PiSovereign {device}"[:64]),
            ]
        )
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(FIRST_DAY)
            .not_valid_after(LAST_DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(_constraints(names), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def load(cls, stored: bytes) -> Self:
        """Read what `stored` gave.

        Raises:
            StartError: It is damaged, or key and certificate do not belong together.
        """
        try:
            found = x509.load_pem_x509_certificate(stored)
            private = serialization.load_pem_private_key(stored, None)
        except (ValueError, TypeError):
            raise StartError("the authority of this device is damaged") from None
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise StartError("the key of this device's authority is of another kind")
        if private.public_key() != found.public_key():
            raise StartError("the key of this device's authority belongs to another certificate")
        return cls(found, private)

    @property
    def stored(self) -> bytes:
        """Return both as PEM texts, the key first."""
        return private_pem(self.key) + self.pem

    @property
    def pem(self) -> bytes:
        """Return the certificate, which is public."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def covered(self, names: Names) -> Names:
        """Return those of the names that it may sign for."""
        limits = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        allowed = limits.permitted_subtrees or []
        hosts = [each.value for each in allowed if isinstance(each, x509.DNSName)]
        networks = [each.value for each in allowed if isinstance(each, x509.IPAddress)]
        return Names(
            tuple(h for h in names.hosts if any(h == n or h.endswith(f".{n}") for n in hosts)),
            tuple(a for a in names.addresses if any(_holds(n, a) for n in networks)),
        )


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as an unencrypted PEM text."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as devices show it: `AB:CD:…`."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def der_of(certificate: x509.Certificate) -> bytes:
    """Return a certificate in the form that devices install."""
    return certificate.public_bytes(serialization.Encoding.DER)


def pem_of(certificate: x509.Certificate) -> bytes:
    """Return a certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def _constraints(names: Names) -> x509.NameConstraints:
    networks = [*LOCAL, *(_alone(a) for a in names.addresses if not _is_local(a))]
    return x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(name) for name in names.hosts),
            *(x509.IPAddress(network) for network in networks),
        ],
        excluded_subtrees=None,
    )


def _is_local(address: Address) -> bool:
    return any(address in network for network in LOCAL)


def _alone(address: Address) -> IPv4Network | IPv6Network:
    return ipaddress.ip_network((address, address.max_prefixlen))


def _holds(limit: object, address: Address) -> bool:
    return isinstance(limit, IPv4Network | IPv6Network) and address in limit
