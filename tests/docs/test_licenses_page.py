"""docs/licenses.md lists what is passed on, and nothing that may not be."""

from __future__ import annotations

import json

import pytest

from tests.docs.blocks import ROOT, read
from tools import third_party
from tools.problem import Problem


def test_the_page_is_up_to_date() -> None:
    page = read("docs/licenses.md")
    assert third_party.render(page) == page, "run: python -m tools.third_party"


def test_every_locked_wheel_and_shipped_package_is_on_it() -> None:
    page = read("docs/licenses.md")
    locked = [
        line.partition("==")[0]
        for line in read("image/requirements.lock").splitlines()
        if "==" in line
    ]
    web = json.loads((ROOT / "pisovereign/web/package.json").read_text())["dependencies"]
    assert len(locked) > 50
    for name in (*locked, *web, "llama-cpp-python"):
        assert f"| {name} |" in page, name


@pytest.mark.parametrize("license_text", ["AGPL-3.0-only", "MIT AND SSPL-1.0", "", "Dual License"])
def test_a_license_that_nobody_looked_at_is_a_problem(
    license_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = third_party.Package("strange", "1.0", license_text)
    monkeypatch.setattr(third_party, "page_packages", lambda: [strange])
    with pytest.raises(Problem, match="strange"):
        third_party.render(read("docs/licenses.md"))


def test_of_alternatives_one_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    either = third_party.Package("either", "1.0", "GPL-3.0-or-later OR Apache-2.0")
    monkeypatch.setattr(third_party, "page_packages", lambda: [either])
    assert "| either | 1.0 |" in third_party.render(read("docs/licenses.md"))
