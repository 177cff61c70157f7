"""The parts of one installation and the order in which they start and stop."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec

from pisovereign.config import Config
from pisovereign.config.loading import PREFIX, config_file
from pisovereign.engine_client.switching import EngineState, switch_socket
from pisovereign.files import private_folder
from pisovereign.models.embeddings import embedding_dimensions, fetched_embeddings
from pisovereign.models.pull import ensure_models
from pisovereign.models.store import ModelStore
from pisovereign.process.forked import run_forked
from pisovereign.process.start_gate import StartGate, start_gate
from pisovereign.runtime import control_socket, engine_socket, master_key_file, runner_socket
from pisovereign.storage.embedded.layout import SHARED
from pisovereign.storage.embedded.server import EmbeddedServer
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.child import Child, Postgres
from pisovereign.supervisor.control_socket import ControlSocket, control_socket_at
from pisovereign.supervisor.database import create_in_fork, prepare_in_fork
from pisovereign.supervisor.engine_command import engine_options
from pisovereign.supervisor.engine_keeper import EngineKeeper
from pisovereign.supervisor.engine_launcher import EngineLauncher, drop_missing
from pisovereign.supervisor.idle_tuning import IdleTuning
from pisovereign.supervisor.recommended_model import RecommendedModel
from pisovereign.supervisor.switch_socket import SwitchSocket, switch_socket_at
from pisovereign.telemetry.multiprocess import log_folder

CHILD_STOP_S = 5.0


class Installation:
    """Database, engine, runner and API, as children of this process.

    Args:
        config: what is configured.
        data_dir: the data folder.
        models_dir: the folder of the models.
        ports: the sockets that the API answers on.
        fetch_recommended: whether to fetch the recommended model in the background.
    """

    def __init__(
        self,
        config: Config,
        data_dir: Path,
        models_dir: Path,
        *,
        ports: Sequence[socket.socket],
        fetch_recommended: bool = False,
    ) -> None:
        self._config = config
        self._data_dir = data_dir
        self._ports = ports
        self._models = ModelStore(models_dir)
        self._postgres = (
            None
            if config.database.url
            else Postgres(EmbeddedServer(data_dir, create=create_in_fork))
        )
        self._children: list[Child] = []
        self._engine: EngineKeeper | None = None
        self._switching: SwitchSocket | None = None
        self._fetch_recommended = fetch_recommended
        self._recommended: RecommendedModel | None = None
        self._tuning: IdleTuning | None = None
        self._sockets = ExitStack()
        self._control: ControlSocket | None = None

    @property
    def restart_wanted(self) -> bool:
        """Return whether everything is to be ended and started again."""
        return self._control is not None and self._control.restart_wanted

    def start(self) -> None:
        """Start everything; returns when all processes have been started.

        Raises:
            StartError: a model cannot be had, or the database cannot be used.
        """
        # Settings may hold keys and the database's address; engine and runner may know neither.
        bare = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        choices, manifest = self._config.memory.embedding_choices, self._models.manifest
        for model, dimensions in choices:
            embedding_dimensions(manifest, model, dimensions)
        if not self._config.inference.base_url:
            embeddings = fetched_embeddings(manifest, [choice.model for choice in choices])
            self._start_engine(embeddings, bare)
        control = control_socket(self._data_dir)
        private_folder(control.parent)
        self._control = self._sockets.enter_context(control_socket_at(control, self._data_dir))
        self._add(Child("runner", self._runner_argv, bare))
        gate = self._sockets.enter_context(start_gate())
        # The API loads what it needs while the database starts.
        planned = self._postgres.server.planned_dsn() if self._postgres else ""
        if planned is not None:
            self._add_api(planned, gate)
        dsn = self._start_database()
        gate.open()
        if planned is None:
            self._add_api(dsn, gate)

    def tend(self) -> None:
        """Start again what has ended, and exchange models.

        Called a few times a second, and at once when a child ends.
        """
        if self._engine is not None:
            self._engine.tend()
        if self._switching is not None:
            self._switching.tend()
        if self._recommended is not None:
            self._recommended.tend()
        if self._tuning is not None:
            self._tuning.tend()
        if self._control is not None:
            self._control.tend()
        for child in self._children:
            child.restart_ended()
        if self._postgres is not None:  # last, since it waits until the database answers
            self._postgres.restart_ended()

    def stop(self) -> None:
        """End the API first, so that running answers can finish, then what they need."""
        if self._recommended is not None:
            self._recommended.stop()
        if self._tuning is not None:
            self._tuning.stop()
        for port in self._ports:  # or who connects would wait for an API that comes no more
            port.close()
        grace = self._config.server.shutdown_grace_s + 2.0
        for child in reversed(self._children):
            child.ask_to_stop()
            child.wait_stopped(grace if child.name == "api" else CHILD_STOP_S)
        if self._engine is not None:
            self._engine.stop(CHILD_STOP_S)
        self._sockets.close()
        if self._postgres is not None:
            self._postgres.server.stop()

    def _start_database(self) -> str:
        """Start the database, and return how the API connects; empty: as is configured."""
        database, key_file = self._config.database, master_key_file(self._data_dir)
        if self._postgres is None:
            prepare_in_fork(database, database.url, "", key_file)
            return ""
        server = self._postgres.server
        server.start()
        prepare_in_fork(database, server.owner_dsn, server.app_dsn, key_file)
        return server.app_dsn

    def _add_api(self, dsn: str, gate: StartGate) -> None:
        ports = [port.fileno() for port in self._ports]
        argv = self._api_argv(dsn, ports, gate.waiting_side)
        self._add(Child("api", lambda: argv, passed=[*ports, gate.waiting_side]))

    def _add(self, child: Child) -> None:
        self._children.append(child)
        child.start()

    def _start_engine(self, embeddings: list[str], environment: Mapping[str, str]) -> None:
        """Start the engine with the model in use; models that are missing are fetched."""
        socket = engine_socket(self._config.engine, self._data_dir)
        private_folder(socket.parent)
        launcher = EngineLauncher(
            engine_options(self._config),
            models=self._models.root,
            data_dir=self._data_dir,
            state_dir=private_folder(self._data_dir / "engine"),
            socket=socket,
            more=[
                f"--parent-pid={os.getpid()}",
                f"--log-folder={log_folder(self._data_dir)}",
            ],
        )
        active = ActiveModel(self._data_dir, self._config.inference.model)
        drop_missing(active, launcher)
        wanted = [active.model, *embeddings]
        if self._models.missing(wanted):  # in a fork, which takes the HTTP client with it
            run_forked(partial(ensure_models, self._models.root, wanted))
        launcher.settle(active.model)
        self._engine = keeper = EngineKeeper(launcher, active, environment)
        keeper.start()
        if self._config.engine.tunes_while_idle:
            after_s = self._config.engine.tune_after_s
            self._tuning = IdleTuning(keeper, launcher, environment, after_s=after_s)
        self._switching = self._sockets.enter_context(
            switch_socket_at(switch_socket(socket), keeper.use, self._engine_state)
        )
        if self._fetch_recommended and active.model == active.configured:
            self._recommended = RecommendedModel(keeper, self._models.root, environment)
            self._recommended.start()

    def _engine_state(self) -> EngineState:
        assert self._engine is not None, "who asks has the socket of a keeper"
        fetch = self._recommended.progress if self._recommended else None
        return msgspec.structs.replace(self._engine.state, fetch=fetch)

    def _runner_argv(self) -> list[str]:
        runner = self._config.runner
        socket = runner_socket(self._config.runner, self._data_dir)
        private_folder(socket.parent)
        log = log_folder(self._data_dir)
        hidden = (self._data_dir, SHARED, socket.parent, config_file(), log)
        return [
            sys.executable,
            "-m",
            "pisovereign.runner.main",
            f"--socket={socket}",
            f"--parallel={runner.parallel}",
            f"--timeout={runner.timeout_s}",
            f"--output-bytes={runner.output_bytes}",
            f"--memory-bytes={runner.memory_bytes}",
            f"--processes={runner.processes}",
            *(f"--hide={path}" for path in hidden),
            f"--log-format={self._config.telemetry.log_format}",
            f"--log-folder={log}",
            f"--parent-pid={os.getpid()}",
        ]

    def _api_argv(self, dsn: str, ports: Sequence[int], gate: int) -> list[str]:
        argv = [sys.executable, "-m", "pisovereign.cli.serve", "api", f"--parent-pid={os.getpid()}"]
        argv += [f"--start-fd={gate}", *(f"--listen-fd={port}" for port in ports)]
        return [*argv, f"--database={dsn}"] if dsn else argv
