"""Each group of commands shows, changes, and speaks to programs with `--json`."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from pisovereign.cli.main import build_parser
from tests.approvals.conftest import Approvals, approvals
from tests.catalog.conftest import catalog
from tests.cli.test_commands import run
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server, wait_until

__all__ = ["approvals", "catalog"]


@pytest.fixture
def environment(server: Server) -> dict[str, str]:
    return {"PISOVEREIGN_URL": server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}


def test_memories(server: Server, environment: dict[str, str]) -> None:
    words = f"The {uuid.uuid4()} is kept in the green tin"
    made = run("memories", "add", words, **environment)
    assert made.returncode == 0, made.stderr
    one = made.stdout.strip()
    assert words in run("memories", "show", one, **environment).stdout
    found = json.loads(run("memories", "search", words, "--json", **environment).stdout)
    assert found[0]["id"] == one
    table = run("memories", "list", "--type", "fact", **environment).stdout.splitlines()
    assert table[0].split() == ["id", "kind", "importance", "summary"]
    assert any(line.startswith(one) and line.endswith(words) for line in table)
    assert run("memories", "delete", one, **environment).stdout == "deleted\n"
    gone = run("memories", "show", one, **environment)
    assert (gone.returncode, gone.stdout) == (5, "")


def test_documents(server: Server, environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "opal.txt"
    file.write_text(f"The opal cellar is dry. {uuid.uuid4()}", "utf-8")
    made = run("documents", "add", str(file), **environment)
    assert made.returncode == 0, made.stderr
    one = made.stdout.strip()

    def is_read() -> bool:
        shown = run("documents", "show", one, "--json", **environment).stdout
        return bool(json.loads(shown)["state"] == "ready")

    wait_until(is_read, 120, "the document is read")
    listed = run("documents", "list", **environment).stdout.splitlines()
    assert any(line.startswith(one) for line in listed)
    assert "The opal cellar" in run("documents", "search", "opal cellar", **environment).stdout
    assert run("documents", "save", one, **environment).stdout == file.read_text("utf-8")
    assert run("documents", "delete", one, **environment).stdout == "deleted\n"
    assert run("documents", "show", one, **environment).returncode == 5
    assert run("documents", "add", str(tmp_path / "none.txt"), **environment).returncode != 0
    (tmp_path / "empty.txt").touch()
    refused = run("documents", "add", str(tmp_path / "empty.txt"), **environment)
    assert refused.stderr.strip().endswith("empty.txt: it is empty")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 " + uuid.uuid4().bytes.hex().encode())
    one = run("documents", "add", str(broken), **environment).stdout.strip()
    failed = "broken.pdf: it is no PDF that can be read"
    listing = ("documents", "list")
    wait_until(
        lambda: failed in run(*listing, **environment).stdout, 120, "the list says what is broken"
    )
    run("documents", "delete", one, **environment)


def test_catalog(approvals: Approvals, environment: dict[str, str]) -> None:
    arguments = ("catalog", "add", "Say", "echo {what:word}", "--json")
    made = json.loads(run(*arguments, **environment | {"PISOVEREIGN_API_KEY": ADMIN_KEY}).stdout)
    assert made["command"] == "echo {what:word}"
    shown = run("catalog", "show", made["id"], **environment).stdout
    assert "echo {what:word}" in shown
    asked = run("catalog", "run", made["id"], "what=this", "--json", **environment).stdout
    approval = json.loads(asked)["approval_id"]
    assert '"echo"' in run("approvals", "show", approval, "--json", **environment).stdout
    assert run("approvals", "cancel", approval, **environment).stdout == "cancelled\n"
    assert run("catalog", "delete", made["id"], **environment).stdout == "deleted\n"
    assert run("catalog", "show", made["id"], **environment).returncode == 5
    listed = json.loads(run("catalog", "list", "--json", **environment).stdout)
    assert {"id", "command", "risk_level"} <= listed[0].keys()
    done = json.loads(run("catalog", "run", "disk-free", "--json", **environment).stdout)
    assert done["status"] == "completed"


def test_commands_system_and_audit(server: Server, environment: dict[str, str]) -> None:
    read = json.loads(
        run("commands", "parse", "what's the weather", "--json", **environment).stdout
    )
    assert read["parsed"] is True
    listed = json.loads(run("commands", "list", "--json", **environment).stdout)
    assert "briefing" in {command["name"] for command in listed["result"]["commands"]}
    for action in ("status", "models", "metrics"):
        shown = run("system", action, **environment)
        assert shown.returncode == 0, shown.stderr
        assert len(shown.stdout.splitlines()) > 1
        assert json.loads(run("system", action, "--json", **environment).stdout)
    assert "intact" in json.loads(run("audit", "verify", "--json", **environment).stdout)
    assert isinstance(json.loads(run("audit", "list", "--json", **environment).stdout), list)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_that_shell(shell: str, tmp_path: Path) -> None:
    script = tmp_path / f"completion.{shell}"
    script.write_text(run("completion", shell).stdout)
    assert "memories" in script.read_text()
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    option = "--no-execute" if shell == "fish" else "-n"
    done = subprocess.run([shell, option, script], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_completion_completes(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").stdout)
    ask = (
        f"source {script}; COMP_WORDS=(pisovereign-cli memories for); COMP_CWORD=2;"
        " $(complete -p pisovereign-cli | sed -E 's/.* -F ([^ ]+) .*/\\1/');"
        ' printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", ask], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["forget-all"], done.stderr


def test_every_command_is_described() -> None:
    described(build_parser())


def described(parser: argparse.ArgumentParser) -> None:
    shown = parser.format_help()
    for part in parser._actions:
        if isinstance(part, argparse._SubParsersAction):
            words = {one.dest: one.help for one in part._choices_actions if one.help}
            assert {below.prog.split()[-1] for below in part.choices.values()} == words.keys()
            assert all(text in " ".join(shown.split()) for text in words.values()), shown
            for below in part.choices.values():
                described(below)
        else:
            assert part.help or part.dest == "help", part.dest
