"""Where the work at a task ends: its time, its tokens, and how often it may be interrupted."""

from __future__ import annotations

import pytest

from pisovereign.agents.dispatcher import MOST_INTERRUPTIONS
from tests.agents.machine import World, opened, run
from tests.agents.support import approvals_of, begin, decide, events_of, wait_for
from tests.memory.test_at_rest import superuser
from tests.support.equipped import Equipped
from tests.support.server import Server


def test_time_of_work_is_limited_and_that_of_waiting_is_none(equipped: Equipped) -> None:
    equipped.model.script["answer"] = [None]
    said = "Remind me tomorrow at 9 to rest, then explain what patience is"
    task = begin(equipped.server, said)
    wait_for(equipped.server, task, "awaiting_approval")
    with superuser(equipped.server) as connection:  # as if it had been worked at for so long
        connection.execute("UPDATE agent_tasks SET worked_s = 599 WHERE id = %s", (task,))
    decide(equipped.server, approvals_of(equipped.server, task)[0]["id"])
    done = wait_for(equipped.server, task)
    assert (done["status"], done["reason"]) == ("failed", "It took longer than 600 seconds")
    assert [part["status"] for part in done["sub_agents"]] == ["completed", "cancelled"]
    assert events_of(equipped.server, task)[-1].data["reason"] == done["reason"]


def test_a_part_for_which_no_tokens_are_left_fails(equipped: Equipped) -> None:
    equipped.model.tokens = 3_000  # also two plans, of which none can be used
    text = "It can wait."
    equipped.model.script["answer"] = [{"action": "answer", "text": text}] * 2
    said = "Explain what patience is, then explain what thrift is, then show my reminders"
    done = wait_for(equipped.server, begin(equipped.server, said))
    first, second, listed = done["sub_agents"]
    assert (first["status"], first["result"]) == ("completed", text)
    assert second["status"] == "failed"
    assert second["reason"] == "The task has used all of its tokens"
    assert listed["status"] == "completed"
    assert done["status"] == "completed"
    assert f"This could not be done: {second['reason']}" in done["result"]


@pytest.mark.parametrize("deaths", [MOST_INTERRUPTIONS, MOST_INTERRUPTIONS + 1])
def test_a_task_at_which_processes_die_is_given_up_in_the_end(server: Server, deaths: int) -> None:
    with opened(server) as (loop, database, key):
        world = World(database, key)
        task = run(loop, world.create("check the weather", require_approval=False))
        for _ in range(deaths):
            run(loop, world.work(3, after=False))
        run(loop, world.work(None, after=False))
        shown = run(loop, world.agents.service.get(world.user, task))
    if deaths > MOST_INTERRUPTIONS:
        reason = "It was interrupted 6 times and is not tried again"
        assert (shown.status, shown.reason) == ("failed", reason)
    else:
        assert shown.status == "completed"
