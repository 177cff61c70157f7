"""Mails that tasks write, and mails that tell what came of them."""

from __future__ import annotations

import json

from tests.agents.support import approvals_of, begin, decide, wait_for
from tests.connectors.email.dovecot import USER
from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.equipped import Equipped
from tests.support.patience import PATIENCE_S
from tests.support.scripted_model import plan, sub_task
from tests.support.server import ALICE, wait_until

BOB, ADA = "bob@example.org", "ada@example.org"
LETTER = {"to": BOB, "subject": "Lunch", "body": "See you at noon"}


def ask(equipped: Equipped, tool: str, request: str, to: str = BOB) -> tuple[str, str]:
    """A task that waits for the approval of a mail, and the approval."""
    equipped.model.script["plan"] = [plan(sub_task(tool, **LETTER | {"to": to}))]
    task = begin(equipped.server, request)
    wait_for(equipped.server, task, "awaiting_approval")
    (approval,) = approvals_of(equipped.server, task)
    assert approval["kind"] == tool
    shown = {"sender": USER, "to": to.split(", "), "subject": "Lunch", "text": LETTER["body"]}
    assert approval["details"] == shown
    return task, approval["id"]


def is_quiet(equipped: Equipped) -> bool:
    """Whether no task of a schedule is under way any more, and no message."""
    with superuser(equipped.server) as connection:
        count = connection.execute(
            "SELECT (SELECT count(*) FROM agent_tasks"
            "        WHERE schedule IS NOT NULL AND finished_at IS NULL)"
            "     + (SELECT count(*) FROM jobs WHERE settled_at IS NULL)"
        ).fetchone()
    return count == (0,)


def test_a_mail_is_sent_once_it_was_approved(equipped: Equipped) -> None:
    request = "Send an email to bob@example.org with the subject Lunch and the text See you at noon"
    task, approval = ask(equipped, "send_email", request)
    assert equipped.smtp.received == []
    decide(equipped.server, approval)
    done = wait_for(equipped.server, task)
    assert (done["status"], done["plan_summary"]) == ("completed", "1 sub-task: outgoing mail")
    assert done["result"] == "Done: Send a mail to bob@example.org: Lunch"
    mail = equipped.smtp.mail()
    assert (mail["From"], mail["To"], mail["Subject"]) == (USER, BOB, "Lunch")
    assert mail.get_content().strip() == LETTER["body"]
    assert len(equipped.dovecot.mails("Gesendet")) == 1


def test_a_draft_lies_in_the_mailbox_once_it_was_approved(equipped: Equipped) -> None:
    request = f"Draft an email to {BOB} and {ADA} about Lunch: See you at noon"
    task, approval = ask(equipped, "draft_email", request, to=f"{BOB}, {ADA}")
    decide(equipped.server, approval)
    assert wait_for(equipped.server, task)["status"] == "completed"
    ((flags, draft),) = equipped.dovecot.mails("Entw&APw-rfe")
    assert r"\Draft" in flags
    assert f"To: {BOB}, {ADA}".encode() in draft
    assert equipped.smtp.received == []


def test_the_result_of_a_schedule_comes_by_mail(equipped: Equipped) -> None:
    schedule = {
        "name": "weather-letter",
        "cron": "* * * * * *",
        "description": "Check the weather in Berlin",
        "user_id": ALICE,
        "deliver": ["mail"],
    }
    settings = {"PISOVEREIGN_AGENTIC__SCHEDULES": json.dumps([schedule])}
    with ApiProcess(equipped.server, **settings):
        wait_until(lambda: equipped.smtp.received, PATIENCE_S, "a mail")
    wait_until(lambda: is_quiet(equipped), 60, "the end of what else was begun")
    mail = equipped.smtp.mail(0)
    assert (mail["From"], mail["To"]) == (USER, USER)
    assert mail["Subject"].startswith("Berlin: 15°C, partly cloudy.")
    assert mail.get_content().strip().startswith("Berlin: 15°C, partly cloudy. Today 8 to 17°C")


def test_that_a_mail_was_refused_is_told(equipped: Equipped) -> None:
    equipped.smtp.answer = "550 not today"
    request = "Send an email to bob@example.org about Lunch: See you at noon"
    task, approval = ask(equipped, "send_email", request)
    assert decide(equipped.server, approval)["status"] == "failed"
    (part,) = wait_for(equipped.server, task)["sub_agents"]
    assert part["status"] == "failed"
    assert part["reason"] == "localhost did not take the mail (status 550)"
