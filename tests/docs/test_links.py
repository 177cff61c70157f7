"""What pages and comments refer to exists: pages, headings, and files of the program."""

from __future__ import annotations

import re

import pytest

from tests.docs.blocks import ROOT, read

PAGES = [
    *(path.name for path in sorted(ROOT.glob("*.md"))),
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))),
    *(f"{folder}/README.md" for folder in ("bench", "changes", "image", "native", "systemd")),
]


CODE = ("pisovereign", "native", "bench", "image", "tools", "tests", "docs")
FILES = {
    path.relative_to(ROOT)
    for folder in CODE
    for path in (ROOT / folder).rglob("*.py*")
    if path.suffix in (".py", ".pyx")
}
ENDS = {path.parts[-length:] for path in FILES for length in range(1, len(path.parts) + 1)}


def anchors(markdown: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"(?m)^#+ (.*)$", markdown)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", read(page)):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def named(text: str) -> set[str]:
    """The Python files that a text names in backticks."""
    return set(re.findall(r"`([\w/]+\.pyx?)`", text))


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page: str) -> None:
    assert {name for name in named(read(page)) if tuple(name.split("/")) not in ENDS} == set()


def test_files_that_comments_name_exist() -> None:
    wrong = {
        f"{path}: {name}"
        for path in FILES
        for name in named((ROOT / path).read_text(encoding="utf-8"))
        if tuple(name.split("/")) not in ENDS
    }
    assert wrong == set()
