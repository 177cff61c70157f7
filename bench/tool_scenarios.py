"""Scenarios of several steps with a real small model, through the running program.

    python -m bench.tool_scenarios --model qwen2.5-coder-1.5b-instruct --show

Each is judged by what is in the database afterwards: what was called, what waits for an approval,
and what has changed, before anybody approved and after. `bench/data/tool_scenarios.toml` says what
is said and what has to come of it; tests let a scripted model go through the same.
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import msgspec
import requests

from bench.environment import describe
from bench.small_models import SMALL_MODELS, with_models
from tests.support.server import Server

DATA = Path(__file__).parent / "data" / "tool_scenarios.toml"
LIST = "shopping"
LIMIT_S = "300"


class Step(msgspec.Struct, frozen=True):
    """What a model does that does it rightly: calls a tool, or says something."""

    text: str = ""
    tool: str = ""
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scenario.

    Attributes:
        calls: The tools that have to give something; an empty list: none may be called.
        failed: The tools that have to be called, and fail.
        approvals: Words, one for each approval that has to wait, in its text.
        list_items: Words of what has to be on the shopping list once all of that is approved.
        question: Whether the answer has to ask something.
    """

    name: str
    language: str
    message: str
    script: list[Step]
    seed_memories: list[str] = []
    seed_items: list[str] = []
    seed_reminders: list[str] = []
    calls: list[str] | None = None
    failed: list[str] = []
    approvals: list[str] = []
    list_items: list[str] = []
    question: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """What came of a scenario.

    Attributes:
        faults: What is wrong; empty if nothing is.
        unapproved: Effects that nobody has approved.
        answer: What was answered.
        used: The tools that were called, each with how it ended.
    """

    faults: list[str]
    unapproved: int
    answer: str
    used: list[str]


