"""Approvals that are carried out while what carries them out is killed.

Each command leaves a mark as the first thing it does. So executions are counted by what they did,
whatever anybody says about them.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Any

import msgspec
import psycopg
import requests

from tests.support.marks import Marks
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server, wait_until
from tests.support.victims import victims

TOGETHER = 4
LONGEST_S = 0.4  # of one command after its mark
VICTIMS = ("API worker", "runner", "command", "PostgreSQL backend", "everything", "nothing")
KILLED = 137  # the exit code of a command that SIGKILL ended, as in a shell
OVER = {"executed", "failed", "denied", "cancelled", "expired"}


class Counts(msgspec.Struct, frozen=True):
    """What is left of `approvals` that were each approved by two at once while kills happened.

    `once`, `never` and `twice` count executions by their marks. `unseen` are approvals without a
    mark whose command is said to have completed, `cut` those that lack some of its output,
    `untold` those whose log does not tell of exactly one approval and one end. `ended` counts the
    statuses, with the reason of those that failed; `killed` those that are executed, and whose
    command a signal ended.
    """

    approvals: int
    once: int
    never: int
    twice: int
    unseen: int
    cut: int
    untold: int
    ended: dict[str, int]
    killed: int
    kills: dict[str, int]
    audit_intact: bool


class Crashes:
    """One server, one command, and the marks of its executions."""

    def __init__(self, server: Server, seed: int) -> None:
        self._server = server
        self._chance = random.Random(seed)
        self._marks = Marks()
        self._kills: Counter[str] = Counter()
        self._asked: dict[str, str] = {}

    def __enter__(self) -> Crashes:
        self._marks.__enter__()
        self._command = self._marks.add_command(self._server)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._marks.__exit__(kind, error, trace)

    def round(self, victim: str, *, patient: bool) -> None:
        """Approve some at once, kill something meanwhile, and wait for the end of each.

        Without patience the leases of the dead are ended by hand.
        """
        approvals = [self._ask() for _ in range(TOGETHER)]
        threads = [
            threading.Thread(target=self._approve, args=(approval, key))
            for approval in approvals
            for key in (ALICE_KEY, ADMIN_KEY)
        ]
        for thread in threads:
            thread.start()
        pause = self._chance.uniform(0, LONGEST_S + 0.3)
        if victim == "command":  # one has to be there; the last ones begin a little later
            with contextlib.suppress(AssertionError):  # all may have ended between two looks
                wait_until(lambda: self._commands() != [], 10, "a command")
            pause = min(pause, LONGEST_S / 2)
        time.sleep(pause)
        self._kills[victim] += self._kill(victim)
        for thread in threads:
            thread.join()
        self._server.wait_ready()
        if not patient:
            self._end_leases()
        for approval in approvals:
            self._bring_to_an_end(approval)

    def count(self) -> Counts:
        """Look at every approval, at its marks and at what the log tells."""
        ended: Counter[str] = Counter()
        marks: Counter[int] = Counter()
        unseen = cut = untold = killed = 0
        log = self._log()
        for approval, mark in self._asked.items():
            shown = self._get(approval)
            status, reason = shown["status"], shown["reason"]
            found = self._marks.counts[mark]
            ended[f"{status}: {reason}" if reason else status] += 1
            marks[min(found, 2)] += 1
            result = shown["result"] if status == "executed" else {}
            completed = result.get("status") == "completed"  # and was not killed before its mark
            unseen += completed and found == 0
            cut += completed and result["stdout"].strip() != mark
            killed += result.get("exit_code") == KILLED
            untold += not _tells(log.get(approval, []), status)
        report = self._server.request("GET", "/v1/audit/verify").json()
        return Counts(
            approvals=len(self._asked),
            once=marks[1],
            never=marks[0],
            twice=marks[2],
            unseen=unseen,
            cut=cut,
            untold=untold,
            ended=dict(ended),
            killed=killed,
            kills=dict(self._kills),
            audit_intact=report["intact"],
        )

    def _ask(self) -> str:
        mark = f"m{len(self._asked)}"
        seconds = f"{self._chance.uniform(0, LONGEST_S):.2f}"
        path = f"/v1/commands/catalog/{self._command}/execute"
        body = {"arguments": {"mark": mark, "seconds": seconds}}
        answer = self._server.request("POST", path, json=body)
        assert answer.status_code == 200, answer.text
        approval = str(answer.json()["approval_id"])
        self._asked[approval] = mark
        return approval

    def _approve(self, approval: str, key: str) -> None:
        with contextlib.suppress(requests.RequestException):
            self._server.request("POST", f"/v1/approvals/{approval}/approve", key=key)

    def _get(self, approval: str) -> dict[str, Any]:
        shown: dict[str, Any] = self._server.request("GET", f"/v1/approvals/{approval}").json()
        return shown

    def _bring_to_an_end(self, approval: str) -> None:
        """One that nobody managed to approve, or that was given back, is approved now."""

        def is_over() -> bool:
            status = self._get(approval)["status"]
            if status == "pending":
                self._approve(approval, ALICE_KEY)
            return status in OVER

        wait_until(is_over, 60, "an end")

    def _end_leases(self) -> None:
        """As if their time had passed; those that are still worked on renew theirs, or are done."""
        with psycopg.connect(self._server.owner_dsn()) as connection:
            time.sleep(LONGEST_S + 0.6)
            connection.execute(
                "UPDATE jobs SET lease_until = now()"
                " WHERE queue = 'approvals' AND state = 'running'"
            )

    def _log(self) -> dict[str, list[str]]:
        told: dict[str, list[str]] = {}
        offset = 0
        while page := self._server.request("GET", f"/v1/audit?limit=500&offset={offset}").json():
            for entry in page:
                told.setdefault(entry["subject"], []).insert(0, entry["event"])
            offset += 500
        return told

    def _kill(self, victim: str) -> int:
        """SIGKILL; returns how many processes that hit."""
        if victim == "nothing":
            return 1
        if victim == "everything":
            self._server.kill_everything()
            self._server.start()
            return 1
        found = self._commands() if victim == "command" else victims(self._server)[victim]
        if victim not in ("runner", "command"):
            found = self._chance.sample(found, 1) if found else []
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(found)

    def _commands(self) -> list[int]:
        """Process ids of commands that are being executed."""
        lines = self._server.descendants().items()
        return [pid for pid, line in lines if str(self._marks.port) in line.split()]


def _tells(events: list[str], status: str) -> bool:
    """Whether the log tells of one approval and one end, after any number that were given back."""
    asked, *back, approved, ended = events if len(events) >= 3 else ["", "", ""]
    returned = ["approved", "returned"] * (len(back) // 2)
    return [asked, *back, approved, ended] == ["requested", *returned, "approved", status]
