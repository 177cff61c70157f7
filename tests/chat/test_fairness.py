"""One user who asks for many answers at once, and another who wants one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.support.server import ALICE_KEY, BOB_KEY, Server

# The slowest machine takes its time for what waits; nobody asks how long.
PATIENCE_S = 300


def ask(server: Server, key: str, message: str) -> int:
    body = {"message": message, "max_tokens": 2, "commands": False, "use_memory": False}
    answer = server.request("POST", "/v1/chat", key=key, json=body, timeout=PATIENCE_S)
    return answer.status_code


def test_who_asks_for_many_answers_keeps_nobody_else_from_one(server: Server) -> None:
    over = threading.Event()
    flooded = threading.Event()

    def flood() -> None:
        while not over.is_set():
            if ask(server, ALICE_KEY, "Tell me a long story") == 503:
                flooded.set()
            over.wait(0.5)  # they come back, but need not keep a processor busy

    with ThreadPoolExecutor(24) as pool:
        clients = [pool.submit(flood) for _ in range(24)]
        try:
            assert flooded.wait(PATIENCE_S), "there was no flood"
            answers = [ask(server, BOB_KEY, "Hello") for _ in range(6)]
        finally:
            over.set()
        for client in clients:
            client.result()
    assert answers == [200] * 6
