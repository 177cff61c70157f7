"""Which hosts the gate lets through, and that nothing is resolved twice."""

from __future__ import annotations

import asyncio
import ipaddress
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.errors import HostFailed, Refused
from pisovereign.net.addresses import reach
from pisovereign.net.hosts import AllowedHost
from pisovereign.outbound.gate import Gate
from tests.outbound.listening import trap
from tests.support.patience import PATIENCE_S

PUBLIC = "93.184.215.14"


class Zone:
    """A name server whose answers change with every question."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def check(gate: Gate, host: str, port: int = 443) -> list[str]:
    return [str(address) for address in asyncio.run(gate.check(host, port))]


def test_a_public_host_passes_with_its_addresses_in_order() -> None:
    gate = Gate(resolve=Zone([PUBLIC, "2606:2800:21f:cb07::1"]))
    assert check(gate, "Weather.Example") == [PUBLIC, "2606:2800:21f:cb07::1"]


def test_a_local_host_passes_only_if_the_configuration_names_it() -> None:
    zone = Zone(["192.168.1.5"])
    with pytest.raises(Refused, match=r"outbound\.allow_hosts"):
        check(Gate(resolve=zone), "nas.local")
    assert check(Gate([AllowedHost.parse("NAS.local")], resolve=zone), "nas.local") == [
        "192.168.1.5"
    ]
    with pytest.raises(Refused):
        check(Gate([AllowedHost.parse("nas.local:5232")], resolve=zone), "nas.local", 22)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "::",
        "169.254.169.254",
        "fd00:ec2::254",
        "224.0.0.1",
        "ff02::1",
        "::ffff:10.0.0.1",
    ],
)
def test_some_addresses_are_for_nobody(address: str) -> None:
    gate = Gate([AllowedHost.parse("nas.local")], resolve=Zone([address]))
    with pytest.raises(Refused):
        check(gate, "nas.local")


def test_a_name_that_moves_gains_nothing() -> None:
    """Public when it is judged, this machine a moment later: only the judged address is used."""
    with trap() as listening:
        zone = Zone([PUBLIC], ["127.0.0.1"])
        gate = Gate(resolve=zone)
        assert check(gate, "rebind.example", listening.port) == [PUBLIC]
        assert zone.asked == 1
        with pytest.raises(Refused):
            gate.create_socket("rebind.example", listening.port, 1.0)
        assert listening.hits == 0


def test_a_socket_is_connected_to_the_judged_address() -> None:
    with trap() as listening:
        zone = Zone(["127.0.0.1"], ["10.255.255.1"])
        gate = Gate([AllowedHost.parse("nas.local")], resolve=zone)
        with gate.create_socket("nas.local", listening.port, 5.0) as connected:
            assert connected.getpeername() == ("127.0.0.1", listening.port)
            assert connected.gettimeout() == 5.0
        assert zone.asked == 1


def test_a_silent_name_server_is_not_waited_for() -> None:
    answer = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        answer.wait(PATIENCE_S)
        return [PUBLIC]

    gate = Gate(resolve=silent, timeout_s=0.05)
    try:
        with pytest.raises(HostFailed, match="not resolved in time"):
            check(gate, "slow.example")
        with pytest.raises(HostFailed, match="not resolved in time"):
            gate.check_blocking("slow.example", 443)
    finally:
        answer.set()


def test_an_unknown_name_is_a_failure_of_the_host() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(HostFailed, match="cannot be resolved"):
        check(Gate(resolve=unknown), "nobody.example")
    with pytest.raises(HostFailed, match="no address"):
        check(Gate(resolve=Zone([])), "empty.example")


@pytest.mark.parametrize(
    "text", ["", "a b", "http://a", "a:0", "a:b", "[nas]", "a/24", "1.2", "a:1:2"]
)
def test_a_permission_must_be_understood(text: str) -> None:
    with pytest.raises(Refused):
        AllowedHost.parse(text)


@pytest.mark.parametrize("host", ["\u212aernel.example", "ex\u00e4mple.example", "1\u0662.example"])
def test_names_are_ascii(host: str) -> None:
    """The first one becomes ASCII only when it is made lower case."""
    with pytest.raises(Refused):
        check(Gate(resolve=Zone([PUBLIC])), host)


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(address: ipaddress.IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert reach(address) != "public"


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_by_itself(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) + number)
    assert (reach(nat64) == "public") == (reach(inner) == "public")
    for outer in (
        ipaddress.IPv6Address((0xFFFF << 32) + number),
        ipaddress.IPv6Address(number | 1 << 80),
        ipaddress.IPv6Address((0x2002 << 112) + (number << 80) + 1),
        ipaddress.IPv6Address((0x20010000 << 96) + (number ^ 0xFFFFFFFF)),
    ):
        assert reach(outer) in {"never", "local"}
