"""A certificate of the device's own authority, in two files of the data folder.

What makes and reads certificates takes megabytes, and is imported where it is needed: without TLS
it never is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pisovereign.errors import StartError
from pisovereign.files import create_private, replace_private
from pisovereign.tls.device_clock import Clock
from pisovereign.tls.names import Names

if TYPE_CHECKING:
    from cryptography import x509

    from pisovereign.tls.authority import Authority

_log = logging.getLogger(__name__)


def authority_file(data_dir: Path) -> Path:
    """Return where the authority is; with its key, so it belongs to nobody but this program."""
    return data_dir / "tls-authority.pem"


def certificate_file(data_dir: Path) -> Path:
    """Return where the certificate is that clients are shown, with its key."""
    return data_dir / "tls-certificate.pem"


class OwnCertificate:
    """Makes the authority once, and certificates whenever one is due.

    One is due before the last ends, when names or addresses change, and when the clock was set.

    Args:
        data_dir: The folder of the files.
        names: Returns what the device is called now.
        clock: The time.

    Attributes:
        certificate_file: What clients are shown.
        key_file: The same file, which holds the key too, so that both change at once.
    """

    def __init__(self, data_dir: Path, names: Callable[[], Names], clock: Clock) -> None:
        self._authority_file = authority_file(data_dir)
        self.certificate_file = self.key_file = certificate_file(data_dir)
        self._names = names
        self._clock = clock
        self._uncovered: Names | None = None

    def refresh(self) -> None:
        """Make what is missing or no longer right.

        Raises:
            StartError: The authority is damaged, or a file cannot be written.
        """
        from pisovereign.tls.leaf import must_be_renewed  # noqa: PLC0415

        authority = self.authority()
        names = self._names()
        covered = authority.covered(names)
        if names not in (covered, self._uncovered):
            self._uncovered = names
            _log.warning(
                "the authority of this device was made for other names than %s; "
                "`pisovereign-cli tls renew --authority` makes another, to be trusted anew",
                ", ".join(sorted(set(names.hosts) - set(covered.hosts))) or "its addresses",
            )
        shown = self.certificate()
        if shown is None or must_be_renewed(shown, authority, covered, self._clock):
            self.renew()

    def authority(self) -> Authority:
        """Return the authority, made if there is none.

        Raises:
            StartError: It is damaged, or cannot be written.
        """
        from pisovereign.tls.authority import Authority  # noqa: PLC0415

        if not self._authority_file.exists():
            create_private(self._authority_file, Authority.make(self._names()).stored)
        try:
            return Authority.load(self._authority_file.read_bytes())
        except OSError as error:
            raise StartError(f"{self._authority_file}: {error.strerror}") from None
        except StartError as error:
            raise StartError(
                f"{self._authority_file}: {error}; restore it from a backup, or delete it: then "
                "another is made, which every device has to trust anew"
            ) from None

    def certificate(self) -> x509.Certificate | None:
        """Return the certificate that is shown; None: there is none that can be read."""
        from cryptography import x509  # noqa: PLC0415

        try:
            return x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        except (OSError, ValueError):
            return None

    def renew(self) -> None:
        """Make another certificate."""
        from pisovereign.tls.leaf import issue  # noqa: PLC0415

        authority = self.authority()
        made = issue(authority, authority.covered(self._names()), self._clock)
        replace_private(self.certificate_file, made)

    def replace_authority(self) -> None:
        """Make another authority for the present names, and a certificate of it."""
        from pisovereign.tls.authority import Authority  # noqa: PLC0415

        replace_private(self._authority_file, Authority.make(self._names()).stored)
        self.renew()
