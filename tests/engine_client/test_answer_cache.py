"""Repeated answers, through the running program."""

from __future__ import annotations

import os
import signal
from typing import Any
from uuid import uuid4

from tests.memory.support import remember
from tests.metrics.scrape import Series, report, series
from tests.support.api_process import ApiProcess
from tests.support.engine_proxy import EngineProxy
from tests.support.patience import PATIENCE_S
from tests.support.server import BOB_KEY, Server, text_lines, wait_until


def grown(before: Series, after: Series, name: str, **labels: str) -> float:
    key = name, tuple(sorted(labels.items()))
    return after[key] - before[key]


def complete(server: Server, question: str, key: str | None = None, **fields: Any) -> Any:
    body = {"messages": [{"role": "user", "content": question}], "max_tokens": 8, "temperature": 0}
    keys = {"key": key} if key else {}
    response = server.request("POST", "/v1/chat/completions", json={**body, **fields}, **keys)
    assert response.status_code == 200, response.text
    return response.json()


def test_only_the_same_user_gets_an_answer_again(server: Server) -> None:
    question = f"What is {uuid4()}?"
    before = series(server)
    first = complete(server, question)
    again = complete(server, question)
    bobs = complete(server, question, BOB_KEY)
    longer = complete(server, question, max_tokens=9)
    warm = complete(server, question, temperature=0.1)
    after = series(server)
    assert again["choices"] == first["choices"]
    assert again["id"] != first["id"]
    usage = again["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] == usage["prompt_tokens"]
    assert usage["completion_tokens"] == first["usage"]["completion_tokens"]
    assert {bobs["object"], longer["object"], warm["object"]} == {"chat.completion"}
    for outcome, count in (("hit", 1), ("miss", 3)):
        labels = {"cache": "answers", "outcome": outcome}
        assert grown(before, after, "cache_requests_total", **labels) == count
    # What the cache answers, the model is not asked.
    assert grown(before, after, "inference_requests_total", status="success") == 4

    def is_kept() -> bool:
        """Whether there is one entry more; others may expire meanwhile."""
        entries = series(server)["cache_entries", ()]
        complete(server, f"What is {uuid4()}?")
        return series(server)["cache_entries", ()] > entries

    wait_until(is_kept, PATIENCE_S, "an entry for an answer")


def test_it_is_the_same_in_a_stream(server: Server) -> None:
    question = f"Tell me about {uuid4()}."
    body = {
        "messages": [{"role": "user", "content": question}],
        "max_tokens": 12,
        "temperature": 0,
        "stream": True,
    }

    def stream() -> list[str]:
        answer = server.request("POST", "/v1/chat/completions", json=body, stream=True)
        # Without the id and the time, which are each answer's own.
        return [
            line.partition('"choices"')[2].partition(',"object"')[0]
            for line in text_lines(answer)
            if line.startswith("data:")
        ]

    assert stream() == stream()


def test_conversations_keep_what_was_said_and_its_order(server: Server) -> None:
    words = f"Say {uuid4()}"
    told = [server.chat(words, conversation_id=f"cache-{uuid4()}").json() for _ in range(2)]
    follow = server.chat("And again?", conversation_id=told[1]["conversation_id"]).json()
    shown = server.request("GET", f"/v1/conversations/{told[1]['conversation_id']}").json()
    assert [message["content"] for message in shown["messages"]] == [
        words,
        told[1]["content"],
        "And again?",
        follow["content"],
    ]
    assert told[0]["id"] != told[1]["id"]
    assert {message["role"] for message in shown["messages"][::2]} == {"user"}


def test_an_answer_that_breaks_off_is_not_kept(server: Server) -> None:
    # In letters: with digits it may look like a sum.
    name = uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    question = f"Tell me a long story about the town of {name.title()}."
    body = {"message": question, "max_tokens": 400, "temperature": 0}
    before = report(server)["cache"]["entries"]
    stream = server.request("POST", "/v1/chat/stream", json=body, stream=True)
    next(stream.iter_content(1))
    os.kill(server.child("pisovereign.engine"), signal.SIGKILL)
    lines = list(text_lines(stream))
    assert "event: error" in lines
    assert "event: done" not in lines
    # The vectors of the question, and of what is read of it as a request.
    assert report(server)["cache"]["entries"] <= before + 3
    wait_until(
        lambda: server.request("GET", "/ready").status_code == 200, 60, "the engine's return"
    )


def test_an_answer_without_its_memories_says_so_and_is_not_kept(server: Server) -> None:
    # Only someone who has memories misses them.
    remember(server, "The cellar key hangs behind the door.")
    words = f"What about {uuid4()}?"
    with EngineProxy(server.data_dir / "run" / "engine.sock") as proxy:
        settings = {
            "PISOVEREIGN_INFERENCE__BASE_URL": proxy.url,
            "PISOVEREIGN_CACHE__ANSWERS_S": "600",
            "PISOVEREIGN_CHAT__CLOCK": "false",
        }
        with ApiProcess(server, **settings) as api:
            proxy.no_embeddings = True
            assert [api.chat(words).get("degraded") for _ in range(2)] == [["memories"]] * 2
            body = {"message": words, "max_tokens": 12, "temperature": 0}
            stream = api.request("POST", "/v1/chat/stream", json=body).text
            assert '"degraded":["memories"]' in stream.replace(" ", "")
            assert len(proxy.prompts) == 3
            proxy.no_embeddings = False
            whole, again = api.chat(words), api.chat(words)
            assert len(proxy.prompts) == 4
            assert "degraded" not in whole
            assert "degraded" not in again
            assert again["content"] == whole["content"]
            assert again["tokens"]["cached"] == again["tokens"]["prompt"]
            assert again["conversation_id"] != whole["conversation_id"]
            # Another user is asked for.
            api.chat(words, key=BOB_KEY)
            assert len(proxy.prompts) == 5


def test_the_same_figures_everywhere(server: Server) -> None:
    question = f"Where is {uuid4()}?"
    for _ in range(3):
        complete(server, question)
    told, found = report(server)["cache"], series(server)
    status = server.request("GET", "/v1/system/status").json()["statistics"]
    by_outcome = {
        outcome: sum(
            value
            for (name, labels), value in found.items()
            if name == "cache_requests_total" and ("outcome", outcome) in labels
        )
        for outcome in ("hit", "miss", "stale")
    }
    assert by_outcome == {"hit": told["hits"], "miss": told["misses"], "stale": told["stale"]}
    assert told["requests_total"] == sum(by_outcome.values())
    assert told["hit_rate"] == status["cache_hit_rate"]
    assert abs(told["hits"] / told["requests_total"] - told["hit_rate"]) < 0.0001
    assert told["hits"] >= 2

    def are_alike() -> bool:
        """Whether the sizes are; between two looks something may expire."""
        told, found = report(server)["cache"], series(server)
        sizes = found["cache_entries", ()], found["cache_bytes", ()]
        return (told["entries"], told["bytes"]) == sizes

    wait_until(are_alike, PATIENCE_S, "the same sizes everywhere")
