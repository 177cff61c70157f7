"""Approved mails, while what sends them is killed again and again."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import msgspec
import requests

from tests.connectors.email.dovecot import PASSWORD, USER, Dovecot
from tests.connectors.email.smtp_server import SmtpServer
from tests.memory.crash import kill
from tests.support.server import ALICE, Server, wait_until

AT_ONCE = 4
RETRY_S = 0.05
TRIES = 1200
# How often each is killed, compared with the others.
VICTIMS = {"API worker": 10, "PostgreSQL backend": 3, "PostgreSQL": 2, "everything": 1}
NOT_SENT = ("Not sent", "did not take the mail", "It was not begun")


class Ended(msgspec.Struct, frozen=True):
    """What became of the mails, as clients and the server that takes mails know it.

    Attributes:
        mails: How many were approved.
        interrupted: How many of the requests to approve broke off.
        kills: How often each victim was killed.
        executed_came: Reported as sent, and came.
        executed_missing: Reported as sent, and did not come.
        failed_stayed: Reported as not sent, and did not come.
        failed_came: Reported as not sent, and came.
        unknown_came: Reported as unknown, and came.
        unknown_stayed: Reported as unknown, and did not come.
        twice: Came more than once.
    """

    mails: int
    interrupted: int
    kills: dict[str, int]
    executed_came: int
    executed_missing: int
    failed_stayed: int
    failed_came: int
    unknown_came: int
    unknown_stayed: int
    twice: int

    @property
    def right(self) -> bool:
        """Whether every report is true, and nothing came twice."""
        return self.executed_missing == self.failed_came == self.twice == 0


def settings(dovecot: Dovecot, smtp: SmtpServer) -> dict[str, str]:
    """The environment of a program that sends through this server."""
    return {
        "PISOVEREIGN_EMAIL__IMAP_HOST": "localhost",
        "PISOVEREIGN_EMAIL__IMAP_PORT": str(dovecot.tls_port),
        "PISOVEREIGN_EMAIL__SMTP_HOST": "localhost",
        "PISOVEREIGN_EMAIL__SMTP_PORT": str(smtp.tls_port),
        "PISOVEREIGN_EMAIL__USERNAME": USER,
        "PISOVEREIGN_EMAIL__PASSWORD": PASSWORD,
        "PISOVEREIGN_EMAIL__USER_ID": ALICE,
        "PISOVEREIGN_OUTBOUND__CA_FILE": str(dovecot.certificates.ca),
    }


def send_through_kills(server: Server, smtp: SmtpServer, mails: int, *, seed: int) -> Ended:
    """Approve `mails` mails, a few at once, and kill something during each few.

    A client asks again until it is answered, as one does who wants the mail to be sent.
    """
    chance = random.Random(seed)
    smtp.pause_s = 0.05
    approvals: list[str] = []
    interrupted: list[str] = []
    kills: Counter[str] = Counter()

    def approve(approval: str) -> None:
        for attempt in range(TRIES):
            if attempt == 1:
                interrupted.append(approval)
            try:
                reply = server.request("POST", f"/v1/approvals/{approval}/approve", timeout=60)
            except requests.RequestException:
                time.sleep(RETRY_S)
                continue
            if reply.status_code in {200, 409}:
                return
            assert reply.status_code == 503, reply.text
            time.sleep(RETRY_S)
        raise AssertionError(f"not answered after {TRIES} attempts")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        while len(approvals) < mails:
            some = [_ask(server, len(approvals) + number) for number in range(AT_ONCE)]
            approvals += some
            done = threading.Event()
            killer = threading.Thread(target=_kill_once, args=(server, chance, kills, done))
            killer.start()
            list(pool.map(approve, some))
            done.set()
            killer.join()
    return _judge(server, smtp, approvals, len(interrupted), kills)


def _kill_once(
    server: Server, chance: random.Random, kills: Counter[str], done: threading.Event
) -> None:
    done.wait(chance.uniform(0.0, 0.25))
    (victim,) = chance.choices(list(VICTIMS), list(VICTIMS.values()))
    if kill(server, victim, chance):
        kills[victim] += 1


def _ask(server: Server, number: int) -> str:
    args = {"to": "bob@example.org", "subject": f"Mail {number}", "body": "Hello"}
    for _ in range(TRIES):
        try:
            body = {"command": "send_email", "args": args}
            reply = server.request("POST", "/v1/commands", json=body, timeout=30)
        except requests.RequestException:
            time.sleep(RETRY_S)
            continue
        if reply.status_code == 200:
            return str(reply.json()["approval_id"])
        assert reply.status_code == 503, reply.text
        time.sleep(RETRY_S)
    raise AssertionError(f"not taken after {TRIES} attempts")


def _judge(
    server: Server, smtp: SmtpServer, approvals: list[str], interrupted: int, kills: Counter[str]
) -> Ended:
    def decided() -> bool:
        waiting = [
            server.request("GET", f"/v1/approvals?status={status}&limit=1").json()
            for status in ("pending", "approved")
        ]
        return waiting == [[], []]

    wait_until(decided, 90, "the outcome of each approval")
    came = Counter(str(smtp.mail(index)["Message-ID"]) for index in range(len(smtp.received)))
    counts: Counter[str] = Counter()
    for approval in approvals:
        shown = server.request("GET", f"/v1/approvals/{approval}").json()
        number = came[f"<pisovereign.{approval}@example.org>"]
        counts[_outcome(shown) + ("_came" if number else "")] += 1
        counts["twice"] += number > 1
    return Ended(
        mails=len(approvals),
        interrupted=interrupted,
        kills=dict(kills),
        executed_came=counts["executed_came"],
        executed_missing=counts["executed"],
        failed_stayed=counts["failed"],
        failed_came=counts["failed_came"],
        unknown_came=counts["unknown_came"],
        unknown_stayed=counts["unknown"],
        twice=counts["twice"],
    )


def _outcome(approval: dict[str, object]) -> str:
    if approval["status"] == "executed":
        return "executed"
    assert approval["status"] == "failed", approval
    said = str(approval["reason"])
    return "failed" if any(words in said for words in NOT_SENT) else "unknown"
