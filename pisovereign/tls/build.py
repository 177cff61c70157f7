"""TLS as the configuration wants it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from pisovereign.config import Config, ServerConfig
from pisovereign.errors import StartError
from pisovereign.tls.certificates import Certificates, Source
from pisovereign.tls.device_clock import DeviceClock
from pisovereign.tls.names import device_names
from pisovereign.tls.own_certificate import OwnCertificate


class GivenCertificate:
    """Files that somebody else keeps current."""

    def __init__(self, certificate_file: Path, key_file: Path) -> None:
        self.certificate_file = certificate_file
        self.key_file = key_file

    def refresh(self) -> None:
        """Do nothing."""


class Shown(msgspec.Struct, frozen=True):
    """The contents of the certificate in a file: times in UTC, names and addresses as text."""

    begins: dt.datetime
    ends: dt.datetime
    names: list[str]


def own_certificate(server: ServerConfig, data_dir: Path) -> OwnCertificate:
    """Return the certificate of the device's own authority, whether it is used or not."""
    return OwnCertificate(data_dir, lambda: device_names(server.names), DeviceClock())


def source(config: Config, data_dir: Path) -> Source | None:
    """Return where the certificate comes from; None: TLS is off.

    Raises:
        StartError: A file is not named.
    """
    match config.tls.mode:
        case "off":
            return None
        case "own-ca":
            return own_certificate(config.server, data_dir)
        case "files":
            if not (config.tls.certificate_file and config.tls.key_file):
                raise StartError('tls.mode = "files" needs tls.certificate_file and tls.key_file')
            return GivenCertificate(Path(config.tls.certificate_file), Path(config.tls.key_file))


def build_certificates(config: Config, data_dir: Path) -> Certificates | None:
    """Return TLS with a certificate that was read; None: it is off.

    Raises:
        StartError: There is no certificate that can be used.
    """
    found = source(config, data_dir)
    if found is None:
        return None
    if config.tls.port == config.server.port:
        raise StartError("tls.port and server.port must be two ports")
    certificates = Certificates(found)
    certificates.load()
    return certificates


def shown(certificate_file: Path) -> Shown:
    """Return what the certificate in a file says.

    Raises:
        StartError: There is none.
    """
    from cryptography import x509  # noqa: PLC0415

    from pisovereign.tls.leaf import certificate_names  # noqa: PLC0415

    try:
        found = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except OSError as error:
        raise StartError(f"{certificate_file}: {error.strerror}") from None
    except ValueError:
        raise StartError(f"{certificate_file}: no certificate in PEM") from None
    names = certificate_names(found)
    return Shown(
        found.not_valid_before_utc,
        found.not_valid_after_utc,
        [*names.hosts, *map(str, names.addresses)],
    )
