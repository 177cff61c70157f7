"""`pisovereign-cli models list | add | pull | verify | remove | use | test`."""

from __future__ import annotations

import argparse

from pisovereign.cli import model_adding, model_in_use, model_list
from pisovereign.cli.actions import LOCAL, Commands, argument, flag
from pisovereign.config.loading import data_dir, models_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.models.embeddings import fetched_embeddings
from pisovereign.models.pull import ensure_models, models_folder_lock
from pisovereign.models.store import ModelStore, State
from pisovereign.process.own_program import typed_name
from pisovereign.supervisor.active_model import ActiveModel

COMMANDS = Commands(options=LOCAL)

_models = COMMANDS.group("models", "list, fetch and verify model files")
_models.include(model_list.ACTIONS)


@_models.runs(
    "pull",
    "fetch, verify and prepare models",
    argument("ids", "default: what a new install needs", nargs="*", metavar="ID"),
    flag("--configured", "those that a start would fetch"),
)
def _pull(args: argparse.Namespace) -> int:
    store = ModelStore(models_dir())
    if args.configured:
        ids = _configured(store)
    else:
        ids = args.ids or [model.id for model in store.manifest.defaults()]
    ensure_models(store.root, ids)
    for model_id in ids:
        print(f"{model_id}: verified, in {store.root / model_id}")
    return 0


def _configured(store: ModelStore) -> list[str]:
    """Return the ids of the models that a start needs: none where another server has them."""
    config = load_config()
    if config.inference.base_url:
        return []
    active = ActiveModel.peek(data_dir(), config.inference.model)
    return [active, *fetched_embeddings(store.manifest, config.memory.embedding_ids)]


@_models.runs(
    "verify",
    "read model files in full and compare checksums",
    argument("ids", "default: every model that is there", nargs="*", metavar="ID"),
)
def _verify(args: argparse.Namespace) -> int:
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
            print(
                f"{model.id}: repair with: {typed_name('pisovereign-cli')} models pull {model.id}"
            )
            bad = True
        else:
            print(f"{model.id}: verified")
    return 1 if bad else 0


for _module in (model_adding, model_in_use):
    _models.include(_module.ACTIONS)
