"""`pisovereign-cli models list | pull | verify | test`."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from pisovereign.cli.model_tests import add_test
from pisovereign.config.loading import models_dir
from pisovereign.models.manifest import Model
from pisovereign.models.pull import ensure_models, models_folder_lock
from pisovereign.models.store import ModelStore, State

_COLUMNS = ("id", "kind", "parameters", "context_length", "size", "license", "state")


def add_parser(commands: Any) -> None:
    """Add the command and its three actions."""
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
    add_test(actions)


def run_list(args: argparse.Namespace) -> int:
    """Print a table, or JSON for programs."""
    models = list_models(ModelStore(models_dir()))
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(models)).decode())
        return 0
    rows = [[_cell(model, column) for column in _COLUMNS] for model in models]
    table = [[column.replace("_length", "") for column in _COLUMNS], *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(_COLUMNS))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
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


def list_models(store: ModelStore) -> list[dict[str, Any]]:
    """Describe every model and its state; `size` is the download, in bytes."""
    return [_describe(store, model) for model in store.manifest.models]


def _describe(store: ModelStore, model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "kind": model.kind,
        "parameters": model.parameters,
        "context_length": model.context_length,
        "size": sum(file.size for file in model.files),
        "license": model.license,
        "default": model.default,
        "state": str(store.state(model)),
    }


def _cell(model: dict[str, Any], column: str) -> str:
    value = model[column]
    return f"{value / 1e6:.0f} MB" if column == "size" else str(value)
