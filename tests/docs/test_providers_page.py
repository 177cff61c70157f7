"""docs/providers.md says what the page fills in."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.docs.blocks import ROOT, read

PAGE = read("docs/providers.md")


def listed(connector: str) -> list[dict[str, Any]]:
    """The providers that the page fills in."""
    file = ROOT / "pisovereign/connectors" / connector / "providers.toml"
    providers: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["providers"]
    return providers


def row(name: str, part: str) -> list[str]:
    """The cells of a provider's row in a part of the page."""
    section = PAGE.partition(f"\n## {part}")[2].partition("\n## ")[0]
    (line,) = [line for line in section.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("provider", listed("email"), ids=lambda each: str(each["id"]))
def test_mail(provider: dict[str, Any]) -> None:
    cells, values = row(provider["name"], "Mail"), provider.get("values", {})
    if not provider.get("usable", True):
        assert "Cannot be used" in cells[3]
        return
    if "imap_host" not in values:  # a program in one's own network
        assert all(str(values[port]) in cells[3] for port in ("imap_port", "smtp_port"))
        return
    assert cells[1] == f"`{values['imap_host']}`"
    port = f", {values['smtp_port']}" if "smtp_port" in values else ""
    assert cells[2] == f"`{values['smtp_host']}`{port}"
    assert (values.get("smtp_security") == "starttls") is (port == ", 587")
    assert ("save_sent = false" in cells[3]) is (values.get("save_sent") is False)


@pytest.mark.parametrize("provider", listed("calendar"), ids=lambda each: str(each["id"]))
def test_calendars(provider: dict[str, Any]) -> None:
    cells = row(provider["name"], "Calendar")
    if not provider.get("usable", True):
        assert "Cannot be used" in cells[3]
        return
    assert cells[1] == f"`{provider['values']['url']}`"