class Api(Protocol):
    """A running program."""

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request with a key."""
        ...


def load_scenarios() -> list[Scenario]:
    """Return all scenarios."""
    found = tomllib.loads(DATA.read_text(encoding="utf-8"))["scenarios"]
    return msgspec.convert(found, list[Scenario])


def play(api: Api, scenario: Scenario) -> Verdict:
    """Put what the scenario needs in place, say what is said, and judge what came of it."""
    _clear(api)
    _seed(api, scenario)
    before = _state(api)
    body = {
        "message": scenario.message,
        "conversation_id": f"scenario-{uuid4()}",
        "temperature": 0.0,
        "max_tokens": 300,
        "learn": False,
    }
    response = api.request("POST", "/v1/chat", json=body, timeout=float(LIMIT_S) * 4)
    if response.status_code != 200:
        return Verdict([f"the server answered {response.status_code}"], 0, response.text, [])
    answer: dict[str, Any] = response.json()
    uses: list[dict[str, Any]] = answer.get("tools") or []
    unapproved = sum(a != b for a, b in zip(before, _state(api), strict=True))
    waiting: list[dict[str, Any]] = _get(api, "/v1/approvals?status=pending")
    faults = [
        *_called(scenario, uses),
        *_waits(scenario, waiting),
        *(
            ["the answer asks nothing"]
            if scenario.question and "?" not in answer["content"]
            else []
        ),
        *(["the answer is empty"] if not answer["content"].strip() else []),
        *(["the answer is a call"] if '"arguments"' in answer["content"] else []),
        *(["something changed without an approval"] if unapproved else []),
    ]
    for approval in waiting:
        api.request("POST", f"/v1/approvals/{approval['id']}/approve", json={})
    faults += _listed(api, scenario)
    used = [f"{use['name']}({use['arguments']}): {use['status']}" for use in uses]
    return Verdict(faults, unapproved, answer["content"], used)


def _called(scenario: Scenario, uses: list[dict[str, Any]]) -> list[str]:
    faults = []
    done = {use["name"] for use in uses if use["status"] == "completed"}
    failed = {use["name"] for use in uses if use["status"] == "failed"}
    if scenario.calls == [] and uses:
        faults.append("a tool was called")
    faults += [f"{name} was not called" for name in scenario.calls or () if name not in done]
    faults += [f"{name} did not fail" for name in scenario.failed if name not in failed]
    return faults


def _waits(scenario: Scenario, waiting: list[dict[str, Any]]) -> list[str]:
    if len(waiting) != len(scenario.approvals):
        return [f"{len(waiting)} approvals wait in place of {len(scenario.approvals)}"]
    texts = [f"{one['title']} {one['details']}".casefold() for one in waiting]
    return [
        f"no approval is about {word}"
        for word in scenario.approvals
        if not any(word in text for text in texts)
    ]


def _listed(api: Api, scenario: Scenario) -> list[str]:
    items = [str(text).casefold() for text in _items(api)]
    return [
        f"{word} is not on the list after the approval"
        for word in scenario.list_items
        if not any(word in item for item in items)
    ]


def _seed(api: Api, scenario: Scenario) -> None:
    for text in scenario.seed_memories:
        _made(api, "/v1/memories", {"content": text, "summary": text, "memory_type": "fact"})
    for title in scenario.seed_reminders:
        _made(api, "/v1/reminders", {"title": title, "remind_at": "2099-07-01T09:00:00Z"})
    if scenario.seed_items:
        made = _made(api, "/v1/lists", {"name": LIST})
        for text in scenario.seed_items:
            _made(api, f"/v1/lists/{made['id']}/items", {"items": [text]})


def _clear(api: Api) -> None:
    """Remove what an earlier scenario left."""
    api.request("DELETE", "/v1/memories?confirm=all")
    for kind in ("reminders", "lists"):
        for one in _get(api, f"/v1/{kind}"):
            api.request("DELETE", f"/v1/{kind}/{one['id']}")
    for one in _get(api, "/v1/approvals?status=pending"):
        api.request("POST", f"/v1/approvals/{one['id']}/cancel", json={})


def _state(api: Api) -> tuple[Any, ...]:
    """Return what a tool could have changed."""
    memories = sorted(one["id"] for one in _get(api, "/v1/memories?limit=100"))
    reminders = sorted((one["id"], one["status"]) for one in _get(api, "/v1/reminders"))
    return memories, reminders, sorted(map(str, _items(api)))


def _items(api: Api) -> list[Any]:
    found: list[Any] = []
    for one in _get(api, "/v1/lists"):
        whole = _get(api, f"/v1/lists/{one['id']}")
        found += [item["text"] for item in whole["items"]]
    return found


def _get(api: Api, path: str) -> Any:
    response = api.request("GET", path)
    response.raise_for_status()
    return response.json()


def _made(api: Api, path: str, body: dict[str, Any]) -> Any:
    response = api.request("POST", path, json=body)
    response.raise_for_status()
    return response.json()


def main() -> None:
    parser = argparse.ArgumentParser(description="Scenarios of several steps with tools.")
    parser.add_argument("--model", choices=list(SMALL_MODELS), default=list(SMALL_MODELS)[-1])
    parser.add_argument("--language", choices=("en", "de"), default="", help="only those")
    parser.add_argument("--show", action="store_true", help="print calls and answers")
    options: Any = parser.parse_args()
    model = SMALL_MODELS[options.model]
    print(msgspec.json.encode(describe()).decode())
    good = unapproved = 0
    chosen = [one for one in load_scenarios() if options.language in ("", one.language)]
    with with_models(model) as models, tempfile.TemporaryDirectory(prefix="pisov-scen-") as data:
        server = Server(
            Path(data) / "data",
            models,
            PISOVEREIGN_INFERENCE__MODEL=model.id,
            PISOVEREIGN_INFERENCE__TIMEOUT_S=LIMIT_S,
            PISOVEREIGN_CHAT__TOOLS="on",
            PISOVEREIGN_CACHE__ANSWERS_S="0",
            PISOVEREIGN_MEMORY__LEARN="false",
            PISOVEREIGN_SECURITY__RATE_LIMIT_RPM="100000",
        )
        try:
            server.start()
            for scenario in chosen:
                verdict = play(server, scenario)
                good += not verdict.faults
                unapproved += verdict.unapproved
                said = "right" if not verdict.faults else "; ".join(verdict.faults)
                print(f"{scenario.language} {scenario.name}: {said}", flush=True)
                if options.show:
                    print("\n".join(f"    {line}" for line in (*verdict.used, verdict.answer)))
        finally:
            server.remove()
    print(f"{model.id}: {good} of {len(chosen)} right, {unapproved} effects without approval")


if __name__ == "__main__":
    main()
