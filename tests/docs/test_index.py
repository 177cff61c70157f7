"""docs/index.md leads to every page."""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT, read

INDEX = read("docs/index.md")
ELSEWHERE = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md")
FOLDERS = ("bench", "changes", "image", "native", "systemd")


def test_every_page_is_linked_and_in_the_menu() -> None:
    pages = {f"../{name}" for name in ELSEWHERE}
    pages |= {f"../{folder}/README.md" for folder in FOLDERS}
    pages |= {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    pages |= {"decisions/README.md", "monitoring/README.md"}
    linked = re.findall(r"^\| \[[^\]]+\]\(([^)]+)\) \|", INDEX, re.MULTILINE)
    assert sorted(linked) == sorted(pages)
    menu = re.findall(r"^[\w./-]+$", INDEX.partition("```{toctree}")[2], re.MULTILINE)
    assert [f"{name}.md" for name in menu] == linked
