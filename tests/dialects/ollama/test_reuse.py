"""The long prompt of a house is read once, whatever else happens between two of its questions."""

from __future__ import annotations

from typing import Any

import ollama

from bench.house_prompt import SYSTEM, TOOLS
from tests.support.server import ALICE_KEY, BOB_KEY, Server

MODEL = "smollm2-135m-instruct"
LEAST = 0.95


def reused(server: Server, client: ollama.Client, messages: list[Any]) -> float:
    """The part of a prompt that was not computed again."""
    before = server.engine_health()
    client.chat(
        model=MODEL,
        messages=messages,
        tools=TOOLS[:4],
        options={"num_ctx": 8192, "num_predict": 2},
        keep_alive="-1s",
    )
    after = server.engine_health()
    grown = {name: after[name] - before[name] for name in ("prompt_tokens", "cached_tokens")}
    return float(grown["cached_tokens"] / grown["prompt_tokens"])


def test_from_the_second_turn_on(server: Server) -> None:
    house = ollama.Client(
        host=server.url, headers={"Authorization": f"Bearer {ALICE_KEY}"}, timeout=200
    )
    guest = ollama.Client(
        host=server.url, headers={"Authorization": f"Bearer {BOB_KEY}"}, timeout=200
    )
    first = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": "Turn on the light over the stove"},
    ]
    call = {"function": {"name": "HassTurnOn", "arguments": {"name": "Stove light"}}}
    second = [
        *first,
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": '{"success": true}'},
    ]
    third = [
        *second,
        {"role": "assistant", "content": "It is on."},
        {"role": "user", "content": "And off again"},
    ]
    reused(server, house, first)
    assert reused(server, house, second) >= LEAST
    # Others chat, in as many conversations as there are places, and something is remembered.
    for number in range(4):
        text = f"{number} and {number} are how many? " * 4
        guest.generate(model=MODEL, prompt=text, options={"num_predict": 2})
    server.chat("Hello, how are you?", key=BOB_KEY, conversation_id="guest", max_tokens=2)
    server.chat("I like my tea without sugar", conversation_id="tea", learn=True, max_tokens=2)
    assert reused(server, house, third) >= LEAST
    # Another conversation with the same house.
    other = [first[0], {"role": "user", "content": "Is the front door locked?"}]
    assert reused(server, house, other) >= LEAST
