"""docs/cli.md: its examples are run, its tables are compared with the program."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pisovereign.cli.main import build_parser
from pisovereign.cli.output import ExitCode
from tests.docs.blocks import ROOT, blocks, read
from tests.support.server import ADMIN_KEY, DECIDER_KEY, Server, clean_environment

PAGE = "docs/cli.md"


def test_the_examples(server: Server, tmp_path: Path) -> None:
    program = tmp_path / "pisovereign-cli"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pisovereign.cli.main "$@"\n')
    program.chmod(0o755)
    environment = clean_environment(
        {
            "PISOVEREIGN_URL": server.url,
            "PISOVEREIGN_API_KEY": ADMIN_KEY,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'native'}",
            "HOME": str(tmp_path),
        }
    )
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    for block in blocks(read(PAGE)):
        done = subprocess.run(
            ["bash", "-euc", block.text],
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / ".pisovereign-completion").stat().st_size > 1000


def actions_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def test_every_command_and_action_is_named() -> None:
    rows = dict(re.findall(r"^\| (`[^|]+`) \| (.+) \|$", read(PAGE), re.MULTILINE))
    named = {name: row for names, row in rows.items() for name in re.findall(r"`([^`]+)`", names)}
    commands = actions_of(build_parser())
    commands.pop("command")  # the former name of `commands`
    assert commands.keys() == named.keys()
    for name, parser in commands.items():
        if actions := actions_of(parser):
            assert sorted(re.findall(r"`([^`]+)`", named[name])) == sorted(actions), name


def test_every_exit_code_is_named() -> None:
    named = {int(code) for code in re.findall(r"^\| (\d+) \|", read(PAGE), re.MULTILINE)}
    assert named == set(ExitCode) | {0, 2}


@pytest.mark.parametrize(
    ("arguments", "change", "code"),
    [
        ("catalog run ping host", {}, 1),
        ("memories list", {"PISOVEREIGN_URL": "http://127.0.0.1:9"}, 3),
        ("memories list", {"PISOVEREIGN_API_KEY": ""}, 4),
        ("memories list", {"PISOVEREIGN_API_KEY": "sk-wrong"}, 4),
        ("catalog delete default-disk-free", {"PISOVEREIGN_API_KEY": DECIDER_KEY}, 4),
        ("memories show 6ba7b812-9dad-11d1-80b4-00c04fd430c8", {}, 5),
    ],
)
def test_what_goes_wrong_ends_with_its_code(
    server: Server, tmp_path: Path, arguments: str, change: dict[str, str], code: int
) -> None:
    places = {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "pisovereign.cli.main", *arguments.split()],
        env=clean_environment({**places, "PISOVEREIGN_API_KEY": ADMIN_KEY, **change}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
