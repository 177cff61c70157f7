"""`pisovereign-cli models list | add | pull | verify | remove | use | test`."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from pisovereign.cli.model_adding import add_adding
from pisovereign.cli.model_tests import add_test
from pisovereign.cli.model_use import add_use
from pisovereign.cli.output import printable
from pisovereign.config.loading import models_dir
from pisovereign.models.device import Device, device_memory, memory_bandwidth
from pisovereign.models.listing import ModelListing, list_models
from pisovereign.models.pull import ensure_models, models_folder_lock
from pisovereign.models.store import ModelStore, State

_MOST_CODES = 4
_COLUMNS = (
    "id",
    "parameters",
    "size",
    "license",
    "languages",
    "memory",
    "fits",
    "checksum",
    "state",
)


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("models", help="list, fetch and verify model files")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show every model and what is there of it")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=run_list)
    pull = actions.add_parser("pull", help="fetch, verify and prepare models")
    pull.add_argument("ids", nargs="*", metavar="ID", help="default: what a new install needs")
    pull.set_defaults(run=run_pull)
    verify = actions.add_parser("verify", help="read model files in full and compare checksums")
    verify.add_argument("ids", nargs="*", metavar="ID", help="default: every model that is there")
    verify.set_defaults(run=run_verify)
    add_adding(actions)
    add_use(actions)
    add_test(actions)


def run_list(args: argparse.Namespace) -> int:
    """Print a table, or JSON for programs."""
    device = Device(device_memory(), memory_bandwidth())
    models = list_models(ModelStore(models_dir()), device)
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(models)).decode())
        return 0
    table = [list(_COLUMNS), *([_cell(model, column) for column in _COLUMNS] for model in models)]
    widths = [max(len(row[index]) for row in table) for index in range(len(_COLUMNS))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(printable("  ".join(cells).rstrip()))
    best = next((model for model in models if model.recommended), None)
    if best is not None:
        print(f"recommended here: {best.id}. {best.audience}")
    return 0


def run_pull(args: argparse.Namespace) -> int:
    """Fetch the missing files of the named or the default models, with progress."""
    store = ModelStore(models_dir())
    ids = args.ids or [model.id for model in store.manifest.defaults()]
    ensure_models(store.root, ids)
    for model_id in ids:
        print(f"{model_id}: verified, in {store.root / model_id}")
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """Verify every file of the named or all present models; return 1 if one is wrong."""
    store = ModelStore(models_dir())
    models = [store.model(model_id) for model_id in args.ids] or [
        model for model in store.manifest.models if store.state(model) is not State.ABSENT
    ]
    if not models:
        print(f"no models in {store.root}")
    bad = False
    for model in models:
        with models_folder_lock(store.root):
            problems = store.check(model)
        for name, problem in problems.items():
            print(f"{model.id}/{name}: {problem}")
        if problems:
            print(f"{model.id}: repair with: pisovereign-cli models pull {model.id}")
            bad = True
        else:
            print(f"{model.id}: verified")
    return 1 if bad else 0


def _cell(model: ModelListing, column: str) -> str:
    value = getattr(model, column)
    match column:
        case "size" | "memory":
            return "-" if value is None else f"{value / 1e6:.0f} MB"
        case "languages":
            return _languages(value, "many" if model.kind == "embedding" else "not stated")
        case "fits":
            return "yes" if value else "no"
        case _:
            return str(value)


def _languages(codes: tuple[str, ...] | None, without: str) -> str:
    if codes is None:
        return without
    shown = ",".join(codes[:_MOST_CODES])
    return shown if len(codes) <= _MOST_CODES else f"{shown},+{len(codes) - _MOST_CODES}"
