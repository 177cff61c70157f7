"""`pisovereign-cli bench`: how fast the model is on this board, in a file to share."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import sys
import tempfile
from pathlib import Path

from pisovereign import __version__
from pisovereign.appliance.settings import read_settings
from pisovereign.cli import tuning_text
from pisovereign.cli.actions import LOCAL, Commands, argument, flag
from pisovereign.cli.output import confirmed
from pisovereign.config.loading import PREFIX, data_dir, models_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.engine.machine import this_board, this_build
from pisovereign.engine_client.client import EngineClient
from pisovereign.errors import EngineMisbehaved, EngineUnavailable, StartError
from pisovereign.files import private_folder
from pisovereign.models.device import memory_bandwidth
from pisovereign.models.store import ModelStore
from pisovereign.runtime import engine_socket
from pisovereign.supervisor import speed, speed_report
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.engine_command import EngineOptions, engine_options
from pisovereign.supervisor.engine_launcher import EngineLauncher
from pisovereign.supervisor.engine_process import EngineProcess
from pisovereign.supervisor.speed_report import SpeedReport, Surroundings

LIMIT_S = 200.0
_HEALTH_S = 5.0
_STOP_S = 10.0
_SHOWN = ("threads", "batch", "flash", "kv", "parallel", "context", "wait", "micro", "weights")


_QUESTION = (
    "PiSovereign is running: it would be slow meanwhile, and what is measured would be wrong.\n"
    "Measure all the same? Type yes:"
)
COMMANDS = Commands(options=LOCAL)


@COMMANDS.runs(
    "bench",
    "measure the model's speed on this board, and write a file to share",
    argument("--model", "default: the model in use", metavar="ID"),
    argument("--output", "default: in this folder", type=Path, metavar="FILE"),
    argument("--seconds", "begin no run after this (default: 200)", type=float, default=LIMIT_S),
    flag("--yes", "measure although PiSovereign is running"),
    argument("--settings", "the engine's settings on an appliance", type=Path, metavar="FILE"),
)
def _bench(args: argparse.Namespace) -> int:
    options = read_settings(args.settings) if args.settings else _options()
    socket = engine_socket(options.engine, data_dir())
    if asyncio.run(_answers(socket)) and not (args.yes or confirmed(_QUESTION)):
        raise StartError("PiSovereign is running: stop it first, or give --yes")
    model = args.model or ActiveModel.peek(data_dir(), options.model)
    report = measure(options, model, args.seconds)
    name = f"pisovereign-bench-{model}-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}.md"
    output = args.output or Path(name)
    try:
        output.write_text(speed_report.page(report), encoding="utf-8")
    except OSError as error:
        raise StartError(f"{output}: {error.strerror}") from None
    print(speed_report.summary(report))
    print(f"written to {output}; nothing in it tells who you are", file=sys.stderr)
    return 0


def measure(options: EngineOptions, model: str, limit_s: float) -> SpeedReport:
    """Measure a model.

    Args:
        options: The settings.
        model: Its id.
        limit_s: After so many seconds no further run begins.

    Raises:
        StartError: The model is not there, or cannot be used.
    """
    _tell("memory")
    bandwidth, before = memory_bandwidth(), speed_report.temperature_c()
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        socket = Path(folder) / "engine.sock"
        launcher = EngineLauncher(
            options,
            models=models_dir(),
            data_dir=data_dir(),
            state_dir=private_folder(Path(folder) / "state"),
            socket=socket,
            more=[f"--parent-pid={os.getpid()}", "--log-level=warning"],
        )
        bare = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        argv, tuned = launcher.argv(model), launcher.kept(model)
        _tell(f"start of the engine with {model}")
        engine = EngineProcess(argv, bare)
        try:
            load_s = speed.wait_until_it_serves(engine)
            test = speed.SpeedTest(str(socket), engine.pid, limit_s, _tell)
            found = asyncio.run(test.run())
        except (EngineUnavailable, EngineMisbehaved) as error:
            raise StartError(f"the engine failed: {error}") from None
        finally:
            engine.ask_to_stop()
            engine.wait_stopped(_STOP_S)
            engine.close()
    return SpeedReport(
        surroundings=Surroundings(
            program=__version__,
            board=this_board(),
            build=this_build(),
            kernel=speed_report.kernel(),
            governor=speed_report.governor(),
            frequency_mhz=speed_report.frequency_mhz(),
            temperature_c=(before, speed_report.temperature_c()),
            throttled=speed_report.throttled(),
            bandwidth=bandwidth,
        ),
        model=model,
        weights=_weights(model),
        settings=[part for part in argv if part.removeprefix("--").startswith(_SHOWN)],
        tuned=list(tuning_text.choice(tuned)) if tuned else [],
        load_s=round(load_s, 2),
        **found._asdict(),
    )


def _options() -> EngineOptions:
    config = load_config()
    if config.inference.base_url:
        raise StartError("inference.base_url names another server; the built-in engine is not used")
    return engine_options(config)


def _weights(model: str) -> int:
    entry = ModelStore(models_dir()).model(model)
    return entry.active_bytes or entry.file("model.gguf").size


async def _answers(socket: Path) -> bool:
    client = EngineClient(str(socket), timeout_s=_HEALTH_S)
    try:
        async with asyncio.timeout(_HEALTH_S):
            await client.health()
    except (EngineUnavailable, EngineMisbehaved):
        return False
    except TimeoutError:
        pass  # it is busy, so it is there
    finally:
        await client.close()
    return True


def _tell(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr, flush=True)
