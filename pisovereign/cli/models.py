"""`pisovereign-cli models list | pull | verify`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec

from pisovereign.models.manifest import Model, load_manifest
from pisovereign.models.progress import TerminalProgress
from pisovereign.models.pull import ensure
from pisovereign.models.store import ModelStore, State

_COLUMNS = ("id", "kind", "parameters", "context_length", "size", "license", "state")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `models` and its three commands; `run` handles what they parse."""
    parser = subparsers.add_parser("models", help="list, fetch and verify model files")
    commands = parser.add_subparsers(dest="models_command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="show every model and what is there of it")
    listing.add_argument("--json", action="store_true", help="print JSON")
    pull = commands.add_parser("pull", help="fetch, verify and prepare models")
    pull.add_argument("ids", nargs="*", metavar="ID", help="default: what a new install needs")
    verify = commands.add_parser("verify", help="read model files in full and compare checksums")
    verify.add_argument("ids", nargs="*", metavar="ID", help="default: every model that is there")


def run(args: argparse.Namespace, models_dir: Path) -> int:
    """Do what was asked and return the exit status: 1 when a file failed verification.

    Raises ModelError, whose text is one line for the user.
    """
    store = ModelStore(models_dir, load_manifest())
    if args.models_command == "list":
        return _list(store, as_json=args.json)
    if args.models_command == "pull":
        return _pull(store, args.ids)
    return _verify(store, args.ids)


def list_models(store: ModelStore) -> list[dict[str, Any]]:
    """Describe every model and its state; `size` is what is fetched, in bytes."""
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


def _list(store: ModelStore, *, as_json: bool) -> int:
    models = list_models(store)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(models)).decode())
        return 0
    rows = [[_cell(model, column) for column in _COLUMNS] for model in models]
    table = [[column.replace("_length", "") for column in _COLUMNS], *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(_COLUMNS))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return 0


def _cell(model: dict[str, Any], column: str) -> str:
    value = model[column]
    return f"{value / 1e6:.0f} MB" if column == "size" else str(value)


def _pull(store: ModelStore, ids: list[str]) -> int:
    ids = ids or [model.id for model in store.manifest.defaults()]
    progress = TerminalProgress(sys.stderr)
    try:
        asyncio.run(ensure(store, ids, progress))
    finally:
        progress.close()
    for model_id in ids:
        print(f"{model_id}: verified, in {store.folder / model_id}")
    return 0


def _verify(store: ModelStore, ids: list[str]) -> int:
    models = [store.manifest.get(model_id) for model_id in ids] or [
        model for model in store.manifest.models if store.state(model) is not State.ABSENT
    ]
    if not models:
        print(f"no models in {store.folder}")
    bad = False
    for model in models:
        problems = store.check(model)
        for name, problem in problems.items():
            print(f"{model.id}/{name}: {problem}")
        if problems:
            print(f"{model.id}: repair with: pisovereign-cli models pull {model.id}")
            bad = True
        else:
            print(f"{model.id}: verified")
    return 1 if bad else 0
