"""What owners look at: searches, commands and approvals, counted exactly through known traffic."""

from __future__ import annotations

from collections import Counter

from tests.approvals.conftest import Approvals, approvals
from tests.catalog.conftest import catalog
from tests.metrics.scrape import Series, series
from tests.support.patience import PATIENCE_S
from tests.support.server import AGENT_KEY, BOB_KEY, Server, wait_until

__all__ = ["approvals", "catalog"]


def grown(before: Series, after: Series, *names: str) -> dict[str, float]:
    """What these series gained, by their labels' values; those that gained nothing are left out."""
    found: Counter[str] = Counter()
    for (name, labels), value in after.items():
        if name in names and value != before[name, labels]:
            found[" ".join(value for _, value in labels) or name] += int(
                value - before[name, labels]
            )
    return dict(found)


def test_commands_are_counted_by_type_and_end(approvals: Approvals) -> None:
    server = approvals.server
    made = approvals.catalog.add("echo {what:word}", key=AGENT_KEY)
    failing = approvals.catalog.add_free("false")

    def command(name: str, **args: object) -> None:
        server.request("POST", "/v1/commands", key=AGENT_KEY, json={"command": name, "args": args})

    before = series(server)
    for _ in range(3):
        command("help")
    command("weather")  # nothing is set up for it
    command("no-such-command")  # is none, so none is counted
    server.chat("help")
    command("run", catalog_id=made["id"], arguments={"what": "hello"})
    approvals.catalog.execute(failing)
    after = series(server)
    assert grown(before, after, "commands_total") == {
        "Help completed": 4,
        "CurrentWeather failed": 1,
        "RunCatalogCommand pending_approval": 1,
    }
    assert grown(before, after, "commands_duration_seconds_count") == {
        "commands_duration_seconds_count": 6
    }
    assert grown(before, after, "commands_executed_total") == {"failed": 1}
    assert grown(before, after, "commands_execution_seconds_count") == {
        "commands_execution_seconds_count": 1
    }


def test_approvals_are_counted_by_state(approvals: Approvals) -> None:
    before = series(approvals.server)
    asked = [approvals.ask() for _ in range(4)]
    approvals.decide(asked[0], "approve")
    approvals.decide(asked[0], "approve")  # a conflict, which is no step
    approvals.decide(asked[1], "deny")
    approvals.decide(asked[2], "cancel")
    approvals.decide(asked[3], "deny", key=BOB_KEY)  # not his
    after = series(approvals.server)
    assert grown(before, after, "approvals_total") == {
        "requested": 4,
        "approved": 1,
        "executed": 1,
        "denied": 1,
        "cancelled": 1,
    }
    assert grown(before, after, "approvals_execution_seconds_count") == {
        "approvals_execution_seconds_count": 1
    }


def test_searches_are_counted(server: Server) -> None:
    memory = {"content": "The boiler's code is 4711", "summary": "Boiler code"}
    made = server.request("POST", "/v1/memories", json=memory).json()
    before = series(server)
    found = [
        len(server.request("GET", "/v1/memories/search", params={"q": q, "limit": 3}).json())
        for q in ("boiler code", "the code of the boiler")
    ]
    refused = server.request("GET", "/v1/memories/search", params={"q": ""})
    after = series(server)
    server.request("DELETE", f"/v1/memories/{made['id']}")
    assert refused.status_code == 422
    assert grown(before, after, "memory_searches_total") == {"success": 2}
    assert grown(before, after, "memory_found_total") == {"memory_found_total": sum(found)}
    assert grown(before, after, "memory_search_duration_seconds_count") == {
        "memory_search_duration_seconds_count": 2
    }
    # An answer looks for memories too.
    server.chat("Tell me a tale of a boiler.")
    wait_until(
        lambda: grown(after, series(server), "memory_searches_total") == {"success": 1},
        PATIENCE_S,
        "it",
    )
