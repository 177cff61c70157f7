"""Values for placeholders: checked before anything runs, and never more than one argument."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.catalog.command_line import bind, parse_command
from pisovereign.catalog.placeholders import Placeholder, ValueRefused, fill
from pisovereign.errors import ValidationFailed

KINDS = [
    Placeholder("x", "hostname"),
    Placeholder("x", "ip"),
    Placeholder("x", "int", "1..100"),
    Placeholder("x", "unit"),
    Placeholder("x", "path", "/var/log"),
    Placeholder("x", "word"),
]
ATTACKS = [
    "", " ", "-", "--", "-o", "-rf", "--output=x", "--help", "-oProxyCommand=x", "\u2013o", "a b",
    "a;id", "a|id", "a&id", "$(id)", "`id`", "a\nb", "a\0b", "a\tb", "a\rb", " x", "x ",
    "../x", "../../etc/passwd", "x/../../etc", "/etc/passwd", "./x", "x/./y", "x//y", "x/", "/",
    "~", "~root", "\uff0do", "\u2212o", "\u202ex", "\u200bx", "\u0430", "a\u0301", "\ud800",
    "\uff0e\uff0e/x", "x" * 256,
]  # fmt: skip


def refused(placeholder: Placeholder, value: str) -> str:
    with pytest.raises(ValueRefused) as caught:
        fill(placeholder, value)
    return str(caught.value)


@pytest.mark.parametrize("placeholder", KINDS, ids=lambda p: p.kind)
@pytest.mark.parametrize("value", ATTACKS)
def test_attacks(placeholder: Placeholder, value: str) -> None:
    """Nothing of them is accepted, but a path that is an odd name below its folder."""
    try:
        filled = fill(placeholder, value)
    except ValueRefused:
        return
    assert placeholder.kind == "path"
    assert filled == f"/var/log/{value}"
    assert not set(filled.split("/")) & {".", ".."}


@pytest.mark.parametrize(
    ("placeholder", "value", "filled"),
    [
        (KINDS[0], "example.org", "example.org"),
        (KINDS[0], "raspberrypi", "raspberrypi"),
        (KINDS[0], "192.168.1.1", "192.168.1.1"),
        (KINDS[0], "xn--mnchen-3ya.de.", "xn--mnchen-3ya.de."),
        (KINDS[1], "192.168.1.1", "192.168.1.1"),
        (KINDS[1], "2001:0DB8::0001", "2001:db8::1"),
        (KINDS[2], "1", "1"),
        (KINDS[2], "007", "7"),
        (KINDS[2], "100", "100"),
        (KINDS[3], "ssh", "ssh.service"),
        (KINDS[3], "ssh.service", "ssh.service"),
        (KINDS[3], "getty@tty1", "getty@tty1.service"),
        (KINDS[4], "syslog", "/var/log/syslog"),
        (KINDS[4], "/var/log/apt/history.log", "/var/log/apt/history.log"),
        (KINDS[4], ".hidden", "/var/log/.hidden"),
        (KINDS[4], "Über uns.log", "/var/log/Über uns.log"),
        (KINDS[5], "eth0", "eth0"),
        (KINDS[5], "user@host:1.2+3", "user@host:1.2+3"),
    ],
)
def test_values(placeholder: Placeholder, value: str, filled: str) -> None:
    assert fill(placeholder, value) == filled


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        (KINDS[0], "a..b"),
        (KINDS[0], "a_b.de"),
        (KINDS[0], "-a.de"),
        (KINDS[0], "a-.de"),
        (KINDS[0], "münchen.de"),
        (KINDS[0], "1.2.3.4.5"),
        (KINDS[0], "256.1.1.1"),
        (KINDS[0], "a" * 64),
        (KINDS[0], ".".join(["a" * 60] * 5)),
        (KINDS[1], "1.2.3"),
        (KINDS[1], "010.1.1.1"),
        (KINDS[1], "fe80::1%eth0"),
        (KINDS[1], "1.2.3.4/24"),
        (KINDS[2], "0"),
        (KINDS[2], "101"),
        (KINDS[2], "1.0"),
        (KINDS[2], "+1"),
        (KINDS[2], "1e1"),
        (KINDS[2], "1_0"),
        (KINDS[2], "\u0661"),
        (KINDS[2], "9" * 50),
        (KINDS[3], "x.timer"),
        (KINDS[3], "x.mount"),
        (KINDS[3], "a/b"),
        (KINDS[3], "a\\x2d"),
        (KINDS[4], "/var/logs/x"),
        (KINDS[4], "/var/log"),
        (KINDS[4], "/var/log/"),
        (KINDS[4], "a/-rf"),
        (KINDS[5], "a=b"),
        (KINDS[5], "a/b"),
    ],
)
def test_values_of_another_kind(placeholder: Placeholder, value: str) -> None:
    refused(placeholder, value)


@given(st.sampled_from(KINDS), st.text(max_size=20))
def test_whatever_is_given_stays_one_harmless_argument(
    placeholder: Placeholder, value: str
) -> None:
    try:
        filled = fill(placeholder, value)
    except ValueRefused:
        return
    assert filled
    assert not filled.startswith("-")
    assert filled.isprintable()
    assert placeholder.kind != "path" or filled.startswith("/var/log/")


@given(st.ip_addresses())
def test_every_address_is_one(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert fill(KINDS[1], str(address)) == str(address)


def test_all_faults_are_named_at_once() -> None:
    words = parse_command("ping -c {count:int:1..10} {host:hostname} {more:word}")
    with pytest.raises(ValidationFailed) as caught:
        bind(words, {"count": "11", "host": "-x", "other": "y"})
    named = [row["field"] for row in caught.value.fields]
    assert sorted(named) == [f"arguments.{n}" for n in ("count", "host", "more", "other")]


def test_values_cannot_make_a_program_run_another_one() -> None:
    words = parse_command("ip netns {action:word} {name:word}")
    assert bind(words, {"action": "list", "name": "x"}) == ("ip", "netns", "list", "x")
    with pytest.raises(ValidationFailed):
        bind(words, {"action": "exec", "name": "x"})
