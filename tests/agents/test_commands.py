"""System commands as parts of tasks."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.agents.support import approvals_of, begin, cancel, decide, events_of, show, wait_for
from tests.catalog.conftest import Catalog, delete_own
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import AGENT_KEY, Server, wait_until

NAP_S = f"86397.{os.getpid()}"  # no other process of this machine sleeps for so long


@pytest.fixture
def catalog(api: Server) -> Iterator[Catalog]:
    """The commands that tasks of this file may run, each for its test alone."""
    catalog = Catalog(api)
    yield catalog
    delete_own(catalog)


def naps() -> int:
    """How many processes sleep as the test's command does."""
    found = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    return found.count(["sleep", NAP_S])


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_approved_command_ends_with_its_task(
    api: Server, catalog: Catalog, elsewhere: bool
) -> None:
    """Also when another process carries it out."""
    catalog.add(f"sleep {NAP_S}", key=AGENT_KEY, name="long nap")
    task = begin(api, "Run long nap")
    wait_for(api, task, "awaiting_approval")
    (asked,) = approvals_of(api, task)
    answers: list[dict[str, Any]] = []
    with ApiProcess(api) as second:
        who = second if elsewhere else api
        path = f"/v1/approvals/{asked['id']}/approve"
        approving = threading.Thread(
            target=lambda: answers.append(who.request("POST", path).json())
        )
        approving.start()
        wait_until(lambda: naps() == 1, PATIENCE_S, "the command's start")
        assert cancel(api, task) == "cancelled"
        wait_until(lambda: naps() == 0, PATIENCE_S, "the command's end")
        approving.join(PATIENCE_S)
    (answer,) = answers
    assert (answer["status"], answer["reason"]) == ("failed", "It was stopped before it was done")
    (part,) = show(api, task)["sub_agents"]
    assert part["status"] == "cancelled"
    assert "its approval tells what came of it" in part["reason"]


def test_a_command_without_approval_ends_with_its_task(api: Server, catalog: Catalog) -> None:
    catalog.add_free(f"sleep {NAP_S}", name="long nap")
    task = begin(api, "Run long nap")
    wait_until(lambda: naps() == 1, PATIENCE_S, "the command's start")
    assert cancel(api, task) == "cancelled"
    wait_until(lambda: naps() == 0, PATIENCE_S, "the command's end")


@pytest.mark.parametrize("approved", [True, False])
def test_a_command_that_fails_is_a_part_that_fails(
    api: Server, catalog: Catalog, approved: bool
) -> None:
    """What would change something after it does not happen."""
    if approved:
        catalog.add("ls /nothing-is-here", key=AGENT_KEY, name="broken backup")
    else:
        catalog.add_free("ls /nothing-is-here", name="broken backup")
    catalog.add_free("touch /nothing-is-here", name="clean up disks")
    task = begin(api, "Run broken backup, then run clean up disks")
    if approved:
        wait_for(api, task, "awaiting_approval")
        decide(api, approvals_of(api, task)[0]["id"])
    done = wait_for(api, task)
    backup, cleanup = done["sub_agents"]
    assert (backup["status"], cleanup["status"]) == ("failed", "failed")
    assert "2" in backup["reason"]
    assert cleanup["reason"] == "sa-1, which it depends on, was not completed"
    kinds = [event.kind for event in events_of(api, task)]
    assert kinds.count("sub_agent_failed") == 2
    assert "sub_agent_completed" not in kinds


def test_what_an_approved_command_prints_is_told(api: Server, catalog: Catalog) -> None:
    catalog.add("echo all is saved", key=AGENT_KEY, name="small backup")
    task = begin(api, "Run small backup")
    wait_for(api, task, "awaiting_approval")
    decide(api, approvals_of(api, task)[0]["id"])
    done = wait_for(api, task)
    assert done["status"] == "completed"
    assert done["result"] == "echo all is saved:\n    all is saved"
