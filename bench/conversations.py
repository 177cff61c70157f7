"""How long it takes to list, page and search what was said: `python -m bench.conversations`.

It fills a database of its own with one long conversation; `--messages` says how long.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from pisovereign.chat.conversation_search import ConversationSearch
from pisovereign.chat.conversation_store import ConversationStore
from pisovereign.chat.history_types import MessageSearch
from pisovereign.chat.store import AnswerRow, ChatStore
from pisovereign.chat.types import Tokens
from pisovereign.storage.embedded import EmbeddedServer
from pisovereign.storage.migrate import run_migrations
from pisovereign.storage.pool import Database, open_database
from pisovereign.storage.sealing import Sealer

_ANSWER = "The sea is wide and the harbor is full of boats that come and go. " * 8
_SEALING_KEY = "INSERT INTO sealing_keys (key_id) VALUES (%(key)s) ON CONFLICT DO NOTHING"
# Each message would be stored with all before it read otherwise.
_SHORT_WINDOW = "UPDATE conversations SET window_start = 9000000 WHERE user_id = %(user)s"
_TURNS_OF_WINDOW = 20
_NAME = "long"


class Settings(NamedTuple):
    """How the database is reached."""

    url: str | None = None
    pool_size: int = 4
    statement_timeout_s: float = 120.0
    user_quota_bytes: int = 0


async def fill(
    database: Database, store: ChatStore, sealer: Sealer, user: UUID, turns: int
) -> None:
    """Store a conversation of so many questions with their answers."""
    async with database.transaction(user) as connection:
        await connection.execute(_SEALING_KEY, {"key": sealer.key_id})
    for number in range(turns):
        question, _ = await store.add_user_message(user, _NAME, f"Question {number}", None)
        answer = AnswerRow(
            id=uuid4(), question=question, content=_ANSWER, model="none", tokens=Tokens(1, 1, 2)
        )
        await store.add_answer(user, _NAME, answer)
        if number % _TURNS_OF_WINDOW == 0:
            async with database.transaction(user) as connection:
                await connection.execute(_SHORT_WINDOW, {"user": user})


async def measure(what: str, act: Callable[[], Awaitable[object]], times: int = 5) -> None:
    """Print the median of a few times, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await act()
        took.append(time.perf_counter() - began)
    print(f"{what}: {statistics.median(took) * 1000:.1f} ms")


async def run(dsn: str, turns: int) -> None:
    """Fill the database and measure."""
    database = await open_database(Settings(), dsn)
    sealer, user = Sealer(bytes(32)), uuid4()
    conversations = ConversationStore(database, sealer)
    search = ConversationSearch(conversations)
    nothing = MessageSearch(query="zeppelin hangar")
    await fill(database, ChatStore(database, sealer), sealer, user, turns)
    print(f"messages: {2 * turns}")
    await measure("list", lambda: conversations.page(user, 40, 0, None))
    await measure("last 50", lambda: conversations.messages(user, _NAME, 50, None))
    await measure("all of them", lambda: conversations.messages(user, _NAME, None, None))
    await measure("search that finds nothing", lambda: search.search(user, nothing))
    await database.close()


def main() -> None:
    """Start a database, measure, and remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pisov-bench-"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "data", shared=folder / "shared")
    server.start()
    try:
        run_migrations(server.owner_dsn)
        asyncio.run(run(server.owner_dsn, arguments.messages // 2))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
