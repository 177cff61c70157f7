"""The certificate that the device shows: signed by its own authority, for its present names."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Address, IPv6Address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pisovereign.tls.authority import FIRST_DAY, LAST_DAY, Authority, private_pem
from pisovereign.tls.device_clock import Clock
from pisovereign.tls.names import Names, sort_addresses

# Clocks of others may be behind.
_BEFORE = dt.timedelta(days=30)
_AFTER = dt.timedelta(days=90)
_RENEWED = dt.timedelta(days=30)  # before its end


def issue(authority: Authority, names: Names, clock: Clock) -> bytes:
    """Return a new key and a certificate for `names`, as PEM texts in that order.

    Where the time is not known it is valid at any time: a phone, which knows it, would refuse one
    that had not begun or was over.
    """
    now = clock.now()
    begins, ends = (now - _BEFORE, now + _AFTER) if clock.is_set() else (FIRST_DAY, LAST_DAY)
    key = ec.generate_private_key(ec.SECP256R1())
    signer = authority.certificate
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    general = [
        *(x509.DNSName(name) for name in names.hosts),
        *(x509.IPAddress(address) for address in names.addresses),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PiSovereign")]))
        .issuer_name(signer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(general), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), False
        )
        .sign(authority.key, hashes.SHA256())
    )
    return private_pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def must_be_renewed(
    certificate: x509.Certificate, authority: Authority, names: Names, clock: Clock
) -> bool:
    """Return whether the device should show another one from now on."""
    if certificate_names(certificate) != names:
        return True
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return True
    is_timeless = certificate.not_valid_after_utc == LAST_DAY
    if not clock.is_set():
        # It may be over already for those who know the time.
        return not is_timeless
    now = clock.now()
    begun = certificate.not_valid_before_utc <= now
    return is_timeless or not begun or now > certificate.not_valid_after_utc - _RENEWED


def certificate_names(certificate: x509.Certificate) -> Names:
    """Return what a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names((), ())
    hosts = names.get_values_for_type(x509.DNSName)
    addresses = names.get_values_for_type(x509.IPAddress)
    plain = [each for each in addresses if isinstance(each, IPv4Address | IPv6Address)]
    return Names(tuple(sorted(hosts)), sort_addresses(plain))
