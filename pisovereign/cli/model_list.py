"""`pisovereign-cli models list`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import msgspec

from pisovereign.cli.actions import Commands, flag
from pisovereign.cli.api import add_connection_options, key_is_known, open_session, request
from pisovereign.cli.output import printable
from pisovereign.config.loading import models_dir
from pisovereign.errors import StartError
from pisovereign.model_tests.types import Capabilities
from pisovereign.models.device import Device, device_memory, memory_bandwidth
from pisovereign.models.listing import ModelListing, list_models
from pisovereign.models.store import ModelStore

CATALOG = "/v1/system/model-catalog"
_LIMIT_S = 5.0
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
    "abilities",
    "state",
)

Abilities = Mapping[str, Capabilities]


class _Entry(msgspec.Struct):
    id: str
    abilities: Capabilities


class _Entries(msgspec.Struct):
    models: list[_Entry]


ACTIONS = Commands()


@ACTIONS.runs(
    "list",
    "show every model and what is there of it",
    flag("--json", "print JSON"),
    options=(add_connection_options,),
)
def _list(args: argparse.Namespace) -> int:
    device = Device(device_memory(), memory_bandwidth())
    models = list_models(ModelStore(models_dir()), device)
    abilities = _known_abilities(args)
    if args.json:
        described = [
            {**msgspec.structs.asdict(model), "abilities": abilities.get(model.id)}
            for model in models
        ]
        print(msgspec.json.format(msgspec.json.encode(described)).decode())
        return 0
    rows = [[_cell(model, column, abilities) for column in _COLUMNS] for model in models]
    table = [list(_COLUMNS), *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(_COLUMNS))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(printable("  ".join(cells).rstrip()))
    best = next((model for model in models if model.recommended), None)
    if best is not None:
        print(f"recommended here: {best.id}. {best.audience}")
    return 0


def _known_abilities(args: argparse.Namespace) -> Abilities:
    """Return what a running server knows of abilities; nothing without one, or without its key."""
    if not key_is_known(args):
        return {}

    try:
        body = request(open_session(args, read_s=_LIMIT_S), "GET", CATALOG)
        entries = msgspec.json.decode(body, type=_Entries)
    except (StartError, msgspec.MsgspecError):
        return {}
    return {entry.id: entry.abilities for entry in entries.models}


def _cell(model: ModelListing, column: str, abilities: Abilities) -> str:
    match column:
        case "size" | "memory":
            value = getattr(model, column)
            return "-" if value is None else f"{value / 1e6:.0f} MB"
        case "languages":
            return _languages(
                model.languages, "many" if model.kind == "embedding" else "not stated"
            )
        case "fits":
            return "yes" if model.fits else "no"
        case "abilities":
            return "-" if model.kind == "embedding" else _abilities(abilities.get(model.id))
        case _:
            return str(getattr(model, column))


def _abilities(found: Capabilities | None) -> str:
    if found is None or not found.tested:
        return "unknown"
    parts = [f"tools in {','.join(found.languages)}"] if found.calls_tools else []
    parts += ["commands"] if found.reads_commands else []
    return "; ".join(parts) or "talks"


def _languages(codes: tuple[str, ...] | None, without: str) -> str:
    if codes is None:
        return without
    shown = ",".join(codes[:_MOST_CODES])
    return shown if len(codes) <= _MOST_CODES else f"{shown},+{len(codes) - _MOST_CODES}"
