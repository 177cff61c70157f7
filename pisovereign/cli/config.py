"""`pisovereign-cli config`, `hash-api-key` and `migrate-keys`: the configuration and its keys."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from pisovereign.api_keys import generate_key, hash_key
from pisovereign.cli.actions import LOCAL, Commands, flag
from pisovereign.config.loading import config_file, masked
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import StartError
from pisovereign.files import replace_keeping_access

COMMANDS = Commands(options=LOCAL)

_config = COMMANDS.group("config", "check or show the configuration")


@_config.runs("check", "say whether the server would start with it")
def _check(args: argparse.Namespace) -> int:
    load_config()
    path = config_file()
    print(f"{path}: {'good' if path.exists() else 'not there, the defaults apply'}")
    return 0


@_config.runs("show", "print the effective settings, secrets masked")
def _show(args: argparse.Namespace) -> int:
    import tomlkit  # noqa: PLC0415 - hashing a key does without

    print(tomlkit.dumps(masked(load_config())), end="")
    return 0


SHORTEST_KEY = 20


@COMMANDS.runs(
    "hash-api-key",
    "read an API key from a prompt or stdin and print its hash",
    flag("--generate", "make a new key and print both"),
)
def _hash(args: argparse.Namespace) -> int:
    if args.generate:
        key = generate_key()
        print(f"key:  {key}")
        print(f"hash: {hash_key(key)}")
        return 0
    key = getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline()
    key = key.strip()
    if len(key) < SHORTEST_KEY:
        raise StartError(f"a key needs at least {SHORTEST_KEY} characters; try --generate")
    print(hash_key(key))
    return 0


@COMMANDS.runs("migrate-keys", "replace the plain API keys of the configuration with hashes")
def _migrate(args: argparse.Namespace) -> int:
    """Rewrite the configuration file, keeping its comments; the keys themselves stay valid."""
    import tomlkit  # noqa: PLC0415
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

    path = config_file()
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, TOMLKitError) as error:
        raise StartError(f"{path}: {error}") from None
    security: Any = document.get("security", {})
    plain = dict(security.get("api_key_users", {}))
    if not plain:
        print(f"{path}: no plain keys")
        return 0
    hashed = security.setdefault("api_keys", tomlkit.aot())
    for key, user in plain.items():
        entry = tomlkit.table()
        entry.update({"hash": hash_key(key), "user_id": user, "scopes": ["user", "approve"]})
        hashed.append(entry)
    del security["api_key_users"]
    replace_keeping_access(path, tomlkit.dumps(document).encode())
    print(f"{path}: replaced with hashes: {len(plain)}")
    return 0
