"""The units: what they allow, what they name, and whether systemd understands them."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pisovereign.appliance import main as appliance
from pisovereign.appliance.database import BACKUP_ROLE
from pisovereign.connectors.configuration import load_config
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.file_stores.stick import DEVICES
from pisovereign.runtime import engine_socket, network_socket, privileged_socket, runner_socket
from pisovereign.storage.embedded.cluster import DATABASE
from pisovereign.storage.roles import APP_ROLE
from pisovereign.updates import program as updates
from tests.support.programs import required_program
from tools.install_units import UNITS, install, units

ROOT = UNITS.parent
# Exposure, from 0 (none) to 100 (all there is).
MOST_EXPOSED = {
    "pisovereign.service": 15,
    "pisovereign-engine.service": 5,
    "pisovereign-setup.service": 15,
    "pisovereign-console.service": 15,
    "pisovereign-runner.service": 15,
    "pisovereign-runner-network.service": 15,
    "pisovereign-runner-privileged@.service": 15,
    "pisovereign-keys.service": 10,
    "pisovereign-update-settle.service": 10,
    # They write to partitions, and have the machine start again.
    "pisovereign-update@.service": 20,
    "pisovereign-update-confirm.service": 25,
    "pisovereign-update-deadline.service": 15,
}
OTHERS = 5
SYSTEMD = 257
WITH_NETWORK = {
    "pisovereign.service",
    "pisovereign-setup.service",
    "pisovereign-runner-network.service",
}
# They ask the API how it is.
ASKING_HERE = {"pisovereign-console.service", "pisovereign-update-confirm.service"}
SERVICES = [unit for unit in units() if unit.suffix == ".service"]
# What a root must have beside the units, so that systemd can look at all that they name.
BASE_UNITS = {
    "sysinit.target", "basic.target", "multi-user.target", "sockets.target", "timers.target",
    "shutdown.target", "network.target", "local-fs.target", "umount.target",
    "paths.target", "slices.target", "nftables.service",
}  # fmt: skip


def settings(unit: Path) -> dict[str, list[str]]:
    """A unit's settings, each with all its values, in whatever section."""
    found: dict[str, list[str]] = {}
    text = unit.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if "=" in line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with the units and, in the place of programs, files that can be executed."""
    install(tmp_path)
    folder = tmp_path / "usr/lib/systemd/system"
    for name in BASE_UNITS:
        text = "[Service]\nExecStart=/bin/true\n" if name.endswith(".service") else ""
        (folder / name).write_text(f"[Unit]\nDescription={name}\n{text}")
    programs = {
        shlex.split(values[0])[0]
        for unit in SERVICES
        for name, values in settings(unit).items()
        if name.startswith("Exec")
    }
    for program in programs | {"/bin/kill", "/bin/true"}:
        path = tmp_path / program.removeprefix("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    return tmp_path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Ask systemd-analyze; an older one than the appliance's does not know all settings."""
    program = required_program("systemd-analyze")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    version = int(told.stdout.split()[1])
    if version < SYSTEMD:
        pytest.skip(f"the units are for systemd {SYSTEMD} (Debian 13), this is {version}")
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""},
    )


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: str(unit.name))
def test_exposure(unit: Path, root: Path) -> None:
    threshold = MOST_EXPOSED.get(unit.name, OTHERS)
    done = analyze(
        "security", "--offline=true", f"--root={root}", f"--threshold={threshold}", unit.name
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_systemd_understands_them(root: Path) -> None:
    names = [unit.name.replace("@.", "@x.") for unit in units()]
    done = analyze("verify", f"--root={root}", "--man=no", *names)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_few_have_a_network() -> None:
    for unit in SERVICES:
        found = settings(unit)
        if unit.name in WITH_NETWORK:
            continue
        if unit.name in ASKING_HERE:
            assert found["IPAddressAllow"] == ["localhost"]
            continue
        assert found["PrivateNetwork"] == ["yes"], unit.name
        if unit.name != "pisovereign-runner-privileged@.service":
            assert found["IPAddressDeny"] == ["any"], unit.name


def test_what_runs_for_long_is_watched_and_comes_back() -> None:
    for name in ("pisovereign", "pisovereign-engine", "pisovereign-postgres"):
        found = settings(UNITS / f"{name}.service")
        assert found["Type"] == ["notify"]
        assert found["Restart"] == ["always"]
        assert found["StartLimitIntervalSec"] == ["0"]
        assert int(found["RestartSteps"][0]) > 1
        # The steps are never forgotten, so this is the pause after a crash in the second year.
        assert found["RestartMaxDelaySec"] == ["3s"]
        assert "MemoryMax" in found
        if name != "pisovereign-postgres":
            assert int(found["WatchdogSec"][0]) == 60
    weight = {unit.name: int(settings(unit).get("CPUWeight", ["100"])[0]) for unit in SERVICES}
    assert weight["pisovereign.service"] >= 8 * weight["pisovereign-engine.service"]


def test_a_stick_is_found_where_devices_are_hidden() -> None:
    api = settings(UNITS / "pisovereign.service")
    assert api["PrivateDevices"] == ["yes"]
    assert f"-{DEVICES}" in api["BindReadOnlyPaths"]
    assert "-/run/media" in api["ReadWritePaths"]


def test_sticks_are_looked_for_where_they_are_mounted() -> None:
    where = Path(settings(UNITS / "run-media-stick.mount")["Where"][0])
    set_up = settings(UNITS / "pisovereign-setup.service")["Environment"]
    assert f"PISOVEREIGN_SETUP__MEDIA_FOLDER={where.parent}" in set_up
    everywhere = settings(UNITS / "environment")
    assert everywhere["PISOVEREIGN_UPDATES__MEDIA_FOLDER"] == [str(where.parent)]


def test_what_is_hidden_is_hidden_by_its_other_name_too() -> None:
    # The data partition is mounted below /data, and parts of it again where they belong.
    for unit in SERVICES:
        found = settings(unit)
        hidden = set(" ".join(found.get("InaccessiblePaths", [])).split())
        if found.get("ProtectHome") == ["yes"]:
            assert "-/data/home" in hidden, unit.name
        for path in list(hidden):
            if path.startswith("-/var/lib/pisovereign"):
                assert path.replace("/var/lib/", "/data/") in hidden, unit.name
            if path.startswith("-/etc/"):
                assert "-/data/etc" in hidden, unit.name


def test_commands_of_the_network_may_give_up_rights() -> None:
    filters = settings(UNITS / "pisovereign-runner-network.service")["SystemCallFilter"]
    # The last one that names a call decides, and @privileged has it.
    assert filters.index("capset setuid") > filters.index("~@privileged @resources")


def test_programs_and_their_steps_are_there() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for unit in SERVICES:
        (line,) = settings(unit)["ExecStart"]
        program, *arguments = shlex.split(line)
        if program.startswith("/opt/pisovereign/bin/"):
            assert Path(program).name in scripts
        if program.endswith("/pisovereign-appliance"):
            appliance.parser().parse_args(arguments)
        if program.endswith("/pisovereign-update"):
            updates.parser().parse_args(arguments)


def test_the_environment_is_one_that_the_program_understands() -> None:
    lines = (UNITS / "environment").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    environment = {name: value.strip('"') for name, value in pairs}
    config = load_config(environment)
    server = settings(UNITS / "pisovereign-migrate.service")["ExecStart"][0].split("=")[-1]
    users = {"": APP_ROLE, "-decay": APP_ROLE, "-backup": BACKUP_ROLE}
    for name, user in users.items():
        address = settings(UNITS / f"pisovereign{name}.service")["Environment"][0]
        words = f"host={server} user={user} dbname={DATABASE}"
        assert address == f'"PISOVEREIGN_DATABASE__URL={words}"'
    for service in SERVICES:
        given = [
            v for value in settings(service).get("Environment", []) for v in shlex.split(value)
        ]
        load_config(environment | dict(variable.split("=", 1) for variable in given))
    data = Path(environment["PISOVEREIGN_DATA_DIR"])
    assert settings(UNITS / "pisovereign.service")["StateDirectory"] == [
        str(data.relative_to("/var/lib"))
    ]
    engine = settings(UNITS / "pisovereign-engine.service")["ExecStart"][0]
    assert f"--socket={engine_socket(config.engine, data)}" in shlex.split(engine)
    for found, unit in (
        (runner_socket(config.runner, data), "pisovereign-runner.socket"),
        (network_socket(config.runner), "pisovereign-runner-network.socket"),
        (privileged_socket(config.runner), "pisovereign-runner-privileged.socket"),
    ):
        assert settings(UNITS / unit)["ListenStream"] == [str(found)]


def test_secrets_of_integrations_are_credentials(tmp_path: Path) -> None:
    loaded = dict(c.split(":") for c in settings(UNITS / "pisovereign.service")["LoadCredential"])
    folders = (UNITS / "pisovereign.tmpfiles.conf").read_text(encoding="utf-8")
    # systemd names the files of a folder after it.
    for section, name in (
        ("caldav", "password"),
        ("email", "password"),
        ("whatsapp", "app_secret"),
    ):
        assert f"d {loaded[section]} " in folders
        (tmp_path / f"{section}_{name}").write_text("hidden\n")
        environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
        assert load_secret(f"{section}.{name}", "", "", environ) == "hidden"


def test_the_firewall() -> None:
    rules = UNITS / "nftables.conf"
    required_program("nft")
    required_program("ip")
    if os.geteuid() != 0:
        pytest.skip("only root can make the namespaces that stand for two machines")
    ssh = settings(UNITS / "ssh-firewall.conf")
    orders = [ssh[name][0].lstrip("-") for name in ("ExecStartPre", "ExecStopPost")]
    done = subprocess.run(
        ["unshare", "--net", "--mount", sys.executable, "-m", "tests.appliance.firewall",
         str(rules), *orders],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
        env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
    )  # fmt: skip
    if "not permitted" in done.stderr or "not supported" in done.stderr:
        pytest.skip(f"this kernel has no namespaces or nftables for us: {platform.release()}")
    assert done.stdout.splitlines() == [
        "without SSH: tcp 80, tcp 443, udp 5353",
        "with SSH: tcp 22, tcp 80, tcp 443, udp 5353",
        "without SSH: tcp 80, tcp 443, udp 5353",
    ], done.stderr
