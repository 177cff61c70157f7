"""`pisovereign-cli catalog`, `approvals` and `audit` as a person runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess

import psycopg
import pytest

from pisovereign.cli.catalog import execution_code
from pisovereign.process.own_program import typed_name
from tests.approvals.conftest import Approvals, approvals
from tests.catalog.conftest import catalog
from tests.cli.test_commands import MODULE, run
from tests.support.server import AGENT_KEY, ALICE, ALICE_KEY, clean_environment

__all__ = ["approvals", "catalog"]


@pytest.fixture
def environment(approvals: Approvals) -> dict[str, str]:
    return {"PISOVEREIGN_URL": approvals.server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}


def test_commands_are_listed_and_executed(environment: dict[str, str]) -> None:
    listed = run("catalog", "list", **environment).stdout.splitlines()
    assert len(listed) == 33
    assert listed[0].split() == ["id", "risk", "command"]
    assert re.fullmatch(r"default-disk-free +safe +df -h", listed[1])
    found = run("catalog", "list", "--search", "disk free", **environment).stdout
    assert [line.split() for line in found.splitlines()] == [line.split() for line in listed[:2]]
    done = run("catalog", "run", "disk-free", **environment)
    assert done.returncode == 0
    assert "Filesystem" in done.stdout
    assert run("catalog", "run", "default-hostname", **environment).returncode == 0


def test_what_a_command_ends_with_is_passed_on(
    approvals: Approvals, environment: dict[str, str]
) -> None:
    command = approvals.catalog.add_free("ls {what:path:/srv}")
    done = run("catalog", "run", command, "what=nothing-here", **environment)
    assert done.returncode == 2
    assert "nothing-here" in done.stderr


def test_programs_learn_how_a_command_ended(
    approvals: Approvals, environment: dict[str, str]
) -> None:
    never = approvals.catalog.add_free("false")
    for arguments in ([], ["--json"]):
        done = run("catalog", "run", never, *arguments, **environment)
        assert done.returncode == 1, done.stderr
        failing = approvals.ask("ls /nothing-here")
        done = run("approvals", "approve", failing, "--yes", *arguments, **environment)
        assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["result"]["exit_code"] == 2
    assert execution_code({"status": "failed", "exit_code": None}) == 1
    assert execution_code({"status": "timed_out", "exit_code": None}) == 1
    assert execution_code({"status": "timed_out", "exit_code": 0}) == 1


def test_who_asks_for_json_sees_what_they_approve(
    approvals: Approvals, environment: dict[str, str]
) -> None:
    approval = approvals.ask("echo seen")
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, b"yes\n")
        done = subprocess.run(
            [*MODULE, "approvals", "approve", approval, "--json"],
            stdin=terminal,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=clean_environment(environment),
        )
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result"]["stdout"] == "seen\n"
    assert done.stderr == "catalog_command: echo seen\n  Name: Mine\nApprove? Type yes: "


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ping"], 1, "arguments.host is required"),
        (["ping", "host=-x"], 1, "arguments.host must be a host name"),
        (["ping", "host"], 1, "must be NAME=VALUE"),
        (["nothing"], 5, "No such command"),
        (["../../memories"], 5, "No such"),
    ],
)
def test_what_does_not_fit_is_one_line(
    environment: dict[str, str], arguments: list[str], code: int, says: str
) -> None:
    done = run("catalog", "run", *arguments, **environment)
    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_asking_and_approving(approvals: Approvals, environment: dict[str, str]) -> None:
    command = approvals.catalog.add("echo {what:word}", key=AGENT_KEY)["id"]
    agent = environment | {"PISOVEREIGN_API_KEY": AGENT_KEY}
    asked = run("catalog", "run", command, "what=hello", **agent).stdout
    approval = asked.split()[-1]
    approve = f"{typed_name('pisovereign-cli')} approvals approve {approval}"
    assert asked == f"waits for an approval: {approve}\n"
    head, line = run("approvals", "list", **environment).stdout.splitlines()
    assert head.split() == ["id", "status", "asked", "by", "what"]
    assert re.fullmatch(f"{approval} +pending +agent +echo hello", line)
    refused = run("approvals", "approve", approval, stdin="yes\n", **environment)
    assert refused.returncode == 1
    assert "nothing was approved" in refused.stderr
    forbidden = run("approvals", "approve", approval, "--yes", **agent)
    assert forbidden.returncode == 4
    assert "scope" in forbidden.stderr
    done = run("approvals", "approve", approval, "--yes", **environment)
    told = "catalog_command: echo hello\n  Name: Mine\n"
    assert (done.stdout, done.stderr) == ("hello\n", told)
    assert len(run("approvals", "list", **environment).stdout.splitlines()) == 1
    assert f"{approval}  executed" in run("approvals", "list", "--all", **environment).stdout
    again = run("approvals", "approve", approval, "--yes", **environment)
    assert (again.returncode, "executed already" in again.stderr) == (1, True)


def test_denying(approvals: Approvals, environment: dict[str, str]) -> None:
    approval = approvals.ask()
    assert run("approvals", "deny", approval, "--reason", "No", **environment).stdout == "denied\n"
    assert approvals.get(approval)["reason"] == "No"


def test_the_audit_log(approvals: Approvals, environment: dict[str, str]) -> None:
    approvals.decide(approvals.ask("echo listed"), "approve")
    listed = run("audit", "list", "--limit", "3", **environment).stdout.splitlines()
    assert listed.pop(0).split() == ["number", "at", "event", "by", "what"]
    assert [line.split()[2] for line in listed] == ["requested", "approved", "executed"]
    assert re.search(r" agent +echo listed$", listed[0])
    number = int(listed[-1].split()[0])
    done = run("audit", "verify", **environment)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{number} entries, intact\nhead {number}:")
    head = done.stdout.split()[-1]
    assert run("audit", "verify", "--head", head, **environment).returncode == 0

    statement = "UPDATE audit_entries SET actor = %s WHERE user_id = %s AND seq = %s"
    with psycopg.connect(approvals.server.owner_dsn(), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement.encode(), ("nobody", ALICE, number - 1))
        broken = run("audit", "verify", **environment)
        connection.execute(statement.encode(), ("api_key_users[0]", ALICE, number - 1))
    assert broken.returncode == 1
    assert broken.stdout == (
        f"NOT INTACT: entry {number - 1} was changed\n"
        f"the first broken entry is number {number - 1}\n"
    )
    assert run("audit", "verify", **environment).returncode == 0
