"""`pisovereign-cli config check` and `config show`."""

from __future__ import annotations

import argparse
from typing import Any

import tomlkit

from pisovereign.config.loading import config_file, load_config, masked


def add_parser(commands: Any) -> None:
    """Add the command and its two actions."""
    parser = commands.add_parser("config", help="check or show the configuration")
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="say whether the server would start with it")
    check.set_defaults(run=run_check)
    show = actions.add_parser("show", help="print the effective settings, secrets masked")
    show.set_defaults(run=run_show)


def run_check(args: argparse.Namespace) -> int:
    """Load the configuration; every fault is reported by `load_config`."""
    load_config()
    path = config_file()
    print(f"{path}: {'good' if path.exists() else 'not there, the defaults apply'}")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Print file, environment and defaults as one TOML document."""
    print(tomlkit.dumps(masked(load_config())), end="")
    return 0
