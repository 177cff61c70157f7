"""An approval is not used up where certainly nothing was done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.approvals.conftest import Approvals


@contextlib.contextmanager
def without_runner(approvals: Approvals) -> Iterator[None]:
    """Let nobody answer where the runner does."""
    path = approvals.server.data_dir / "run" / "runner.sock"
    aside = path.with_suffix(".aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


def test_it_waits_again_while_the_runner_is_away(approvals: Approvals) -> None:
    approval = approvals.ask("echo at last")
    with without_runner(approvals):
        for _ in range(2):
            answer = approvals.decide(approval, "approve")
            assert answer.status_code == 503
            assert "not available" in answer.json()["error"]["message"]
            shown = approvals.get(approval)
            assert (shown["status"], shown["decided_by"], shown["reason"]) == (
                "pending",
                None,
                None,
            )
    done = approvals.decide(approval, "approve").json()
    assert (done["status"], done["result"]["stdout"]) == ("executed", "at last\n")
    steps = ["approved", "returned"] * 2
    assert approvals.events(approval) == ["requested", *steps, "approved", "executed"]
    assert approvals.verify()["intact"]


def test_it_can_be_denied_after_that(approvals: Approvals) -> None:
    approval = approvals.ask()
    with without_runner(approvals):
        assert approvals.decide(approval, "approve").status_code == 503
    assert approvals.decide(approval, "deny").json()["status"] == "denied"
    assert approvals.decide(approval, "approve").status_code == 409
