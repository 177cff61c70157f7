"""A household's writes, of five kinds at once, and what is left of them."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import msgspec
import requests

from tests.support.marks import Marks
from tests.support.server import ADMIN_KEY, Server, wait_until

PAUSE_S = 0.1  # of each writer, after a success
_RETRY_S = 0.05
_LIMIT_S = 30.0
_ITEMS_OF_A_LIST = 400
_PAGE = 500


class Left(msgspec.Struct, frozen=True):
    """Of one kind: what was tried and acknowledged, and of that what is missing or there twice."""

    tried: int
    acknowledged: int
    lost: int
    doubled: int


class Writer(threading.Thread):
    """Writes one kind without pause, and remembers what was acknowledged.

    Args:
        write: Tries it once with a text of its own; what was acknowledged, or None.
        again: Whether what was not acknowledged is sent again, as where that is once all the same.
    """

    def __init__(self, kind: str, write: Callable[[str], str | None], *, again: bool) -> None:
        super().__init__(daemon=True, name=kind)
        self.kind = kind
        self.tried: list[str] = []
        self.acknowledged: dict[str, str] = {}
        self.stopped = threading.Event()
        self._write, self._again = write, again
        self._successes: list[tuple[float, float]] = []
        self._numbers = itertools.count()

    def run(self) -> None:
        text = self._next_text()
        while not self.stopped.is_set():
            began = time.monotonic()
            said = None
            with contextlib.suppress(requests.RequestException):
                said = self._write(text)
            if said is not None:
                self.acknowledged[text] = said
                self._successes.append((began, time.monotonic()))
            if said is not None or not self._again:
                text = self._next_text()
            self.stopped.wait(_RETRY_S if said is None else PAUSE_S)

    def first_success_after(self, moment: float) -> float | None:
        """When what was begun after a moment first succeeded; None: nothing has yet."""
        later = itertools.takewhile(lambda s: s[0] >= moment, reversed(self._successes))
        return min((ended for _, ended in later), default=None)

    def _next_text(self) -> str:
        text = f"{self.kind}-{next(self._numbers)}-{uuid.uuid4().hex[:8]}"
        self.tried.append(text)
        return text


class MixedWrites:
    """Five writers of one user: memories, reminders, items of lists, chats and approvals."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._marks = Marks()
        self._lists: dict[str, str] = {}
        self._refusal = ""
        self.writers = [
            Writer("memory", self._memory, again=True),
            Writer("reminder", self._reminder, again=False),
            Writer("item", self._item, again=True),
            Writer("chat", self._chat, again=False),
            Writer("approval", self._approval, again=False),
        ]

    def __enter__(self) -> MixedWrites:
        self._marks.__enter__()
        self._command = self._marks.add_command(self._server)
        for writer in self.writers:
            writer.start()
        self.wait_for_all(time.monotonic(), 60)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._marks.__exit__(None, None, None)

    def stop(self) -> None:
        """End the writing."""
        for writer in self.writers:
            writer.stopped.set()
        for writer in self.writers:
            if writer.is_alive():
                writer.join()

    def wait_for_all(self, moment: float, limit_s: float) -> dict[str, float]:
        """Wait until each kind works again, and return after how many seconds it did."""

        def after() -> dict[str, float]:
            ends = ((w.kind, w.first_success_after(moment)) for w in self.writers)
            return {kind: end - moment for kind, end in ends if end is not None}

        try:
            wait_until(lambda: len(after()) == len(self.writers), limit_s, "every kind of write")
        except AssertionError as error:
            raise AssertionError(
                f"{error}: only {sorted(after())}; the last refusal: {self._refusal}"
            ) from None
        return after()

    def left(self) -> dict[str, Left]:
        """Look for everything that was acknowledged, and for what is there twice."""
        memories = Counter(row["content"] for row in self._rows("/v1/memories"))
        reminders = Counter(row["title"] for row in self._rows("/v1/reminders"))
        shown = (self._get(f"/v1/lists/{each}") for each in self._lists.values())
        items = Counter(item["text"] for one in shown for item in one["items"])
        marks = self._marks.counts
        counted = {"memory": memories, "reminder": reminders, "item": items, "approval": marks}
        found = {
            writer.kind: _compare(writer, counted[writer.kind])
            for writer in self.writers
            if writer.kind in counted
        }
        chats = next(writer for writer in self.writers if writer.kind == "chat")
        return found | {"chat": self._left_of_chats(chats)}

    def _left_of_chats(self, writer: Writer) -> Left:
        lost = doubled = 0
        for text in writer.tried:
            reply = self._server.request("GET", f"/v1/conversations/{text}")
            told = reply.json()["messages"] if reply.status_code == 200 else []
            contents = [message["content"] for message in told]
            answer = writer.acknowledged.get(text)
            lost += answer is not None and contents[:2] != [_greeting(text), answer]
            doubled += len(contents) > 2
        return Left(len(writer.tried), len(writer.acknowledged), lost, doubled)

    def _memory(self, text: str) -> str | None:
        body = {"content": text, "summary": text, "memory_type": "fact"}
        return self._made("/v1/memories", body)

    def _reminder(self, text: str) -> str | None:
        return self._made("/v1/reminders", {"title": text, "remind_at": "2099-12-24T18:00:00Z"})

    def _item(self, text: str) -> str | None:
        name = f"Kills {int(text.split('-')[1]) // _ITEMS_OF_A_LIST}"
        if name not in self._lists:
            made = self._made("/v1/lists", {"name": name})
            if made is None:
                return None
            self._lists[name] = made
        reply = self._post(f"/v1/lists/{self._lists[name]}/items", {"items": [text]})
        return text if reply.status_code == 200 else None

    def _chat(self, text: str) -> str | None:
        reply = self._server.chat(_greeting(text), conversation_id=text, max_tokens=4)
        return str(reply.json()["content"]) if reply.status_code == 200 else None

    def _approval(self, text: str) -> str | None:
        """A command that leaves a mark; acknowledged is one that is said to be done."""
        path = f"/v1/commands/catalog/{self._command}/execute"
        asked = self._post(path, {"arguments": {"mark": text, "seconds": "0"}})
        if asked.status_code == HTTPStatus.CONFLICT:
            self._deny_pending()
        if asked.status_code != 200:
            return None
        approval = asked.json()["approval_id"]
        decided = self._post(f"/v1/approvals/{approval}/approve", None, key=ADMIN_KEY)
        if decided.status_code != 200:
            return None
        deadline = time.monotonic() + _LIMIT_S
        shown = decided.json()
        while shown.get("status") == "approved" and time.monotonic() < deadline:
            time.sleep(_RETRY_S)
            shown = self._get(f"/v1/approvals/{approval}")
        result = shown.get("result") or {}
        done = shown.get("status") == "executed" and result.get("status") == "completed"
        return approval if done else None

    def _deny_pending(self) -> None:
        """Decide what a kill left undecided: only so many may be pending."""
        pending = self._server.request("GET", "/v1/approvals?status=pending", timeout=_LIMIT_S)
        for approval in pending.json():
            self._post(f"/v1/approvals/{approval['id']}/deny", None, key=ADMIN_KEY)

    def _made(self, path: str, body: dict[str, Any]) -> str | None:
        reply = self._post(path, body)
        return str(reply.json()["id"]) if reply.status_code in (200, 201) else None

    def _post(self, path: str, body: dict[str, Any] | None, **more: Any) -> requests.Response:
        reply = self._server.request("POST", path, json=body, timeout=_LIMIT_S, **more)
        known = (200, 201, 202, 409, 502, 503)
        if reply.status_code not in (200, 201, 202):
            self._refusal = f"{path}: {reply.status_code} {reply.text}"
        assert reply.status_code in known, self._refusal
        return reply

    def _get(self, path: str) -> dict[str, Any]:
        reply = self._server.request("GET", path, timeout=_LIMIT_S)
        shown: dict[str, Any] = reply.json()
        return shown

    def _rows(self, path: str) -> Iterator[dict[str, Any]]:
        for offset in itertools.count(0, _PAGE):
            query = f"?limit={_PAGE}&offset={offset}"
            rows: list[dict[str, Any]] = self._server.request("GET", path + query).json()
            yield from rows
            if len(rows) < _PAGE:
                return


def _greeting(text: str) -> str:
    return f"Hello {text}"


def _compare(writer: Writer, there: Counter[str]) -> Left:
    return Left(
        tried=len(writer.tried),
        acknowledged=len(writer.acknowledged),
        lost=sum(there[text] == 0 for text in writer.acknowledged),
        doubled=sum(count > 1 for count in there.values()),
    )
