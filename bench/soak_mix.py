"""What a household does on a day, and doing it over the API as its devices would."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import aiohttp

from bench.soak_judge import Call
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY

PASSPHRASE = "five random words are good"
_TURNS = 12  # of one conversation
_FIRST_TIMES, _FIRST_SEED = 12, 0  # of what is done before anything is measured
_VIEW_S = 20.0  # for which a page stays open
# What people keep is held at a level, so that what still grows is a leak.
_CONVERSATIONS, _MEMORIES, _DOCUMENTS, _ITEMS = 8, 40, 6, 40
_WORDS = (
    *("garden", "kettle", "invoice", "window", "bicycle", "holiday", "dentist", "recipe"),
    *("plumber", "passport", "battery", "ladder", "concert", "neighbor", "blanket", "charger"),
    *("airport", "museum", "library", "tomato"),
)


class Kind(NamedTuple):
    """Something that is done, and how often a household does it on a day."""

    name: str
    a_day: float
    do: Callable[[Household], Awaitable[int]]


class Household:
    """The people, their devices and what they do.

    Args:
        session: For requests to the program under load.
        real: The address of the program whose model is a real one.
        chance: Draws what is said.
    """

    def __init__(self, session: aiohttp.ClientSession, real: str, chance: random.Random) -> None:
        self._session = session
        self._real = real
        self.chance = chance
        self._turns = 0
        self._views: set[asyncio.Task[None]] = set()
        self._command = ""
        self._memories: list[str] = []
        self._documents: list[str] = []

    async def prepare(self) -> None:
        """Make what is used again and again, and do everything a dozen times.

        Code that is loaded on first use, such as that for backups, must not count as growth.

        Raises:
            RuntimeError: something is refused.
        """
        body = {"name": "Mine", "command": "echo soak"}
        async with self._session.post("/v1/commands/catalog", json=body, headers=key()) as answer:
            answer.raise_for_status()
            self._command = (await answer.json())["id"]
        chance, self.chance = self.chance, random.Random(_FIRST_SEED)
        for kind in MIX * _FIRST_TIMES:
            if not 200 <= (status := await kind.do(self)) < 300:
                raise RuntimeError(f"{kind.name}: {status}")
        self.chance = chance

    async def end(self) -> None:
        """Close pages that are open."""
        for view in self._views:
            view.cancel()
        await asyncio.gather(*self._views, return_exceptions=True)

    def words(self, count: int) -> str:
        """Return words that were not said before together."""
        return " ".join(self.chance.choices(_WORDS, k=count)) + f" {self.chance.randrange(10**6)}"

    async def chat(self) -> int:
        """Say something that the model answers."""
        self._turns += 1
        body = {
            "message": f"What do you think about {self.words(4)}?",
            "conversation_id": f"soak-{self._turns // _TURNS}",
            "max_tokens": 24,
        }
        await self._forget_conversation()
        return await self._stream("/v1/chat/stream", {**body, "resumable": self._turns % 3 == 0})

    async def chat_real(self) -> int:
        """Say something that a real model answers."""
        body = {"message": f"Say something about {self.words(2)}.", "max_tokens": 16}
        return await self._post(f"{self._real}/v1/chat", body)

    async def command(self) -> int:
        """Say something that is carried out without a model."""
        self._turns += 1
        said = self.chance.choice(
            [
                f"remind me in {self.chance.randint(2, 600)} minutes to call the {self.words(1)}",
                f"add {self.words(1)} to the shopping list",
                f"remember that the {self.words(2)} is in the cellar",
                "what is on my shopping list?",
                f"what is {self.chance.randint(2, 99)} times {self.chance.randint(2, 99)}?",
            ]
        )
        body = {"message": said, "conversation_id": f"soak-{self._turns // _TURNS}"}
        return await self._post("/v1/chat", {**body, "max_tokens": 24})

    async def reminder(self) -> int:
        """Make a reminder that is due soon, and see to one that is due."""
        at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.chance.randint(5, 90))
        body = {"title": self.words(3), "remind_at": at.isoformat()}
        status = await self._post("/v1/reminders", body)
        _, due = await self._get("/v1/reminders?status=due&limit=5")
        for one in due or []:
            await self._post(f"/v1/reminders/{one['id']}/done", None)
        return status

    async def items(self) -> int:
        """Write something on a list; one that is full is emptied."""
        _, lists = await self._get("/v1/lists")
        if not lists:
            return await self._post("/v1/lists", {"name": "Shopping list"})
        path = f"/v1/lists/{lists[0]['id']}"
        _, whole = await self._get(path)
        if whole and len(whole["items"]) >= _ITEMS:
            return await self._delete(path)
        return await self._post(f"{path}/items", {"items": [self.words(1)]})

    async def remember(self) -> int:
        """Store a memory."""
        text = self.words(8)
        body = {"content": text, "summary": text}
        async with self._session.post("/v1/memories", json=body, headers=key()) as answer:
            self._memories.append((await answer.json()).get("id", ""))
        if len(self._memories) > _MEMORIES:
            await self._delete(f"/v1/memories/{self._memories.pop(0)}")
        return answer.status

    async def search(self) -> int:
        """Search memories, messages or documents."""
        word = self.chance.choice(_WORDS)
        if self.chance.random() < 0.3:
            return await self._post("/v1/messages/search", {"query": word})
        where = self.chance.choice(["memories", "documents"])
        return (await self._get(f"/v1/{where}/search?q={word}"))[0]

    async def view(self) -> int:
        """Open the page, which reads what it shows and then listens for events."""
        who = self.chance.choice((ALICE_KEY, BOB_KEY))
        for path in ("/", "/v1/conversations?limit=20", "/v1/approvals?status=pending"):
            status, _ = await self._get(path, who)
            if status >= 400:
                return status
        if len(self._views) < 12:
            view = asyncio.create_task(self._listen(who))
            self._views.add(view)
            view.add_done_callback(self._views.discard)
        return status

    async def calendar(self) -> int:
        """Look into the calendar, at the weather or at the tasks."""
        path = self.chance.choice(["/v1/calendar/events?days=7", "/v1/tasks"])
        return (await self._get(path))[0]

    async def mail(self) -> int:
        """Look at the mails."""
        return (await self._get("/v1/mails?limit=5"))[0]

    async def document(self) -> int:
        """Store a document, which is read and made findable."""
        text = "\n\n".join(self.words(60) for _ in range(12))
        name = f"{self.chance.randrange(10**9)}.txt"
        async with self._session.post(
            f"/v1/documents?name={name}", data=text.encode(), headers=key()
        ) as answer:
            self._documents.append((await answer.json()).get("id", ""))
        if len(self._documents) > _DOCUMENTS:
            await self._delete(f"/v1/documents/{self._documents.pop(0)}")
        return answer.status

    async def _forget_conversation(self) -> None:
        if self._turns % _TURNS == 0 and (old := self._turns // _TURNS - _CONVERSATIONS) >= 0:
            await self._delete(f"/v1/conversations/soak-{old}")

    async def approval(self) -> int:
        """Ask for something that needs an approval, and decide."""
        path = f"/v1/commands/catalog/{self._command}/execute"
        async with self._session.post(path, headers=key()) as answer:
            made = await answer.json()
            if answer.status != 200:
                return answer.status
        decision = self.chance.choice(("approve", "deny"))
        return await self._post(f"/v1/approvals/{made['approval_id']}/{decision}", None, ADMIN_KEY)

    async def backup(self) -> int:
        """Make a backup; one that is being made already will do."""
        status = await self._post("/v1/system/backups", {"passphrase": PASSPHRASE}, ADMIN_KEY)
        return 200 if status == 409 else status

    async def verify_log(self) -> dict[str, Any]:
        """Have the audit log computed again."""
        report: dict[str, Any] = (await self._get("/v1/audit/verify"))[1]
        return report

    async def _listen(self, who: str) -> None:
        limit = aiohttp.ClientTimeout(total=_VIEW_S)
        try:
            async with self._session.get("/v1/events", headers=key(who), timeout=limit) as answer:
                async for _ in answer.content:
                    pass
        except (TimeoutError, aiohttp.ClientError):
            return

    async def _stream(self, path: str, body: dict[str, Any]) -> int:
        async with self._session.post(path, json=body, headers=key()) as answer:
            said = await answer.read()
        return answer.status if b"event: error" not in said else 599

    async def _post(self, path: str, body: Any, who: str = ALICE_KEY) -> int:
        async with self._session.post(path, json=body, headers=key(who)) as answer:
            await answer.read()
            return answer.status

    async def _delete(self, path: str) -> int:
        async with self._session.delete(path, headers=key()) as answer:
            return answer.status

    async def _get(self, path: str, who: str = ALICE_KEY) -> tuple[int, Any]:
        async with self._session.get(path, headers=key(who)) as answer:
            if answer.content_type != "application/json":
                await answer.read()
                return answer.status, None
            return answer.status, await answer.json()


MIX = (
    Kind("chat", 30, Household.chat),
    Kind("chat, real model", 1.5, Household.chat_real),
    Kind("command", 30, Household.command),
    Kind("reminder", 10, Household.reminder),
    Kind("list", 15, Household.items),
    Kind("memory", 10, Household.remember),
    Kind("search", 15, Household.search),
    Kind("page", 60, Household.view),
    Kind("calendar", 15, Household.calendar),
    Kind("mail", 10, Household.mail),
    Kind("document", 2, Household.document),
    Kind("approval", 6, Household.approval),
    Kind("backup", 0.25, Household.backup),
)
SLOW = frozenset(("document", "backup", "chat, real model"))
"""What takes long by itself, and has no part in the comparison of latencies."""


def key(who: str = ALICE_KEY) -> dict[str, str]:
    """Return the header that says who asks."""
    return {"Authorization": f"Bearer {who}"}


async def live(
    household: Household, *, seconds: float, times: float, day_s: float, calls: list[Call]
) -> None:
    """Do what the mix says, at times that were drawn beforehand, whatever the answers do.

    Args:
        household: Who does it.
        seconds: For how long.
        times: How many households do it.
        day_s: How many seconds a day takes.
        calls: Where each thing that was done is added.
    """
    rate = times * sum(kind.a_day for kind in MIX) / day_s
    weights = [kind.a_day for kind in MIX]
    began = time.monotonic()
    running: set[asyncio.Task[None]] = set()
    at = 0.0
    while (at := at + household.chance.expovariate(rate)) < seconds:
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        kind = household.chance.choices(MIX, weights)[0]
        task = asyncio.create_task(_one(household, kind, began, at, calls))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)


async def _one(
    household: Household, kind: Kind, began: float, at: float, calls: list[Call]
) -> None:
    try:
        status = await kind.do(household)
    except (TimeoutError, aiohttp.ClientError):
        status = 0
    # From when it was to begin: a stall is charged to all that it delays.
    calls.append(Call(kind.name, round(at, 3), time.monotonic() - began - at, status))
