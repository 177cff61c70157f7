"""What listens on loopback only is not announced."""

from __future__ import annotations

import pytest

from pisovereign.assembly.announcer import OWN, reachable
from pisovereign.config import Config, ServerConfig, TlsConfig, WyomingConfig
from pisovereign.net.hosts import is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("/run/x", True), ("0.0.0.0", False),
     ("192.168.1.5", False), ("::", False), ("pi.local", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


def test_nothing_on_loopback_is_announced() -> None:
    assert reachable(Config(wyoming=WyomingConfig(enabled=True)), None) == []
    (found,) = reachable(Config(server=ServerConfig(host="0.0.0.0")), None)
    assert (found.type, found.port, found.about["tls"]) == (OWN, 3000, "0")
    secured = Config(server=ServerConfig(host="0.0.0.0"), tls=TlsConfig(mode="own-ca", port=8443))
    (found,) = reachable(secured, None)
    assert (found.port, found.about["tls"]) == (8443, "1")
