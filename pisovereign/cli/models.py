"""`pisovereign-cli models list | add | pull | verify | remove | use | test`."""

from __future__ import annotations

import argparse
from typing import Any

from pisovereign.cli.model_adding import add_adding
from pisovereign.cli.model_list import add_list
from pisovereign.cli.model_tests import add_test
from pisovereign.cli.model_use import add_use
from pisovereign.config.loading import data_dir, models_dir
from pisovereign.connectors.configuration import load_config
from pisovereign.models.embeddings import fetched_embeddings
from pisovereign.models.pull import ensure_models, models_folder_lock
from pisovereign.models.store import ModelStore, State
from pisovereign.process.own_program import typed_name
from pisovereign.supervisor.active_model import ActiveModel


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("models", help="list, fetch and verify model files")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add_list(actions)
    pull = actions.add_parser("pull", help="fetch, verify and prepare models")
    pull.add_argument("ids", nargs="*", metavar="ID", help="default: what a new install needs")
    pull.add_argument("--configured", action="store_true", help="those that a start would fetch")
    pull.set_defaults(run=run_pull)
    verify = actions.add_parser("verify", help="read model files in full and compare checksums")
    verify.add_argument("ids", nargs="*", metavar="ID", help="default: every model that is there")
    verify.set_defaults(run=run_verify)
    add_adding(actions)
    add_use(actions)
    add_test(actions)


def run_pull(args: argparse.Namespace) -> int:
    """Fetch the missing files of the named, configured or default models, with progress."""
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
            print(
                f"{model.id}: repair with: {typed_name('pisovereign-cli')} models pull {model.id}"
            )
            bad = True
        else:
            print(f"{model.id}: verified")
    return 1 if bad else 0
