"""`pisovereign-cli engine tune | show`: find and explain the settings of the engine."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from pisovereign.appliance.settings import read_settings
from pisovereign.cli.actions import LOCAL, Commands, argument, flag
from pisovereign.cli.tuning_text import whole
from pisovereign.config import Config
from pisovereign.config.loading import data_dir, models_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import EngineMisbehaved, EngineUnavailable, StartError
from pisovereign.files import private_folder
from pisovereign.models.store import ModelStore
from pisovereign.process.own_program import typed_name
from pisovereign.runtime import engine_socket
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.tuning import ASKED_FOR, Tuner, TuningFailed
from pisovereign.supervisor.tuning_results import TuningResult

_HEALTH_S = 5.0

COMMANDS = Commands(options=LOCAL)

_engine = COMMANDS.group("engine", "find or show the engine's fastest settings")
_JSON = flag("--json", "print everything that is kept")
_SETTINGS = argument(
    "--settings", "the engine's settings on an appliance", type=Path, metavar="FILE"
)


@_engine.runs("tune", "measure now, keep the result and explain it", _JSON, _SETTINGS)
def _tune(args: argparse.Namespace) -> int:
    config = _config(args)
    tuner = _tuner(config)
    running = asyncio.run(_refuse_while_busy(config))
    print("measuring; this takes a minute, and up to six on a slow or busy board", file=sys.stderr)
    try:
        tuned, path = tuner.tune_and_keep(ASKED_FOR)
    except TuningFailed as error:
        raise StartError(str(error)) from None
    _print(args, tuned)
    when = "after the next restart of PiSovereign" if running else "from the next start on"
    print(f"kept in {path}; used {when}", file=sys.stderr)
    return 0


@_engine.runs("show", "explain what an earlier measurement found", _JSON, _SETTINGS)
def _show(args: argparse.Namespace) -> int:
    tuned = _tuner(_config(args)).kept()
    if tuned is None:
        raise StartError(
            "nothing was measured for this model, board and configuration yet; "
            f"do it with: {typed_name('pisovereign-cli')} engine tune"
        )
    _print(args, tuned)
    return 0


def _config(args: argparse.Namespace) -> Config:
    config = read_settings(args.settings).config() if args.settings else load_config()
    model = ActiveModel.peek(data_dir(), config.inference.model)
    inference = msgspec.structs.replace(config.inference, model=model)
    return msgspec.structs.replace(config, inference=inference)


def _tuner(config: Config) -> Tuner:
    if config.inference.base_url:
        raise StartError("inference.base_url names another server; the built-in engine is not used")
    store = ModelStore(models_dir())
    store.path(config.inference.model)  # raises if it is not there
    return Tuner(config, private_folder(data_dir()), store)


async def _refuse_while_busy(config: Config) -> bool:
    """Return whether an engine runs.

    Raises:
        StartError: It is busy, which would distort the measurement.
    """
    from pisovereign.engine_client.client import EngineClient  # noqa: PLC0415 - showing needs none

    client = EngineClient(str(engine_socket(config.engine, data_dir())), timeout_s=_HEALTH_S)
    try:
        async with asyncio.timeout(_HEALTH_S):
            health = await client.health()
    except (EngineUnavailable, EngineMisbehaved, TimeoutError):
        return False
    finally:
        await client.close()
    if health.active or health.queue:
        raise StartError("the engine is answering somebody; try again when it has nothing to do")
    return True


def _print(args: argparse.Namespace, tuned: TuningResult) -> None:
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(tuned)).decode())
    else:
        print("\n".join(whole(tuned)))
