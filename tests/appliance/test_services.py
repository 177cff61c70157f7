"""Engine and API on their own, as systemd starts them: told to, watched, ended."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest
import requests

from tests.appliance.conftest import Database, run_step
from tests.support.patience import PATIENCE_S
from tests.support.second_model import add_tiny, models_beside
from tests.support.server import ADMIN_KEY, ALICE_KEY, TWO_USERS, wait_until
from tests.support.service import Service

START_S = 60.0


class Places:
    """The folders of one appliance."""

    def __init__(self, root: Path, models: Path, database: Database) -> None:
        self.root = root
        self.models = models
        self.engine_socket = root / "run" / "engine.sock"
        self.settings = root / "run" / "engine.json"
        for name in ("api", "engine", "run", "credentials"):
            (root / name).mkdir(mode=0o700)
        (root / "api" / "config.toml").write_text(TWO_USERS)
        self.environment = {
            "PISOVEREIGN_DATA_DIR": str(root / "api"),
            "PISOVEREIGN_MODELS_DIR": str(models),
            "PISOVEREIGN_DATABASE__URL": database.dsn("pisovereign_app"),
            "PISOVEREIGN_ENGINE__SOCKET": str(self.engine_socket),
            "PISOVEREIGN_ENGINE__TUNE": "false",
            "PISOVEREIGN_MASTER_KEY_FILE": str(root / "credentials" / "master.key"),
        }

    def engine(self) -> Service:
        return Service(
            [
                sys.executable,
                "-m",
                "pisovereign.appliance.main",
                "engine",
                f"--settings={self.settings}",
                f"--models={self.models}",
                f"--state={self.root / 'engine'}",
                f"--socket={self.engine_socket}",
            ],
            {},
        )

    def api(self, *sockets: socket.socket) -> Service:
        argv = [sys.executable, "-m", "pisovereign.cli.serve", "api"]
        return Service(argv, self.environment, sockets=sockets)


@pytest.fixture
def places(data_dir: Path, models_dir: Path, database: Database) -> Places:
    """After first boot: keys, cluster, tables."""
    result = Places(data_dir, models_dir, database)
    run_step(
        "master-key",
        f"--file={data_dir / 'credentials' / 'master.key'}",
        f"--cluster={database.cluster}",
    )
    run_step("cluster", f"--home={database.home}")
    database.start()
    run_step("schema", f"--socket={database.socket}")
    return result


def test_each_part_runs_alone(places: Places) -> None:
    run_step("settings", f"--file={places.settings}", **places.environment)
    told = places.settings.read_text()
    assert ALICE_KEY not in told
    assert set(json.loads(told)) == {
        "model",
        "embedding_models",
        "engine",
        "public_prompt",
        "telemetry",
    }
    with (
        socket.create_server(("127.0.0.1", 0)) as v4,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as v6,
        places.engine() as engine,
        places.api(v4, v6) as api,
    ):
        engine.expect("READY=1", START_S)
        assert places.engine_socket.stat().st_mode & 0o777 == 0o660
        api.expect("READY=1", START_S)
        urls = [f"http://127.0.0.1:{v4.getsockname()[1]}", f"http://[::1]:{v6.getsockname()[1]}"]
        for url in urls:
            assert requests.get(f"{url}/ready/all", timeout=PATIENCE_S).status_code == 200
        answer = requests.post(
            f"{urls[0]}/v1/chat",
            json={"message": "Hello", "max_tokens": 8},
            headers={"Authorization": f"Bearer {ALICE_KEY}"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        # The key that text is sealed with is the credential, and no other was made.
        assert not (places.root / "api" / "master.key").exists()
        for service in (engine, api):
            service.forget()
            service.expect("WATCHDOG=1", PATIENCE_S)
        assert api.stop() == 0
        assert engine.stop() == 0
        assert not places.engine_socket.exists()
        # The listening sockets are systemd's: they are still there for the next start.
        assert socket.create_connection(v4.getsockname(), PATIENCE_S)


def test_the_model_is_exchanged(places: Places) -> None:
    places.models = models_beside(places.models, places.root / "models")
    add_tiny(places.models)
    run_step("settings", f"--file={places.settings}", **places.environment)
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        places.engine() as engine,
        places.api(listening) as api,
    ):
        engine.expect("READY=1", START_S)
        api.expect("READY=1", START_S)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        active = f"{url}/v1/system/models/active"
        admin = {"Authorization": f"Bearer {ADMIN_KEY}"}
        asked = requests.post(active, json={"model": "tiny"}, headers=admin, timeout=PATIENCE_S)
        assert asked.status_code == 202, asked.text

        def done() -> bool:
            state = requests.get(active, headers=admin, timeout=PATIENCE_S).json()
            assert state["switch"]["stage"] != "failed", state
            return bool(state["switch"]["stage"] == "done")

        wait_until(done, START_S, "the switch")
        assert places.engine_socket.stat().st_mode & 0o777 == 0o660
        # systemd hears of the new process what it heard of the old one.
        engine.forget()
        engine.expect("WATCHDOG=1", PATIENCE_S)
        body = {"message": "Hello", "max_tokens": 4}
        answer = requests.post(f"{url}/v1/chat", json=body, headers=admin, timeout=60)
        assert answer.json()["model"] == "tiny"
        assert (places.root / "engine" / "active-model").exists()
        assert api.stop() == 0
        assert engine.stop() == 0
