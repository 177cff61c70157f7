"""Find sockets, key files and the time zone of this machine."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.config import Config, EngineConfig, RunnerConfig, ServerConfig, SetupConfig
from pisovereign.languages import OTHERWISE, Language
from pisovereign.locales import host_zone_name

CONTROL = "control.sock"
LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """Places and secrets of the API process.

    `engine_target` is a UNIX socket's path or an http(s) base URL. Commands are executed at
    `runner_socket`, those that need root or the network at sockets of their own, if there are any.
    The supervisor is asked at `control_socket`, if there is one.
    Where nobody chose another one, times are those of `time_zone`, and texts are in `language`.
    `owner_key` is None when the configuration has keys of its own. `trial_key` is set while an
    update is tried: only its check is served then.
    `started_at` is in seconds since the epoch; every process of this installation that this one may
    look at descends from `root_pid`, or has a control group in `service_groups`.
    """

    database_dsn: str
    engine_target: str
    runner_socket: Path
    privileged_socket: Path | None
    network_socket: Path | None = None
    control_socket: Path | None = None
    service_groups: Path | None = None
    master_key: bytes
    owner_key: str | None
    trial_key: str | None = None
    time_zone: ZoneInfo
    language: Language = OTHERWISE
    started_at: float
    root_pid: int


def engine_socket(engine: EngineConfig, data_dir: Path) -> Path:
    """Return the socket of the built-in engine."""
    return _socket(engine.socket, data_dir, "engine.sock")


def runner_socket(runner: RunnerConfig, data_dir: Path) -> Path:
    """Return the socket of the runner."""
    return _socket(runner.socket, data_dir, "runner.sock")


def control_socket(data_dir: Path) -> Path:
    """Return the socket of the supervisor, where there is one."""
    return _socket("", data_dir, CONTROL)


def network_socket(runner: RunnerConfig) -> Path | None:
    """Return the socket of a second runner for commands that need the network, if there is one."""
    path = runner.network_socket
    return Path(path) if path else None


def privileged_socket(runner: RunnerConfig) -> Path | None:
    """Return the socket for commands that need root, if the machine has one."""
    path = runner.privileged_socket
    return Path(path) if path else None


def setup_code_file(data_dir: Path) -> Path:
    """Return where the present one-time code is; it exists only while set-up runs."""
    return data_dir / "setup" / "code"


def setup_done_file(data_dir: Path) -> Path:
    """Return the file that exists once set-up is done; services wait for it."""
    return data_dir / "setup-done"


def needs_setup(setup: SetupConfig, data_dir: Path) -> bool:
    """Return whether nothing but set-up may run."""
    return setup.enabled and not setup_done_file(data_dir).exists()


def _socket(configured: str, data_dir: Path, file: str) -> Path:
    if configured:
        return Path(configured)
    path = data_dir / "run" / file
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir()) / f"pisovereign-{os.getuid()}-{name}" / file


def master_key_file(data_dir: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file with the key that stored text is sealed with; it belongs to every backup.

    A systemd service gets it as a credential, which it cannot make or change.
    """
    explicit = environ.get("PISOVEREIGN_MASTER_KEY_FILE")
    return Path(explicit).absolute() if explicit else data_dir / "master.key"


def engine_target(config: Config, data_dir: Path) -> str:
    """Return the URL of the configured server, else the socket of the built-in engine."""
    return config.inference.base_url or str(engine_socket(config.engine, data_dir))


def time_zone(server: ServerConfig) -> ZoneInfo:
    """Return the user's time zone: the configured one, else the host's, else UTC."""
    if server.time_zone:
        return ZoneInfo(server.time_zone)
    name = host_zone_name()
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a TZ that is a rule, or no zone data for the name
        return ZoneInfo("UTC")
