"""The units name programs, options, accounts and sockets that are there."""

from __future__ import annotations

import shlex
import tomllib
from configparser import ConfigParser
from pathlib import Path

from pisovereign.runner import main, privileged
from pisovereign.runner.account import OWN_ACCOUNT

UNITS = Path(__file__).parents[2] / "systemd"
ENVIRONMENT = (UNITS / "environment").read_text(encoding="utf-8").splitlines()


def unit(name: str) -> dict[str, dict[str, str]]:
    """A unit's sections; of settings that are repeated, the last."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((UNITS / name).read_text(encoding="utf-8"))
    return {section: dict(parser[section]) for section in parser.sections()}


def command(name: str) -> list[str]:
    program, *arguments = shlex.split(unit(name)["Service"]["ExecStart"])
    scripts = tomllib.loads((UNITS.parent / "pyproject.toml").read_text())["project"]["scripts"]
    assert Path(program).name in scripts
    return arguments


def test_programs_know_their_options() -> None:
    args = main.parser().parse_args(command("pisovereign-runner.service"))
    assert args.allow_user == [unit("pisovereign-runner.socket")["Socket"]["SocketUser"]]
    args = privileged.parser().parse_args(command("pisovereign-runner-privileged@.service"))
    assert args.allow_user == unit("pisovereign-runner-privileged.socket")["Socket"]["SocketUser"]


def test_only_the_api_may_connect() -> None:
    for kind in ("", "-network", "-privileged"):
        name = f"pisovereign-runner{kind}.socket"
        socket = unit(name)["Socket"]
        assert (socket["SocketMode"], socket["SocketUser"]) == ("0600", "pisovereign")
        assert any(line.endswith(f"SOCKET={socket['ListenStream']}") for line in ENVIRONMENT)


def test_commands_run_as_the_account_that_is_made() -> None:
    accounts = (UNITS / "pisovereign.sysusers.conf").read_text(encoding="utf-8")
    assert f"u {OWN_ACCOUNT} " in accounts
    assert unit("pisovereign-runner.service")["Service"]["User"] == OWN_ACCOUNT


def test_the_runner_may_make_its_namespaces() -> None:
    service = unit("pisovereign-runner.service")["Service"]
    assert service["RestrictNamespaces"].split() == ["pid", "mnt", "net"]
    assert service["AmbientCapabilities"] == "CAP_SYS_ADMIN"
    text = (UNITS / "pisovereign-runner.service").read_text(encoding="utf-8")
    assert "SystemCallFilter=@system-service @mount\n" in text
    assert service["PrivateUsers"] == "identity"
