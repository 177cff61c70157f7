"""The device's own authority, and the certificates it makes for itself."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest

from pisovereign.errors import StartError
from pisovereign.tls.authority import Authority
from pisovereign.tls.certificates import Certificates
from pisovereign.tls.leaf import certificate_names, issue
from pisovereign.tls.names import Names, device_names
from pisovereign.tls.own_certificate import OwnCertificate, authority_file, certificate_file
from tests.tls.handshakes import FakeClock, shake_hands, shown, trusting

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)  # OpenSSL knows no other time
HERE = ipaddress.ip_address("192.168.1.20")
NAMES = Names(("kitchen", "kitchen.local", "localhost"), (HERE,))
DAY = dt.timedelta(days=1)


class Device:
    """A device whose clock and names are what a test wants them to be."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.folder = folder
        self.clock = clock
        self.names = NAMES
        self.own = OwnCertificate(folder, lambda: self.names, clock)
        self.certificates = Certificates(self.own)

    def serial(self) -> int:
        """Look after the certificate once, and return the number of the one that is shown."""
        self.certificates.load()
        return shown(self.certificates.context).serial_number


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path, FakeClock(NOW))


@pytest.mark.parametrize("host", ["kitchen.local", "kitchen", "192.168.1.20"])
def test_who_trusts_the_authority_trusts_the_device(device: Device, host: str) -> None:
    device.certificates.load()
    client = trusting(device.own.authority().pem)
    end = shake_hands(device.certificates.context, client, host)
    assert end.version() == "TLSv1.3"


@pytest.mark.parametrize("host", ["bank.example", "printer.local", "203.0.113.7", "2001:4860::1"])
def test_authority_cannot_vouch_for_others(device: Device, tmp_path: Path, host: str) -> None:
    """Even one whose key was stolen: every client refuses what it signs for other names."""
    authority = device.own.authority()
    try:
        names = Names((), (ipaddress.ip_address(host),))
    except ValueError:
        names = Names((host,), ())
    stolen = tmp_path / "stolen.pem"
    stolen.write_bytes(issue(authority, names, device.clock))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(stolen)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(server, trusting(authority.pem), host)


def test_keys_are_private_and_the_authority_stays(device: Device) -> None:
    first = device.serial()
    before = authority_file(device.folder).read_bytes()
    assert authority_file(device.folder).stat().st_mode & 0o777 == 0o600
    assert certificate_file(device.folder).stat().st_mode & 0o777 == 0o600
    again = Device(device.folder, device.clock)
    assert again.serial() == first
    assert authority_file(device.folder).read_bytes() == before


def test_renewed_before_the_end_and_not_earlier(device: Device) -> None:
    first = device.serial()
    device.clock.time = NOW + 59 * DAY
    assert device.serial() == first
    device.clock.time = NOW + 61 * DAY
    second = device.serial()
    assert second != first
    assert shown(device.certificates.context).not_valid_after_utc > NOW + 150 * DAY


def test_renewed_when_names_or_addresses_change(device: Device) -> None:
    first = device.serial()
    moved = ipaddress.ip_address("10.0.0.7")
    device.names = Names(NAMES.hosts, (moved,))
    assert device.serial() != first
    assert certificate_names(shown(device.certificates.context)).addresses == (moved,)


def test_name_that_the_authority_was_not_made_for_is_left_out(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    first = device.serial()
    device.names = Names(("assistant.example", *NAMES.hosts), NAMES.addresses)
    assert device.serial() == device.serial() == first
    assert sum("assistant.example" in line for line in caplog.messages) == 1
    device.own.replace_authority()
    device.certificates.load()
    client = trusting(device.own.authority().pem)
    shake_hands(device.certificates.context, client, "assistant.example")


@pytest.mark.parametrize("year", [1970, 2021, 2048])
def test_wrong_clock_at_the_first_start_locks_nobody_out(tmp_path: Path, year: int) -> None:
    """The phone knows the time; the device, whose clock nobody set, need not."""
    device = Device(tmp_path, FakeClock(dt.datetime(year, 1, 1, tzinfo=dt.UTC), known=False))
    first = device.serial()
    shake_hands(device.certificates.context, trusting(device.own.authority().pem), "kitchen.local")
    assert device.serial() == first
    device.clock = device.own._clock = FakeClock(NOW)
    second = device.serial()
    assert second != first
    assert shown(device.certificates.context).not_valid_after_utc < NOW + 200 * DAY


def test_clock_that_goes_back_gets_a_certificate_of_its_time(device: Device) -> None:
    first = device.serial()
    device.clock.time = NOW - 400 * DAY
    assert device.serial() != first
    device.clock.known = False
    device.serial()
    assert shown(device.certificates.context).not_valid_before_utc.year == 2019


def test_certificate_that_is_damaged_or_of_another_authority_is_made_again(device: Device) -> None:
    first = device.serial()
    certificate_file(device.folder).write_bytes(b"power cut")
    second = device.serial()
    authority_file(device.folder).write_bytes(Authority.make(NAMES).stored)
    third = device.serial()
    assert len({first, second, third}) == 3
    shake_hands(device.certificates.context, trusting(device.own.authority().pem), "kitchen")


def test_damaged_authority_refuses_the_start_and_says_what_to_do(device: Device) -> None:
    device.certificates.load()
    authority_file(device.folder).write_bytes(b"-----BEGIN NOTHING-----")
    with pytest.raises(StartError, match="restore it from a backup, or delete it"):
        Device(device.folder, device.clock).certificates.load()
    shown(device.certificates.context)  # one that runs goes on


def test_names_of_this_machine() -> None:
    names = device_names(["Assistant.Example.", "192.0.2.9"])
    assert {"localhost", "assistant.example"} <= set(names.hosts)
    assert any(name.endswith(".local") for name in names.hosts)
    assert {"127.0.0.1", "::1", "192.0.2.9"} <= set(map(str, names.addresses))
