"""`pisovereign-cli models add | remove`."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pisovereign.cli.actions import LOCAL, Commands, argument, flag
from pisovereign.cli.output import printable
from pisovereign.config.loading import data_dir, models_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.engine_client.switching import SwitchClient, switch_socket
from pisovereign.errors import StartError
from pisovereign.models.device import device_memory
from pisovereign.models.manifest import Model
from pisovereign.models.progress import TerminalProgress
from pisovereign.models.pull import models_folder_lock
from pisovereign.models.store import ModelStore, State
from pisovereign.runtime import engine_socket
from pisovereign.supervisor.active_model import ActiveModel

if TYPE_CHECKING:
    from pisovereign.models.adding import Plan

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def _sha256(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise argparse.ArgumentTypeError("must be 64 hexadecimal digits")
    return text.lower()


ACTIONS = Commands(options=LOCAL)


@ACTIONS.runs(
    "add",
    "add a model of your own: any GGUF file that llama.cpp knows",
    argument("source", "a GGUF file, or its https address", metavar="FILE|URL"),
    argument("--sha256", "its checksum", metavar="HEX", type=_sha256),
    argument("--id", "what it is called here; default: by its name", default=""),
    flag("--allow-private", "the address may be on the local network"),
)
def _add(args: argparse.Namespace) -> int:
    progress = TerminalProgress(sys.stderr)
    try:
        model = asyncio.run(_model(args, progress))
    finally:
        progress.close()
    held = "recorded, and held from now on" if model.files[0].recorded else "as you said"
    print(f"{model.id}: added; sha256 {model.files[0].checksum}, {held}")
    return 0


@ACTIONS.runs(
    "remove",
    "delete a model's files, and one that was added",
    argument("id", "which one", metavar="ID"),
)
def _remove(args: argparse.Namespace) -> int:
    from pisovereign.models.staging import remove_model  # noqa: PLC0415

    config = load_config()
    configured = config.inference.model
    in_use = {configured, ActiveModel.peek(data_dir(), configured), *config.memory.embedding_ids}
    # It knows which model it tries, and on an appliance only it knows which one is in use.
    keeper = SwitchClient(switch_socket(engine_socket(config.engine, data_dir())))
    store = ModelStore(models_dir())
    # A damaged one is of no use to anybody: it has to go before it can be added again.
    damaged = store.state(store.model(args.id)) is State.PRESENT
    if not damaged and args.id in in_use | asyncio.run(keeper.needed()):
        raise StartError(f"{args.id} is in use")
    with models_folder_lock(store.root):
        freed = remove_model(store, args.id)
    print(f"{args.id}: removed, {freed / 1e6:.0f} MB are free again")
    return 0


async def _model(args: argparse.Namespace, progress: TerminalProgress) -> Model:
    # Imported here: no other command for models needs a way out.
    from pisovereign.models.adding import Adder  # noqa: PLC0415
    from pisovereign.models.staging import Wish  # noqa: PLC0415
    from pisovereign.models.web import open_web  # noqa: PLC0415

    config = load_config()
    store = ModelStore(models_dir())
    adder = Adder(
        store, device_memory(), context=config.engine.context_length, report=progress, tell=_say
    )
    wish = Wish(args.sha256 or "", args.id)
    with models_folder_lock(store.root):
        if not _ADDRESS.match(args.source):
            return await adder.add_file(Path(args.source), wish)
        allow = args.source if args.allow_private else ""
        async with open_web(config, allow=allow) as web:
            return await adder.add_url(args.source, web, wish)


def _say(plan: Plan) -> None:
    from pisovereign.models.description_text import plan_lines  # noqa: PLC0415

    for line in plan_lines(plan):
        print(printable(line), flush=True)
